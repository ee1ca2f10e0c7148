// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Package containerd is a stand-in for containerd that has every image and runs nothing: what kubeadm asks for.
package containerd

import (
	"context"
	"net"
	"os"

	"google.golang.org/grpc"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const (
	// Name and Version are what nodes report as their runtime.
	Name    = "containerd"
	Version = "2.1.4"
	socket  = "/run/containerd/containerd.sock"
)

type server struct {
	runtime.UnimplementedRuntimeServiceServer
	runtime.UnimplementedImageServiceServer
}

func (server) Version(context.Context, *runtime.VersionRequest) (*runtime.VersionResponse, error) {
	return &runtime.VersionResponse{
		Version: "0.1.0", RuntimeName: Name, RuntimeVersion: Version, RuntimeApiVersion: "v1",
	}, nil
}

func (server) Status(context.Context, *runtime.StatusRequest) (*runtime.StatusResponse, error) {
	conditions := []*runtime.RuntimeCondition{
		{Type: runtime.RuntimeReady, Status: true},
		{Type: runtime.NetworkReady, Status: true},
	}
	return &runtime.StatusResponse{Status: &runtime.RuntimeStatus{Conditions: conditions}}, nil
}

func (server) ImageStatus(_ context.Context, asked *runtime.ImageStatusRequest) (*runtime.ImageStatusResponse, error) {
	name := asked.GetImage().GetImage()
	return &runtime.ImageStatusResponse{Image: &runtime.Image{Id: name, RepoTags: []string{name}, Size: 1}}, nil
}

func (server) ImageFsInfo(context.Context, *runtime.ImageFsInfoRequest) (*runtime.ImageFsInfoResponse, error) {
	return &runtime.ImageFsInfoResponse{}, nil
}

func (server) ListPodSandbox(
	context.Context, *runtime.ListPodSandboxRequest,
) (*runtime.ListPodSandboxResponse, error) {
	return &runtime.ListPodSandboxResponse{}, nil
}

// Run serves at containerd's socket.
func Run() error {
	if err := os.MkdirAll("/run/containerd", 0o711); err != nil {
		return err
	}
	if err := os.RemoveAll(socket); err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	grpcServer := grpc.NewServer()
	runtime.RegisterRuntimeServiceServer(grpcServer, server{})
	runtime.RegisterImageServiceServer(grpcServer, server{})
	return grpcServer.Serve(listener)
}
