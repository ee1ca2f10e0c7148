// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package kubelet

import (
	"context"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	coordination "k8s.io/api/coordination/v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
	"k8s.io/utils/ptr"

	"flatops.flatcar/kubernetes/containerd"
)

const (
	// heartbeat is how often the lease is renewed and the state is told though it is the same.
	heartbeat = 2 * time.Second
	leases    = "kube-node-lease"
)

// node is the kubelet's Node in the cluster.
type node struct {
	settings
	client     kubernetes.Interface
	manifests  *manifests
	registered bool
	faults     faults
	told       time.Time
}

// sync does one round. The Node is made once: one that is deleted later comes back when the kubelet starts again.
func (n *node) sync(ctx context.Context) error {
	found, err := n.client.CoreV1().Nodes().Get(ctx, n.name, metav1.GetOptions{})
	if errors.IsNotFound(err) && !n.registered {
		found, err = n.client.CoreV1().Nodes().Create(ctx, n.object(), metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	pods, err := n.pods(ctx)
	if err != nil {
		return err
	}
	if !n.registered {
		n.faults.remember(found, pods)
		n.registered = true
	}
	if err := n.mirror(ctx, found, pods); err != nil {
		return err
	}
	for _, pod := range pods {
		if err := n.attend(ctx, pod); err != nil {
			return err
		}
	}
	return n.tell(ctx, found, pods)
}

// object is the Node as it registers.
func (n *node) object() *v1.Node {
	labels := map[string]string{v1.LabelHostname: n.name, v1.LabelOSStable: "linux", v1.LabelArchStable: runtime.GOARCH}
	made := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: labels}}
	for _, taint := range strings.Split(n.taints, ",") {
		if key, effect, ok := strings.Cut(taint, ":"); ok {
			key, value, _ := strings.Cut(key, "=")
			made.Spec.Taints = append(made.Spec.Taints, v1.Taint{Key: key, Value: value, Effect: v1.TaintEffect(effect)})
		}
	}
	return made
}

// tell reports the state when it has changed, and from time to time.
func (n *node) tell(ctx context.Context, found *v1.Node, pods []v1.Pod) error {
	status := n.status(ctx, found, pods)
	due := time.Since(n.told) > heartbeat
	if equality.Semantic.DeepEqual(status, found.Status) && !due {
		return nil
	}
	for i := range status.Conditions {
		status.Conditions[i].LastHeartbeatTime = metav1.Now()
	}
	found.Status = status
	if _, err := n.client.CoreV1().Nodes().UpdateStatus(ctx, found, metav1.UpdateOptions{}); err != nil {
		return err
	}
	n.told = time.Now()
	return n.renew(ctx)
}

func (n *node) renew(ctx context.Context) error {
	now := metav1.NewMicroTime(time.Now())
	held := n.client.CoordinationV1().Leases(leases)
	lease, err := held.Get(ctx, n.name, metav1.GetOptions{})
	if errors.IsNotFound(err) {
		lease = &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Name: n.name, Namespace: leases}}
		lease.Spec = coordination.LeaseSpec{HolderIdentity: &n.name, LeaseDurationSeconds: ptr.To[int32](40), RenewTime: &now}
		_, err = held.Create(ctx, lease, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec.RenewTime = &now
	_, err = held.Update(ctx, lease, metav1.UpdateOptions{})
	return err
}

func (n *node) status(ctx context.Context, found *v1.Node, pods []v1.Pod) v1.NodeStatus {
	status := *found.Status.DeepCopy()
	status.Capacity = v1.ResourceList{
		v1.ResourceCPU:    resource.MustParse("4"),
		v1.ResourceMemory: resource.MustParse("8Gi"),
		v1.ResourcePods:   resource.MustParse("110"),
	}
	status.Allocatable = status.Capacity
	status.Addresses = []v1.NodeAddress{
		{Type: v1.NodeInternalIP, Address: n.ip()}, {Type: v1.NodeHostName, Address: n.name},
	}
	status.NodeInfo = v1.NodeSystemInfo{
		MachineID:               text("/etc/machine-id"),
		BootID:                  text(bootID),
		KernelVersion:           text("/proc/sys/kernel/osrelease"),
		OSImage:                 release(),
		ContainerRuntimeVersion: containerd.Name + "://" + containerd.Version,
		KubeletVersion:          version.Get().GitVersion,
		OperatingSystem:         "linux",
		Architecture:            runtime.GOARCH,
	}
	ready := v1.NodeCondition{
		Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status",
	}
	if reason, message := n.faults.look(ctx, n.client, pods); reason != "" {
		ready.Status, ready.Reason, ready.Message = v1.ConditionFalse, reason, message
	}
	status.Conditions = with(status.Conditions, ready)
	return status
}

// with sets a condition, which keeps the times of the one that says the same.
func with(conditions []v1.NodeCondition, next v1.NodeCondition) []v1.NodeCondition {
	next.LastTransitionTime = metav1.Now()
	var found []v1.NodeCondition
	for _, condition := range conditions {
		if condition.Type != next.Type {
			found = append(found, condition)
			continue
		}
		next.LastHeartbeatTime = condition.LastHeartbeatTime
		if condition.Status == next.Status {
			next.LastTransitionTime = condition.LastTransitionTime
		}
	}
	return append(found, next)
}

// ip is the address that was given, or the first that is not of this machine alone.
func (n *node) ip() string {
	if n.address != "" {
		return n.address
	}
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if found, ok := address.(*net.IPNet); ok && found.IP.To4() != nil && !found.IP.IsLoopback() {
			return found.IP.String()
		}
	}
	return ""
}

// release is the name of the operating system, which newer releases write in quotes.
func release() string {
	for _, line := range strings.Split(text("/etc/os-release"), "\n") {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(name, `"`)
		}
	}
	return ""
}

func text(file string) string {
	found, _ := os.ReadFile(file)
	return strings.TrimSpace(string(found))
}
