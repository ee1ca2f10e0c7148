# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins of Flatcar's programs print and do what Flatcar's documentation and sources say of the real ones.

Sources: update_engine_client.cc and update_attempter.cc of flatcar/update_engine 7382641; bin/flatcar-update and
bin/flatcar-reset of flatcar/init 3298243; initrd-setup-root of flatcar/bootengine 6c2fba4; the documentation's page
on manual rollbacks.
"""

from __future__ import annotations

import collections.abc
import functools
import http.server
import json
import pathlib
import re
import subprocess

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.node import layer
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

pytestmark = pytest.mark.one_core
NEWER = "4790.2.0"
CONF = "/etc/flatcar/update.conf"
Run = collections.abc.Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def machine() -> collections.abc.Iterator[standin.Nodes]:
    """A node for these tests alone, which lose its users and its version."""
    with started(1) as found:
        yield found


@pytest.fixture
def run(machine: standin.Nodes) -> collections.abc.Iterator[Run]:
    """Runs a script as root; afterwards the server offers nothing, and no update waits."""

    def as_root(script: str) -> subprocess.CompletedProcess[str]:
        return machine.run("node1", f"sudo sh <<'END'\n{script}\nEND\n")

    yield as_root
    if machine["node1"].state != "running":
        return
    as_root(f"rm -f /boot/standin/offer /boot/standin/unavailable {CONF}; update_engine_client -reset_status")
    as_root("cgpt prioritize $(rootdev -s /usr)")


def reboot(machine: standin.Nodes) -> None:
    before = machine.boot_id("node1")
    machine.run("node1", "sudo systemctl reboot")
    machine.wait_for_boot("node1", before)


def version(run: Run) -> str:
    return run('. /etc/os-release; echo "$VERSION"').stdout.strip()


def attributes(run: Run) -> list[str]:
    return re.findall(r"Attr: (priority.*)", run("cgpt show /dev/sda").stdout)


def status(run: Run) -> dict[str, str]:
    return dict(line.split("=", 1) for line in run("update_engine_client -status").stdout.splitlines())


def test_status(run: Run) -> None:
    done = run("update_engine_client -status")
    assert re.fullmatch(
        r"LAST_CHECKED_TIME=\d+\nPROGRESS=0\.000000\nCURRENT_OP=UPDATE_STATUS_IDLE\nNEW_VERSION=0\.0\.0\nNEW_SIZE=0\n",
        done.stdout,
    )
    # glog, with the year since 2025.
    assert re.match(r"I\d{8} \d\d:\d\d:\d\d\.\d{6} \d+ update_engine_client\.cc:\d+\] Querying", done.stderr)


def test_no_update_is_no_failure(run: Run) -> None:
    done = run("update_engine_client -update")
    assert done.returncode == 0
    assert done.stderr.rstrip().endswith("No update available")
    assert int(status(run)["LAST_CHECKED_TIME"]) > 0


#: Prints the status again and again for as long as an update takes.
SAMPLES = r"""
i=0
while [ $i -lt 3000 ]; do
  line=$(sed -n 's/^PROGRESS=//p; s/^CURRENT_OP=UPDATE_STATUS_//p' /run/standin/status | tr '\n' ' ')
  echo "$line"
  case $line in *UPDATED_NEED_REBOOT*) break ;; esac
  sleep 0.02
  i=$((i + 1))
done | uniq
"""


def test_states_of_an_update(run: Run) -> None:
    run(f"echo VERSION={NEWER} > /boot/standin/offer")
    done = run(f"update_engine_client -check_for_update & {SAMPLES}")
    seen = [(words[1], words[0]) for words in map(str.split, done.stdout.splitlines())]
    states = list(dict.fromkeys(state for state, dummy in seen))
    assert states[-4:] == ["UPDATE_AVAILABLE", "DOWNLOADING", "FINALIZING", "UPDATED_NEED_REBOOT"]
    progress = [float(number) for state, number in seen if state == "DOWNLOADING"]
    assert progress == sorted(progress)
    assert len(progress) > 2
    assert status(run)["NEW_VERSION"] == NEWER
    assert run("ls /run/reboot-required /run/update_engine_autoupdate_completed").returncode == 0
    assert attributes(run) == ["priority=1 tries=0 successful=1", "priority=2 tries=1 successful=0"]


def test_a_reset_status_leaves_the_partitions(run: Run) -> None:
    run(f"echo VERSION={NEWER} > /boot/standin/offer; update_engine_client -update")
    done = run("update_engine_client -reset_status")
    assert done.returncode == 0
    assert "to undo partition table changes run:" in done.stderr
    assert status(run)["CURRENT_OP"] == "UPDATE_STATUS_IDLE"
    assert attributes(run)[1].startswith("priority=2")


@pytest.mark.parametrize("fault", ["check", "download", "postinstall"])
def test_a_failed_update_reports_and_becomes_idle(run: Run, fault: str) -> None:
    run(f"printf 'VERSION={NEWER}\\nFAULT={fault}\\n' > /boot/standin/offer")
    done = run("update_engine_client -update")
    assert done.returncode == 0
    assert "UPDATE_STATUS_REPORTING_ERROR_EVENT" in done.stdout or fault == "check"
    assert status(run)["CURRENT_OP"] == "UPDATE_STATUS_IDLE"
    assert attributes(run)[0].startswith("priority=2")


def test_watching(run: Run) -> None:
    run(f"echo VERSION={NEWER} > /boot/standin/offer")
    done = run("""
        update_engine_client -watch_for_updates 2>/run/watched &
        until grep -q Watching /run/watched; do sleep 0.05; done
        update_engine_client -check_for_update
        timeout 300 sh -c 'until grep -q NEED_REBOOT /run/watched; do sleep 0.05; done'
        kill $!
        cat /run/watched
    """)
    assert "  current_operation: UPDATE_STATUS_UPDATED_NEED_REBOOT\n" in re.sub(r"I\d.*\] ", "", done.stdout)


def test_a_stopped_daemon(run: Run) -> None:
    run("systemctl stop update-engine")
    done = run("update_engine_client -status")
    run("systemctl start update-engine")
    assert done.returncode == 1
    assert "Giving up -- unable to get dbus proxy" in done.stderr
    run("until [ -p /run/standin/requests ]; do sleep 0.05; done")


def test_no_server(run: Run) -> None:
    run(f"echo VERSION={NEWER} > /boot/standin/offer; echo SERVER=disabled > {CONF}")
    assert run("update_engine_client -update").returncode == 0
    assert status(run)["CURRENT_OP"] == "UPDATE_STATUS_IDLE"


def test_flatcar_update_boots_the_version(machine: standin.Nodes, run: Run) -> None:
    before = version(run)
    run(f"printf 'GROUP=stable\\nSERVER=https://example.com/\\n' > {CONF}")
    done = run(f"flatcar-update --to-version {NEWER}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Downloading update payloads..."
    assert done.stdout.splitlines()[-1].startswith("Done, please make sure to reboot")
    assert "Warning: found hardcoded GROUP=stable" in done.stderr
    assert run(f"cat {CONF}").stdout == "GROUP=stable\nSERVER=https://example.com/\n"
    again = run(f"flatcar-update -V {NEWER}")
    assert (again.returncode, "wasn't applied yet" in again.stderr) == (1, True)
    reboot(machine)
    assert version(run) == NEWER
    assert run("test -e /run/reboot-required").returncode == 1
    assert run("rootdev -s /usr").stdout == "/dev/sda4\n"
    run('until [ "$(cgpt show -i 4 -S /dev/sda)" = 1 ]; do sleep 0.1; done')
    assert attributes(run) == ["priority=1 tries=0 successful=1", "priority=2 tries=0 successful=1"]
    rollback = 'cgpt prioritize "$(cgpt find -t flatcar-usr | grep --invert-match "$(rootdev -s /usr)")"'
    assert run(rollback).returncode == 0
    reboot(machine)
    assert version(run) == before


def test_a_release_that_does_not_boot_is_rolled_back(machine: standin.Nodes, run: Run) -> None:
    before = version(run)
    assert run("flatcar-update -V 4801.2.0 -A").returncode == 0
    assert run(f"cat {CONF}").stdout == "SERVER=disabled\n"
    run("touch /boot/standin/broken$((7 - $(cat /boot/standin/booted)))")
    reboot(machine)
    assert version(run) == before
    assert run("cat /boot/standin/part4").stdout == "2 0 0\n"
    run("rm /boot/standin/broken*")


def test_flatcar_update_fails(run: Run) -> None:
    assert run("flatcar-update").stderr == "Error: must specify --to-version\n"
    assert run(f"flatcar-update -V {NEWER} surplus").returncode == 1
    assert run(f"flatcar-update -V {NEWER} -P /nowhere").returncode == 1
    run("echo 9999.9.9 > /boot/standin/unavailable")
    assert run("flatcar-update -V 9999.9.9").returncode == 22
    # As the real one, which has no trap for it.
    assert "SERVER=http://localhost:9090/update" in run(f"cat {CONF}").stdout


def test_a_local_payload(run: Run) -> None:
    done = run(f"echo payload > /tmp/update.gz; flatcar-update --to-payload /tmp/update.gz -V {NEWER}")
    assert (done.returncode, "Downloading" in done.stdout) == (0, False)
    assert status(run)["CURRENT_OP"] == "UPDATE_STATUS_UPDATED_NEED_REBOOT"


def test_os_release_is_quoted_since_4757() -> None:
    assert '\nVERSION="4757.2.0"\n' in layer.os_release("4757.2.0")
    assert "\nVERSION=4593.2.5\n" in layer.os_release("4593.2.5")


def test_reset_refuses(run: Run) -> None:
    assert run("flatcar-reset surplus").stderr == "Error: Found unused arguments: surplus\n"
    assert run("flatcar-reset --keep-paths etc/x").returncode == 1
    assert run("flatcar-reset -F /x -U http://x/").returncode == 1


def test_reset_preview_and_stop(run: Run) -> None:
    run("mkdir -p /opt/mine && touch /opt/mine/file")
    assert "/opt/mine/file\n" in run("flatcar-reset --preview-delete").stdout
    assert run("flatcar-reset --keep-paths /opt/mine --preview-keep").stdout == "/opt/mine\n/opt/mine/file\n"
    assert run("flatcar-reset").stdout.endswith("Staged OS reset, you can reboot now\n")
    assert run("test -s /selective-os-reset -a -e /boot/flatcar/first_boot").returncode == 0
    run("flatcar-reset --stop")
    assert run("test -e /selective-os-reset -o -e /boot/flatcar/first_boot").returncode == 1


def test_reset_runs_ignition_again(machine: standin.Nodes, run: Run) -> None:
    config = standin.config(machine.key.with_suffix(".pub").read_text().strip())
    config["storage"] = {"files": [{"path": "/etc/new", "contents": {"source": "data:,new"}}]}
    run("mkdir -p /var/lib/kept /opt/lost && touch /var/lib/kept/file /opt/lost/file /etc/lost")
    before = run("cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub").stdout
    run(f"cat > /root/config.ign <<'JSON'\n{json.dumps(config)}\nJSON")
    keep = "'/etc/ssh/ssh_host_.*' /var/lib/kept"
    done = run(f"flatcar-reset --keep-machine-id --ignition-file /root/config.ign --keep-paths {keep}")
    assert "Wrote machine ID as kernel cmdline parameter to /oem/grub.cfg\n" in done.stdout
    assert "Wrote Ignition file /oem/config.ign\n" in done.stdout
    reboot(machine)
    assert run("ls -d /opt/lost /etc/lost /root/config.ign").stdout == ""
    assert run("ls /var/lib/kept; cat /etc/new").stdout == "file\nnew"
    assert run("cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub").stdout == before
    result = json.loads(run("cat /etc/.ignition-result.json").stdout)
    assert (result["provisioningBootID"], result["userConfigProvided"]) == (machine.boot_id("node1"), True)


@pytest.fixture
def served(machine: standin.Nodes, tmp_path: pathlib.Path) -> collections.abc.Iterator[str]:
    """The address, seen from the node, of a web server of tmp_path."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with in_background(http.server.ThreadingHTTPServer((f"198.19.{machine.number}.1", 0), handler)) as server:
        yield f"http://{server.server_address[0]!s}:{server.server_port}/"


def test_reset_with_a_url(machine: standin.Nodes, run: Run, served: str, tmp_path: pathlib.Path) -> None:
    config = standin.config(machine.key.with_suffix(".pub").read_text().strip())
    config["storage"] = {"files": [{"path": "/etc/fetched", "contents": {"source": f"{served}text"}}]}
    (tmp_path / "config.ign").write_text(json.dumps(config))
    (tmp_path / "text").write_text("fetched")
    before = run("cat /etc/machine-id").stdout
    done = run(f"flatcar-reset --ignition-url {served}config.ign")
    assert "Removed Ignition file /oem/config.ign\nWrote Ignition URL as kernel" in done.stdout
    reboot(machine)
    assert run("cat /etc/fetched").stdout == "fetched"
    assert run("cat /etc/machine-id").stdout not in ("", before)


def test_a_config_that_ignition_refuses_ends_in_the_emergency_shell(machine: standin.Nodes, run: Run) -> None:
    """The last test: the node does not come back."""
    run('echo \'{"ignition": {"version": "3.9.0"}}\' > /root/bad.ign; flatcar-reset -F /root/bad.ign')
    machine.run("node1", "sudo systemctl reboot")
    machine.until(lambda: machine["node1"].state.startswith("emergency"), machine["node1"])
    assert not machine["node1"].answers()
