// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The programs of Kubernetes in one, by the name that it is called by: linked once for each version that the tests
// want, it saves five programs a version. All are the real ones but the kubelet.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmutil "k8s.io/kubernetes/cmd/kubeadm/app/util/errors"

	"flatops.flatcar/kubernetes/containerd"
	"flatops.flatcar/kubernetes/kubelet"
)

// unverified lets kubeadm accept a machine without controllers of cgroups, as a container may be.
const unverified = "--ignore-preflight-errors=SystemVerification"

// preparing are the commands of kubeadm that leave a node ready for the kubelet of their version.
var preparing = []string{"init", "join", "upgrade apply", "upgrade node"}

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kubeadm":
		prepares := prepares(os.Args[1:])
		again := strings.HasPrefix(strings.Join(os.Args[1:], " "), "upgrade apply") && kubelet.Applied(context.Background())
		if prepares {
			os.Args = append(os.Args, unverified)
		}
		kubeadmutil.HandleError(kubeadm.Run())
		if prepares {
			end(kubelet.Prepared(again))
		}
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			kubectlutil.CheckErr(err)
		}
	case "kubelet":
		end(kubelet.Run(os.Args[1:]))
	case "containerd":
		end(containerd.Run())
	default:
		end(fmt.Errorf("%s is no program of Kubernetes", name))
	}
}

// prepares is whether the words of a command line begin with those of such a command, and are no trial or single phase.
func prepares(arguments []string) bool {
	line := strings.Join(arguments, " ") + " "
	for _, command := range preparing {
		rest, ok := strings.CutPrefix(line, command+" ")
		if ok && !strings.HasPrefix(rest, "phase ") && !strings.Contains(rest, "--dry-run ") {
			return true
		}
	}
	return false
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
