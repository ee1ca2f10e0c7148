// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package kubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	component "k8s.io/component-base/version"
)

const (
	bootID = "/proc/sys/kernel/random/boot_id"
	// prepared holds the version of the kubeadm that has last prepared the node, see Prepared.
	prepared = "/var/lib/kubelet/prepared-by"
	// cut holds the pods that a reboot has cut off, until the next one.
	cut = "/run/kubelet-cut"
	// apiServer is the manifest that says which version the node's API server has.
	apiServer = "/etc/kubernetes/manifests/kube-apiserver.yaml"
	// appliedTwice is why a control plane is not ready that has run the command of the first one.
	appliedTwice = "AppliedTwice"
)

// faults are the consequences of a wrong order. A real kubelet may come through them, or not; this one is not ready.
type faults struct {
	cut []types.UID
}

// Prepared notes that kubeadm has set up or upgraded the node: init, join, upgrade apply, upgrade node. again is whether
// that was a second `upgrade apply`.
func Prepared(again bool) error {
	if err := os.MkdirAll(filepath.Dir(prepared), 0o755); err != nil {
		return err
	}
	note := component.Get().GitVersion
	if again {
		note += " " + appliedTwice
	}
	return os.WriteFile(prepared, []byte(note+"\n"), 0o644)
}

// Applied is whether `upgrade apply` has brought the cluster to this version on another node: then it is the turn of
// `upgrade node`.
func Applied(ctx context.Context) bool {
	ours := component.Get().GitVersion
	if strings.Contains(text(apiServer), ":"+ours+"\n") {
		return false
	}
	config, err := clientcmd.BuildConfigFromFlags("", "/etc/kubernetes/admin.conf")
	if err != nil {
		return false
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return false
	}
	found, err := client.CoreV1().ConfigMaps("kube-system").Get(ctx, "kubeadm-config", metav1.GetOptions{})
	return err == nil && strings.Contains(found.Data["ClusterConfiguration"], "kubernetesVersion: "+ours+"\n")
}

// remember finds the pods that were on the node when it was rebooted, which a drain would have moved elsewhere.
func (f *faults) remember(found *v1.Node, pods []v1.Pod) {
	before := found.Status.NodeInfo.BootID
	if before != "" && before != text(bootID) {
		var names []string
		for _, pod := range pods {
			if pod.Status.Phase == v1.PodRunning && pod.DeletionTimestamp == nil && drained(pod) {
				names = append(names, string(pod.UID))
			}
		}
		os.WriteFile(cut, []byte(strings.Join(names, "\n")), 0o644)
	}
	for _, name := range strings.Fields(text(cut)) {
		f.cut = append(f.cut, types.UID(name))
	}
}

// drained is whether a drain moves the pod.
func drained(pod v1.Pod) bool {
	owner := metav1.GetControllerOf(&pod)
	return !mirrored(pod) && (owner == nil || owner.Kind != "DaemonSet")
}

// look returns why the node is not ready, if it is not.
func (f *faults) look(ctx context.Context, client kubernetes.Interface, pods []v1.Pod) (string, string) {
	ours := version.MustParse(component.Get().GitVersion)
	if info, err := client.Discovery().ServerVersion(); err == nil {
		server := version.MustParse(info.GitVersion)
		if ours.Minor() > server.Minor() {
			return "KubeletTooNew", fmt.Sprintf("kubelet %s is newer than the API server %s", ours, server)
		}
	}
	by, again, _ := strings.Cut(text(prepared), " ")
	if again != "" {
		return again, "another node had applied the upgrade; this one was to follow it"
	}
	if by != "" && version.MustParse(by).Minor() < ours.Minor() {
		return "NodeNotUpgraded", fmt.Sprintf("kubelet %s runs where kubeadm %s was the last to prepare the node", ours, by)
	}
	for _, pod := range pods {
		if slices.Contains(f.cut, pod.UID) {
			return "PodsNotDrained", fmt.Sprintf("the reboot has cut off pod %s/%s", pod.Namespace, pod.Name)
		}
	}
	if files, _ := filepath.Glob(networks + "/*"); len(files) == 0 {
		return "KubeletNotReady", "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
	}
	return "", ""
}
