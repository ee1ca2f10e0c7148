# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What butane checks in the document itself, before anything is replaced. Paths are those of the document."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.modes import looks_decimal
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import Variant
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import rules
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

Config = dict[str, t.Any]

_QUADLETS = (".container", ".volume", ".network", ".kube", ".image", ".build", ".pod", ".artifact")
_BOOT_DISK = "/dev/disk/by-id/coreos-boot-disk"
_ROLE = "machineconfiguration.openshift.io/role"
_CEX_ARGUMENT = "rd.luks.key=/etc/luks/cex.key"
_MOUNT_POINTS = re.compile(r"/(etc|var)(/|\Z)")
_LUKS_DEVICES = {"s390x-eckd": re.compile(r"/dev/dasd[a-z]\Z"), "s390x-zfcp": re.compile(r"/dev/sd[a-z]\Z")}


def template_of(quadlet: str) -> str | None:
    """The template that a quadlet's name is an instance of: foo@.container for foo@1.container."""
    at, dot = quadlet.find("@"), quadlet.rfind(".")
    if at < 0 or dot < 0 or at + 1 == dot:
        return None
    return f"{quadlet[:at]}@.{quadlet[dot + 1 :]}"


class SourceRules:
    """One run over a decoded document; entries are in the order in which butane reports them."""

    def __init__(self, config: Config, variant: Variant) -> None:
        self.config, self.variant = config, variant
        self.entries: list[Entry] = []

    def run(self) -> list[Entry]:
        config, variant = self.config, self.variant
        if variant.openshift >= 19:
            self.openshift_cex()
        elif variant.openshift < 0 and variant.fcos >= 6:
            self.fcos_disks()
        self.ignition(config.get("ignition") or {})
        self.storage(config.get("storage") or {})
        self.systemd(config.get("systemd") or {})
        if variant.boot_sugar:
            self.boot_device(config.get("boot_device") or {})
        if variant.grub:
            self.grub(config.get("grub") or {})
        if variant.openshift >= 0:
            self.openshift(config.get("metadata") or {}, config.get("openshift") or {})
        return self.entries

    def error(self, path: Path, message: str) -> None:
        self.entries.append(Entry("error", path, message))

    def ignition(self, ignition: Config) -> None:
        configs = ignition.get("config") or {}
        for index, resource in enumerate(configs.get("merge") or ()):
            self.resource(resource, ("ignition", "config", "merge", index))
        self.resource(configs.get("replace") or {}, ("ignition", "config", "replace"))
        tls = (ignition.get("security") or {}).get("tls") or {}
        for index, resource in enumerate(tls.get("certificateAuthorities") or ()):
            self.resource(resource, ("ignition", "security", "tls", "certificate_authorities", index))

    def resource(self, resource: Config, path: Path) -> None:
        sources = [name for name in ("local", "inline", "source") if name in resource]
        if len(sources) > 1:
            last = "inline" if self.variant.base == 1 else sources[-1]
            self.error((*path, last), "only one of the following can be set: inline, local, source")
        elif sources == ["inline"] and path[:2] == ("ignition", "config"):
            self.inline_config(resource["inline"], path)

    def inline_config(self, text: str, path: Path) -> None:
        """An Ignition config in the document is checked by the rules of the document's own specification.

        Butane has these entries name members of the inner config, and looks for their places in the document.
        """
        from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import validate
        from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError

        try:
            found = validate.entries(text, self.variant.ignition)
        except JSONError as error:
            self.error((), str(error))
            self.error((*path, "inline"), "config is not valid")
            return
        if any(entry.message == rules.UNKNOWN_VERSION for entry in found):
            message = "skipping validation for the merge/replace ignition config due to an unkown version"
            self.entries.append(Entry("warning", (*path, "version"), message))
        else:
            self.entries += found

    def storage(self, storage: Config) -> None:
        for index, directory in enumerate(storage.get("directories") or ()):
            self.mode(directory, True, ("storage", "directories", index))
        for index, file in enumerate(storage.get("files") or ()):
            path: Path = ("storage", "files", index)
            self.mode(file, False, path)
            for number, resource in enumerate(file.get("append") or ()):
                self.resource(resource, (*path, "append", number))
            self.resource(file.get("contents") or {}, (*path, "contents"))
        for index, filesystem in enumerate(storage.get("filesystems") or ()):
            if filesystem.get("with_mount_unit"):
                self.mount_unit(filesystem, ("storage", "filesystems", index))
        for index, luks in enumerate(storage.get("luks") or ()):
            self.resource(luks.get("keyFile") or {}, ("storage", "luks", index, "key_file"))
        for index, tree in enumerate(storage.get("trees") or ()):
            if not tree.get("local"):
                self.error(("storage", "trees", index), "local is required")

    def mode(self, node: Config, directory: bool, path: Path) -> None:
        mode = node.get("mode")
        if mode is not None and looks_decimal(mode, directory):
            message = "unreasonable mode would be reasonable if specified in octal; remember to add a leading zero"
            self.entries.append(Entry("warning", (*path, "mode"), message))

    def mount_unit(self, filesystem: Config, path: Path) -> None:
        no_path = Entry("error", (*path, "path"), "path is required if with_mount_unit is true and format is not swap")
        no_format = Entry("error", (*path, "format"), "format is required if with_mount_unit is true")
        lacks_path, kind = not filesystem.get("path"), filesystem.get("format")
        if self.variant.base < 4:
            # Base versions 0.2 and 0.3 have no swap units: there a path is always wanted, and told first.
            self.entries += [no_path] * lacks_path + [no_format] * (not kind)
        elif not kind:
            self.entries.append(no_format)
        elif kind != "swap" and lacks_path:
            self.entries.append(no_path)

    def systemd(self, systemd: Config) -> None:
        for index, unit in enumerate(systemd.get("units") or ()):
            self.unit(unit, ("systemd", "units", index))
        for index, quadlet in enumerate(systemd.get("quadlets") or ()):
            self.quadlet(quadlet, ("systemd", "quadlets", index))

    def unit(self, unit: Config, path: Path) -> None:
        self.contents(unit, path)
        for number, dropin in enumerate(unit.get("dropins") or ()):
            self.contents(dropin, (*path, "dropins", number))

    def contents(self, unit: Config, path: Path) -> None:
        if "contents" in unit and "contents_local" in unit:
            message = "only one of the following can be set: contents, contents_local"
            self.error((*path, "contents_local"), message)

    def quadlet(self, quadlet: Config, path: Path) -> None:
        name = quadlet.get("name", "")
        if not name.endswith(_QUADLETS):
            self.error(
                (*path, "name"),
                "unsupported file extension for quadlet: must be one of .container, .volume, .network, .kube, .image,"
                " .build, .pod, or .artifact",
            )
        elif template_of(name):
            for key in ("contents", "contents_local"):
                if key in quadlet:
                    self.error((*path, key), "template instances cannot have contents or contents_local")
        else:
            self.contents(quadlet, path)
        for number, dropin in enumerate(quadlet.get("dropins") or ()):
            self.contents(dropin, (*path, "dropins", number))

    def fcos_disks(self) -> None:
        storage = self.config.get("storage") or {}
        mirror = ((self.config.get("boot_device") or {}).get("mirror") or {}).get("devices") or ()
        for index, disk in enumerate(storage.get("disks") or ()):
            device = disk.get("device", "")
            if device == _BOOT_DISK or disk.get("wipeTable") or device in mirror:
                continue
            for number, partition in enumerate(disk.get("partitions") or ()):
                if not partition.get("number") and "label" in partition:
                    message = (
                        "partitions cannot be reused by label; number must be specified except on boot disk"
                        f" ({_BOOT_DISK}) or when wipe_table is true"
                    )
                    path: Path = ("storage", "disks", index, "partitions", number, "number")
                    self.entries.append(Entry("warning", path, message))
        for index, filesystem in enumerate(storage.get("filesystems") or ()):
            where = filesystem.get("path")
            if where is not None and not _MOUNT_POINTS.match(where) and filesystem.get("with_mount_unit"):
                path = ("storage", "filesystems", index, "path")
                self.error(path, "path must be under /etc or /var if with_mount_unit is true")

    def boot_device(self, boot: Config) -> None:
        fcos, luks = self.variant.fcos, boot.get("luks") or {}
        layout = boot.get("layout")
        devices = (boot.get("mirror") or {}).get("devices") or ()
        if devices and layout is None:
            message = "boot_device.layout should be specified when boot_device.mirror is specified"
            self.entries.append(Entry("error" if fcos >= 7 else "warning", ("boot_device", "mirror"), message))
        if layout is not None:
            self.layout(layout, luks.get("device"), bool(devices))
        cex = (luks.get("cex") or {}).get("enabled")
        clevis = bool(luks.get("tang")) or bool(luks.get("tpm2"))
        if cex:
            if not (layout or "").startswith("s390x"):
                where = ("boot_device", "luks", "cex") if layout is None else ("boot_device", "layout")
                self.error(where, "when using cex the targeted architecture must match s390x")
            if clevis:
                self.error(("boot_device", "luks"), "cannot use cex with clevis")
        if len(devices) == 1:
            self.error(("boot_device", "mirror", "devices"), "mirroring requires at least two devices")
        if fcos >= 7 and luks.get("device"):
            tang = any(value or key != "url" for pin in luks.get("tang") or () for key, value in pin.items())
            if not (tang or luks.get("tpm2") or cex):
                # The path says luks twice in butane as well.
                self.error(("boot_device", "luks", "luks"), "no method specified for luks")
        if len(devices) == 1:
            # Told once for boot_device and once for its mirror.
            self.error(("boot_device", "mirror", "devices"), "mirroring requires at least two devices")

    def layout(self, layout: str, device: str | None, mirrored: bool) -> None:
        path = ("boot_device", "layout")
        if self.variant.fcos < 6:
            if layout not in ("aarch64", "ppc64le", "x86_64"):
                self.error(path, "layout must be one of: aarch64, ppc64le, x86_64")
            return
        if layout in _LUKS_DEVICES:
            if not device:
                self.error(path, "device is required for layouts: s390x-eckd, s390x-zfcp")
            elif not _LUKS_DEVICES[layout].search(device):
                self.error(
                    path, "device name must start with /dev/dasd on s390x-eckd layout or /dev/sd on s390x-zfcp layout"
                )
        elif layout not in ("aarch64", "ppc64le", "s390x-virt", "x86_64"):
            self.error(path, "layout must be one of: aarch64, ppc64le, s390x-eckd, s390x-virt, s390x-zfcp, x86_64")
        if layout.startswith("s390x") and mirrored:
            self.error(path, "mirroring not supported on layouts: s390x-eckd, s390x-zfcp, s390x-virt")

    def grub(self, grub: Config) -> None:
        for index, user in enumerate(grub.get("users") or ()):
            for key, member in (("name", "name"), ("password_hash", "passwordHash")):
                if not user.get(member):
                    self.error(("grub", "users", index, key), f'field "{key}" is required')

    def openshift(self, metadata: Config, openshift: Config) -> None:
        if not metadata.get("name"):
            self.error(("metadata", "name"), "metadata.name is required")
        if not (metadata.get("labels") or {}).get(_ROLE):
            self.error(("metadata", "labels"), f"{_ROLE} label is required")
        if openshift.get("kernelType") not in (None, "", "default", "realtime"):
            self.error(("openshift", "kernel_type"), 'must be empty, "default", or "realtime"')

    def openshift_cex(self) -> None:
        boot = (self.config.get("boot_device") or {}).get("luks") or {}
        volumes = (self.config.get("storage") or {}).get("luks") or ()
        if _CEX_ARGUMENT in ((self.config.get("openshift") or {}).get("kernelArguments") or ()):
            return
        for wanted in (
            bool((boot.get("cex") or {}).get("enabled")),
            any((luks.get("cex") or {}).get("enabled") and luks.get("name") == "root" for luks in volumes),
        ):
            if wanted:
                self.error(
                    ("openshift", "kernel_arguments"),
                    f"'{_CEX_ARGUMENT}' must be set as kernel argument when CEX is enabled for the boot device",
                )
