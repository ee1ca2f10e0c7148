// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package kubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	networks     = "/etc/cni/net.d"
	hashes       = "kubernetes.io/config.hash"
	sources      = "kubernetes.io/config.source"
	installation = `{"cniVersion": "1.0.0", "name": "stand-in", "plugins": [{"type": "bridge"}]}` + "\n"
)

// pods are those that are bound to the node.
func (n *node) pods(ctx context.Context) ([]v1.Pod, error) {
	selector := metav1.ListOptions{FieldSelector: "spec.nodeName=" + n.name}
	found, err := n.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

func mirrored(pod v1.Pod) bool {
	return pod.Annotations[v1.MirrorPodAnnotationKey] != ""
}

// mirror shows the static pods in the cluster.
func (n *node) mirror(ctx context.Context, owner *v1.Node, pods []v1.Pod) error {
	wanted := map[string]static{}
	for _, next := range n.manifests.pods() {
		wanted[next.pod.Name+"-"+n.name] = next
	}
	for i, pod := range pods {
		if !mirrored(pod) {
			continue
		}
		next, ok := wanted[pod.Name]
		if !ok || next.hash != pod.Annotations[hashes] {
			return n.remove(ctx, pod)
		}
		delete(wanted, pod.Name)
		if err := n.say(ctx, &pods[i], next.running); err != nil {
			return err
		}
	}
	for name, next := range wanted {
		made := next.pod.DeepCopy()
		made.Name = name
		made.Spec.NodeName = n.name
		made.Annotations = map[string]string{}
		for key, value := range next.pod.Annotations {
			made.Annotations[key] = value
		}
		made.Annotations[v1.MirrorPodAnnotationKey] = next.hash
		made.Annotations[hashes] = next.hash
		made.Annotations[sources] = "file"
		made.OwnerReferences = []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "Node", Name: owner.Name, UID: owner.UID, Controller: ptr.To(true)},
		}
		if _, err := n.client.CoreV1().Pods(made.Namespace).Create(ctx, made, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// attend does for a pod what a kubelet does: it runs, or ends.
func (n *node) attend(ctx context.Context, pod v1.Pod) error {
	switch {
	case pod.DeletionTimestamp != nil:
		return n.remove(ctx, pod)
	case mirrored(pod) || pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed:
		return nil
	}
	if err := install(pod); err != nil {
		return err
	}
	if owner := metav1.GetControllerOf(&pod); owner != nil && owner.Kind == "Job" {
		return n.finish(ctx, &pod)
	}
	return n.say(ctx, &pod, true)
}

// finish says that a pod has done its work, as those of jobs do at once.
func (n *node) finish(ctx context.Context, pod *v1.Pod) error {
	pod.Status.Phase = v1.PodSucceeded
	_, err := n.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}

// install is what the pods of a network do: a pod that has the folder of the network's configuration writes one.
func install(pod v1.Pod) error {
	for _, volume := range pod.Spec.Volumes {
		if volume.HostPath != nil && filepath.Clean(volume.HostPath.Path) == networks {
			if err := os.MkdirAll(networks, 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(networks, "10-stand-in.conflist"), []byte(installation), 0o644)
		}
	}
	return nil
}

func (n *node) remove(ctx context.Context, pod v1.Pod) error {
	options := metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0), Preconditions: metav1.NewUIDPreconditions(string(pod.UID))}
	err := n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
	if errors.IsNotFound(err) || errors.IsConflict(err) {
		return nil
	}
	return err
}

// say reports whether a pod runs.
func (n *node) say(ctx context.Context, pod *v1.Pod, running bool) error {
	status := *pod.Status.DeepCopy()
	state := v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "ErrImagePull"}}
	status.Phase, status.HostIP, status.PodIP = v1.PodPending, n.ip(), n.ip()
	ready := v1.ConditionFalse
	if status.StartTime == nil {
		status.StartTime = ptr.To(metav1.Now())
	}
	if running {
		state = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: *status.StartTime}}
		status.Phase, ready = v1.PodRunning, v1.ConditionTrue
	}
	if !pod.Spec.HostNetwork {
		status.PodIP = address(pod)
	}
	status.HostIPs, status.PodIPs = []v1.HostIP{{IP: status.HostIP}}, []v1.PodIP{{IP: status.PodIP}}
	for _, kind := range []v1.PodConditionType{v1.PodInitialized, v1.ContainersReady, v1.PodReady} {
		status.Conditions = condition(status.Conditions, kind, ready)
	}
	status.ContainerStatuses = nil
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, v1.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: container.Image, State: state, Ready: running,
			Started: &running,
		})
	}
	if equality.Semantic.DeepEqual(status, pod.Status) {
		return nil
	}
	pod.Status = status
	_, err := n.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	if errors.IsNotFound(err) || errors.IsConflict(err) {
		return nil
	}
	return err
}

func condition(conditions []v1.PodCondition, kind v1.PodConditionType, status v1.ConditionStatus) []v1.PodCondition {
	for i, found := range conditions {
		if found.Type == kind {
			if found.Status != status {
				conditions[i].Status, conditions[i].LastTransitionTime = status, metav1.Now()
			}
			return conditions
		}
	}
	return append(conditions, v1.PodCondition{Type: kind, Status: status, LastTransitionTime: metav1.Now()})
}

// address is one of the pod's own, which nobody reaches.
func address(pod *v1.Pod) string {
	var sum uint16
	for _, letter := range []byte(pod.UID) {
		sum = sum*31 + uint16(letter)
	}
	return fmt.Sprintf("10.244.%d.%d", sum>>8, sum&0xff)
}
