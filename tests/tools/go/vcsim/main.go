// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// vcsim serves govmomi's simulator of a vCenter, or of a host without one, by TLS at a free port of 127.0.0.1.
//
// When it serves it prints a line of JSON that says where, and it ends when its standard input does. The released
// program is a Go module of its own, which the module proxy does not have.
package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// place is what a client has to know: ca is the server's certificate, which is its own CA, as PEM; proxyPort that of
// an HTTP proxy on the same host that leads to the server.
type place struct {
	Host      string `json:"host"`
	Port      int    `json:"port"`
	CA        string `json:"ca"`
	ProxyPort int    `json:"proxy_port"`
}

// deny lets calls of a method fail because the user lacks a privilege; what is METHOD=PRIVILEGE.
func deny(model *simulator.Model, what string) {
	name, privilege, _ := strings.Cut(what, "=")
	model.Map().Handler = func(_ *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if method.Name != name {
			return nil, nil
		}
		return nil, &types.NoPermission{Object: &method.This, PrivilegeId: privilege}
	}
}

// proxy serves an HTTP proxy that leads to host, and returns its port.
//
// The simulator's own answers before it has taken the connection over: a client that is quicker loses a byte there, and
// then waits for ever, since the proxy does not pass on that the server has closed the connection.
func proxy(host string) (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		server, err := net.Dial("tcp", host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			server.Close()
			return
		}
		fmt.Fprint(client, "HTTP/1.1 200 OK\r\n\r\n")
		pass := func(to, from net.Conn) {
			io.Copy(to, from)
			to.Close()
			from.Close()
		}
		go pass(client, server)
		go pass(server, client)
	}))
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func serve(model *simulator.Model, user *url.Userinfo, denied string) error {
	if err := model.Create(); err != nil {
		return err
	}
	defer model.Remove()
	if denied != "" {
		deny(model, denied)
	}
	model.Service.TLS = new(tls.Config)
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: user}
	server := model.Service.NewServer()
	defer server.Close()
	port, err := strconv.Atoi(server.URL.Port())
	if err != nil {
		return err
	}
	proxyPort, err := proxy(server.URL.Host)
	if err != nil {
		return err
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	found := place{Host: server.URL.Hostname(), Port: port, CA: string(ca), ProxyPort: proxyPort}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func main() {
	model := simulator.VPX()
	esx := flag.Bool("esx", false, "a host without vCenter, to which the numbers do not apply")
	username := flag.String("username", "", "the only user")
	password := flag.String("password", "", "and the password")
	denied := flag.String("deny", "", "METHOD=PRIVILEGE, a method that is refused for want of the privilege")
	flag.IntVar(&model.Datacenter, "datacenters", model.Datacenter, "number of datacenters; in each:")
	flag.IntVar(&model.Cluster, "clusters", model.Cluster, "clusters")
	flag.IntVar(&model.ClusterHost, "hosts", model.ClusterHost, "hosts of a cluster")
	flag.IntVar(&model.Host, "standalone", model.Host, "hosts without a cluster")
	flag.IntVar(&model.Pool, "pools", model.Pool, "resource pools of a cluster")
	flag.IntVar(&model.Datastore, "datastores", model.Datastore, "datastores")
	flag.IntVar(&model.Pod, "pods", model.Pod, "datastore clusters")
	flag.IntVar(&model.Portgroup, "portgroups", model.Portgroup, "distributed port groups")
	flag.IntVar(&model.Machine, "machines", model.Machine, "virtual machines of a pool")
	flag.Parse()
	if *esx {
		model = simulator.ESX()
	}
	if err := serve(model, url.UserPassword(*username, *password), *denied); err != nil {
		fmt.Fprintf(os.Stderr, "vcsim: %v\n", err)
		os.Exit(1)
	}
}
