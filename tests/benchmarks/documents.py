# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Butane documents of three sizes, as people write them."""

from __future__ import annotations

EMPTY = "variant: flatcar\nversion: 1.1.0\n"

SMALL = """\
variant: flatcar
version: 1.1.0
passwd:
  users:
    - name: core
      ssh_authorized_keys:
        - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDm0AcrD8nC9eY6XPbQzLJVRvDDpV2bOGcAXyhWkDRwM ops@example.com
    - name: deploy
      groups: [docker, sudo]
storage:
  directories:
    - path: /opt/bin
      mode: 0755
  files:
    - path: /etc/hostname
      mode: 0644
      contents:
        inline: web1.example.com
    - path: /etc/sysctl.d/90-net.conf
      mode: 0644
      contents:
        inline: |
          net.core.somaxconn = 4096
          net.ipv4.tcp_fin_timeout = 15
    - path: /etc/systemd/timesyncd.conf
      mode: 0644
      contents:
        inline: |
          [Time]
          NTP=0.pool.ntp.org 1.pool.ntp.org
  links:
    - path: /etc/localtime
      target: ../usr/share/zoneinfo/UTC
systemd:
  units:
    - name: docker.service
      enabled: true
      dropins:
        - name: 10-log.conf
          contents: |
            [Service]
            Environment=DOCKER_OPTS=--log-opt=max-size=10m
    - name: nginx.service
      enabled: true
      contents: |
        [Unit]
        Description=A web server in a container
        After=docker.service
        Requires=docker.service

        [Service]
        ExecStartPre=-/usr/bin/docker rm --force nginx
        ExecStart=/usr/bin/docker run --name nginx --net host docker.io/library/nginx:1.29
        ExecStop=/usr/bin/docker stop nginx
        Restart=always

        [Install]
        WantedBy=multi-user.target
    - name: locksmithd.service
      mask: true
"""

_FILE = """\
    - path: /etc/service-{0}/{1}.conf
      mode: 0644
      user:
        name: root
      contents:
        inline: |
          # settings of part {1} of service {0}
          listen = 192.0.2.{1}:{0}
          log_level = info
          data_directory = /var/lib/service-{0}/{1}
          peers = node-{0}.example.com, node-{1}.example.com
          retry_seconds = {0}
          # how long an answer may take before another peer is asked
          timeout_seconds = {1}
          token_file = /run/secrets/service-{0}
"""

_UNIT = """\
    - name: service-{0}.service
      enabled: true
      contents: |
        [Unit]
        Description=Service {0}
        After=network-online.target
        Wants=network-online.target

        [Service]
        ExecStart=/opt/bin/service --config /etc/service-{0}/0.conf --state /var/lib/service-{0}
        Restart=on-failure
        RestartSec=5
        User=service-{0}

        [Install]
        WantedBy=multi-user.target
"""


def many(files: int, units: int) -> str:
    """A document of so many files and units."""
    parts = [EMPTY, "storage:\n  files:\n"]
    parts += [_FILE.format(number // 100, number % 100) for number in range(files)]
    parts += ["systemd:\n  units:\n", *(_UNIT.format(number) for number in range(units))]
    return "".join(parts)


DOCUMENTS = {
    "60 lines": SMALL,
    "100 KB, 200 files, 20 units": many(200, 20),
    "1 MB": many(2_000, 200),
}
