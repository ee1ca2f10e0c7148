# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What tells why a node does not do what it should: one script that collects it, and the archive that is made of it."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import typing as t
from collections.abc import Mapping

from .errors import NodeError
from .redact import redact

#: Bytes of one file and of all of them, as the node sends them. Of a longer journal the end is sent.
FILE_LIMIT = 2_000_000
LIMIT = 20_000_000

# A program that hangs costs ten seconds. Of a line of which the beginning is cut off nothing is sent: what tells a
# secret may have been there. Journals are asked for their last lines, lest the ten seconds pass with the first.
SCRIPT = rf"""
room={LIMIT}
put() {{
  name=$1
  shift
  command -v "$1" >/dev/null || {{ echo "$name: no program $1" >>out/missing; return; }}
  limit={FILE_LIMIT}
  [ "$limit" -le "$room" ] || limit=$room
  mkdir -p "out/${{name%/*}}"
  {{ timeout -s KILL 10 "$@" 2>&1 || echo "exit status $?"; }} | tail -c "$((limit + 1))" >"out/$name"
  size=$(stat -c %s "out/$name")
  if [ "$size" -gt "$limit" ]; then
    sed -i 1d "out/$name"
    echo "$name: only the end" >>out/missing
  fi
  [ -s "out/$name" ] || rm "out/$name"
  room=$((room - size))
  [ "$room" -gt 0 ] || room=0
}}
log() {{
  name=$1
  shift
  put "$name" journalctl -q --no-pager -o short-iso -n 20000 "$@"
}}
show() {{
  name=$1
  shift
  for file; do
    [ ! -f "$file" ] || put "$name" cat "$file"
  done
}}
export SYSTEMD_COLORS=0 SYSTEMD_PAGER=
cp /proc/sys/kernel/random/boot_id out/boot_id
show system/os-release /etc/os-release
show system/cmdline /proc/cmdline
put system/kernel uname -a
put system/uptime uptime
put system/memory free -m
put system/disks df -h
put system/mounts findmnt
put system/time timedatectl
put units/failed systemctl list-units --failed --no-pager --full --plain
put units/jobs systemctl list-jobs --no-pager --full
put units/timers systemctl list-timers --all --no-pager --full
put units/all systemctl list-units --all --no-pager --full --plain
show ignition/result.json /etc/.ignition-result.json
log ignition/journal -t ignition
log update-engine/journal -b -u update-engine.service
put update-engine/status update_engine_client -status
show update-engine/update.conf /etc/flatcar/update.conf
log update-engine/locksmithd -b -u locksmithd.service
log kubelet/journal -b -u kubelet.service
put kubelet/unit systemctl cat --no-pager kubelet.service
log containers/containerd -b -u containerd.service
log containers/docker -b -u docker.service
put containers/pods crictl ps -a
put network/list networkctl list --all --no-pager --full
put network/status networkctl status --all --no-pager --full --lines 0
put network/addresses ip address
put network/routes ip route show table all
put network/names resolvectl status --no-pager
log network/networkd -b -u systemd-networkd.service -u systemd-resolved.service
put sysexts/status systemd-sysext status --no-pager
put sysexts/files ls -lR /etc/extensions /run/extensions /var/lib/extensions /opt/extensions
log sysexts/journal -b -u systemd-sysext.service -u systemd-sysupdate.service
for unit in $(systemctl list-units --failed --no-legend --no-pager --full --plain | cut -d ' ' -f 1 | head -n 20); do
  put "units/$unit/status" systemctl status --no-pager --full --lines 0 -- "$unit"
  log "units/$unit/journal" -b -u "$unit"
done
log journal/warnings -b -p warning
log journal/kernel -b -k
log journal/before -b -1 -n 2000
exit 0
"""

_BOOT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Archive(t.NamedTuple):
    """A gzip tar with one folder. sizes are the bytes of the files in it; redacted the places that were replaced."""

    name: str
    data: bytes
    sizes: dict[str, int]
    redacted: int


def archive(host: str, files: Mapping[str, bytes], now: float) -> Archive:
    """What the script has collected on a host, without secrets. now is the time for its files. Raises NodeError."""
    boot_id = files.get("boot_id", b"").decode(errors="replace").strip()
    if not _BOOT_ID.fullmatch(boot_id):
        raise NodeError("bad_answer", f"the node tells no boot id but {boot_id[:80]!r}")
    folder = f"{_file_name(host)}-{boot_id}"
    buffer, sizes, redacted = io.BytesIO(), {}, 0
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=now) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in sorted(files.items()):
            text, places = redact(content.decode(errors="replace"))
            data = text.encode()
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), 0o600, int(now)
            tar.addfile(entry, io.BytesIO(data))
            sizes[name] = len(data)
            redacted += places
    return Archive(f"{folder}.tar.gz", buffer.getvalue(), sizes, redacted)


def _file_name(host: str) -> str:
    """A host's name as a part of a file's name."""
    return re.sub(r"[^\w.-]|^\.", "_", host)
