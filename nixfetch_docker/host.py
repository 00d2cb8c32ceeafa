"""The platform that containers have on a machine."""

from __future__ import annotations

from .platform import Platform

# What `uname -m` calls the CPUs that Go, and so the image spec, has another name for.
_ARCHITECTURES = {
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "armv6l": ("arm", "v6"),
    "armv7l": ("arm", "v7"),
    "armv8l": ("arm", "v7"),
    "loongarch64": ("loong64", ""),
}


def container_platform(machine: str) -> Platform:
    """Linux on the CPU that `uname -m` calls `machine`: a Mac runs containers in such a machine.

    Raises `InvalidPlatform`.
    """
    architecture, variant = _ARCHITECTURES.get(machine, (machine, ""))
    return Platform.of("linux", architecture, variant)
