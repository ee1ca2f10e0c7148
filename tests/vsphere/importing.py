# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What imports at a simulator need. As a program it imports an OVA that it never reads to its end."""

from __future__ import annotations

import contextlib
import functools
import json
import pathlib
import signal
import sys
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    connection,
    import_ova,
    inventory,
    ova_source,
    ova_stream,
    properties,
    sdk,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova


class Site:
    """A login, and the place at it where imports go."""

    def __init__(self, session: connection.Session, **where: t.Any) -> None:
        self.session = session
        self.inventory = inventory.Inventory.load(session)
        if session.is_vcenter:
            where = {"cluster": "DC0_C0", **where}
        self.place = self.inventory.place(inventory.Wanted(**where))

    def run(self, source: ova_source.Source, wanted: Wanted | None = None, **options: t.Any) -> import_ova.Imported:
        return import_ova.import_ova(
            self.session, self.inventory, self.place, open_ova(source), wanted or Wanted("new"), **options
        )

    def read(self, ref: sdk.Ref, path: str) -> t.Any:
        return properties.read(self.session, [ref], [path])[0].values[path]

    def machines(self) -> dict[str, stamp.Stamp]:
        """The stamp of each VM that is not the simulator's own."""
        found = properties.view(self.session, sdk.vim.VirtualMachine, ["name", "config.extraConfig"])
        stamps = {
            each.values["name"]: stamp.read({option.key: option.value for option in each.values["config.extraConfig"]})
            for each in found
        }
        return {name: each for name, each in stamps.items() if not name.startswith(("DC0_", "ha-host_VM"))}


@contextlib.contextmanager
def site(settings: connection.Settings, **where: t.Any) -> t.Iterator[Site]:
    with connection.connect(settings) as session:
        yield Site(session, **where)


class _Endless(ova_stream.Local):
    """A file that is read up to its last MiB; then it makes a file, and waits."""

    def __init__(self, path: str, reached: str) -> None:
        super().__init__(path)
        self.reached = pathlib.Path(reached)

    def read(self, size: int) -> bytes:
        if self.position > t.cast(int, self.total) - (1 << 20):
            self.reached.touch()
            time.sleep(600)
        return super().read(size)


def main() -> None:
    settings, path, reached, name = json.loads(sys.argv[1])
    source = ova_source.source(path=path)
    endless = source._replace(open=functools.partial(_Endless, path, reached), seekable=False)
    with site(connection.Settings(**settings)) as at:
        at.run(endless, Wanted(name))


if __name__ == "__main__":
    # A background process of a shell inherits that it is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
