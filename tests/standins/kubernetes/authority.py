# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authority of a cluster, and what a kubelet needs to ask API servers."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

#: The groups of credentials that may do everything, and of those of kubelets.
MASTERS, NODES = "system:masters", "system:nodes"
#: How the API calls each of its servers.
ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
Key = ec.EllipticCurvePrivateKey


class Authority:
    """A CA, whose certificates and keys are files in a folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
        self.file = folder / "ca.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        made = self._begun(self.name, self.key).add_extension(constraints, True).sign(self.key, hashes.SHA256())
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, group: str = "", address: str = "") -> pathlib.Path:
        """A file with a key and a certificate, of a client with this name and group, or of a server's address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
        if group:
            names.append(x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, group))
        begun = self._begun(x509.Name(names), key)
        if address:
            alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            begun = begun.add_extension(alternative, False)
        made = begun.sign(self.key, hashes.SHA256())
        file = self.folder / f"{name}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private(key))
        return file

    def kubeconfig(self, node: str, server: str) -> str:
        """A script that gives a node the credentials of its kubelet, as kubeadm leaves them; server is address:port."""
        found = self.issue(f"system:node:{node}", NODES).read_text()
        authority = base64.b64encode(self.file.read_bytes()).decode()
        return f"""
            mkdir -p /etc/kubernetes /var/lib/kubelet/pki
            cat >/var/lib/kubelet/pki/kubelet-client-current.pem <<'PEM'\n{found}\nPEM
            cat >/etc/kubernetes/kubelet.conf <<'YAML'
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {authority}
    server: https://{server}
  name: default-cluster
users:
- name: default-auth
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
YAML
        """

    def _begun(self, subject: x509.Name, key: Key) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )


def private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
