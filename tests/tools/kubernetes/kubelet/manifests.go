// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package kubelet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/component-base/version"
	"sigs.k8s.io/yaml"
)

const (
	// programs has a folder for each version of Kubernetes.
	programs = "/usr/lib/kubernetes"
	prefix   = "static-"
)

// static is a static pod: hash is that of its manifest, running whether its program runs.
type static struct {
	pod     v1.Pod
	hash    string
	running bool
}

// manifests runs the static pods of a folder, each by a unit of systemd whose description is the manifest's hash, so
// that they outlive the kubelet as containers do.
type manifests struct {
	folder string
	lock   sync.Mutex
	found  []static
}

func newManifests(folder string) *manifests {
	return &manifests{folder: folder}
}

// pods are those of the last look.
func (m *manifests) pods() []static {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.found
}

// run looks once: it starts what is new, and ends what is gone or has another hash.
func (m *manifests) run(ctx context.Context) {
	var found []static
	running := units(ctx)
	files, _ := filepath.Glob(filepath.Join(m.folder, "*.yaml"))
	for _, file := range files {
		next, err := load(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, file, err)
			continue
		}
		name := unit(next.pod.Name)
		if before := running[name]; before.hash == next.hash {
			next.running = before.active
		} else if err := start(ctx, next); err != nil {
			fmt.Fprintln(os.Stderr, file, err)
		}
		delete(running, name)
		found = append(found, next)
	}
	for name := range running {
		systemctl(ctx, "stop", name)
	}
	m.lock.Lock()
	m.found = found
	m.lock.Unlock()
}

func load(file string) (static, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return static{}, err
	}
	digest := sha256.Sum256(text)
	found := static{hash: hex.EncodeToString(digest[:16])}
	if err := yaml.UnmarshalStrict(text, &found.pod); err != nil {
		return static{}, err
	}
	if len(found.pod.Spec.Containers) != 1 {
		return static{}, fmt.Errorf("a static pod has one container here")
	}
	return found, nil
}

// start runs the program of a static pod, in place of one with another hash.
func start(ctx context.Context, next static) error {
	name := unit(next.pod.Name)
	systemctl(ctx, "stop", name)
	container := next.pod.Spec.Containers[0]
	command := append(container.Command, container.Args...)
	program := program(container.Image, command[0])
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("no such image: %w", err)
	}
	options := []string{
		"--quiet", "--collect", "--unit=" + name, "--description=" + next.hash, "--property=Restart=always",
		"--property=RestartSec=1", "--property=StartLimitIntervalSec=0", "--property=TimeoutStopSec=20", program,
	}
	output, err := exec.CommandContext(ctx, "systemd-run", append(options, command[1:]...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

// program is the file of an image's program: of Kubernetes itself by the image's tag; etcd comes with each version.
func program(image, name string) string {
	_, tag, _ := strings.Cut(filepath.Base(image), ":")
	if name == "etcd" {
		tag = version.Get().GitVersion
	}
	return filepath.Join(programs, tag, name)
}

func unit(pod string) string {
	return prefix + pod + ".service"
}

// started is the unit of a static pod: the hash of its manifest, and whether it runs.
type started struct {
	hash   string
	active bool
}

func units(ctx context.Context) map[string]started {
	found := map[string]started{}
	listed := systemctl(ctx, "show", "--all", "--property=Id,Description,ActiveState", prefix+"*")
	for _, paragraph := range strings.Split(listed, "\n\n") {
		values := map[string]string{}
		for _, line := range strings.Split(paragraph, "\n") {
			name, value, _ := strings.Cut(line, "=")
			values[name] = value
		}
		if name := values["Id"]; name != "" {
			found[name] = started{hash: values["Description"], active: values["ActiveState"] == "active"}
		}
	}
	return found
}

func systemctl(ctx context.Context, arguments ...string) string {
	output, _ := exec.CommandContext(ctx, "systemctl", arguments...).Output()
	return strings.TrimSpace(string(output))
}
