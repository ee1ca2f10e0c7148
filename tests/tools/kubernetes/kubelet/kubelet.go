// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Package kubelet is a stand-in for the kubelet. With the credentials of the real one it registers its Node, reports
// its state, and ends the pods that are deleted. Static pods run as units of systemd; other pods only say that they
// run. It knows the faults that a wrong order of an upgrade makes, see faults.go, and is then not ready.
package kubelet

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap"
	"sigs.k8s.io/yaml"
)

const (
	certificates = "/var/lib/kubelet/pki"
	healthz      = "127.0.0.1:10248"
	period       = 500 * time.Millisecond
)

// settings are those of the kubelet's configuration file and arguments that matter here.
type settings struct {
	StaticPodPath string `json:"staticPodPath"`

	name       string
	address    string
	taints     string
	kubeconfig string
	bootstrap  string
}

func read(arguments []string) (settings, error) {
	given := map[string]string{}
	for _, argument := range arguments {
		name, value, _ := strings.Cut(argument, "=")
		given[strings.TrimLeft(name, "-")] = value
	}
	found := settings{
		name:       given["hostname-override"],
		address:    given["node-ip"],
		taints:     given["register-with-taints"],
		kubeconfig: given["kubeconfig"],
		bootstrap:  given["bootstrap-kubeconfig"],
	}
	if found.name == "" {
		host, err := os.Hostname()
		if err != nil {
			return found, err
		}
		found.name = strings.ToLower(host)
	}
	text, err := os.ReadFile(given["config"])
	if err != nil {
		return found, fmt.Errorf("failed to load kubelet config file: %w", err)
	}
	return found, yaml.Unmarshal(text, &found)
}

// Run runs until it is stopped.
func Run(arguments []string) error {
	if len(arguments) == 1 && arguments[0] == "--version" {
		fmt.Println("Kubernetes", version.Get().GitVersion)
		return nil
	}
	found, err := read(arguments)
	if err != nil {
		return err
	}
	ctx := context.Background()
	go answer()
	manifests := newManifests(found.StaticPodPath)
	go func() {
		for ; ; time.Sleep(period) {
			manifests.run(ctx)
		}
	}()
	client, err := connect(ctx, found)
	if err != nil {
		return err
	}
	member := &node{client: client, settings: found, manifests: manifests}
	for ; ; time.Sleep(period) {
		if err := member.sync(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

// answer serves what kubeadm waits for.
func answer() {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	fmt.Fprintln(os.Stderr, http.ListenAndServe(healthz, mux))
}

// connect asks for a certificate with the bootstrap token when there is none yet.
func connect(ctx context.Context, found settings) (kubernetes.Interface, error) {
	if found.bootstrap != "" {
		name := types.NodeName(found.name)
		if err := bootstrap.LoadClientCert(ctx, found.kubeconfig, found.bootstrap, certificates, name); err != nil {
			return nil, err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", found.kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Timeout = 10 * time.Second
	return kubernetes.NewForConfig(config)
}
