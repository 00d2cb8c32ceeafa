"""mkfs.erofs of the newer Debian, for builds on this machine, whose own is perhaps too old."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.process import output

from . import debian

# That of each architecture has another name.
_LOADERS = ("lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1")


def copy_erofs_utils(directory: Path) -> None:
    """Copy mkfs.erofs, the dynamic loader and the libraries that it needs into a new directory."""
    root = debian()
    program = root / "usr/bin/mkfs.erofs"
    (loader,) = [root / name for name in _LOADERS if (root / name).exists()]
    (directories,) = [f"{one}" for one in (root / "usr/lib").glob("*-linux-gnu")]
    libraries = directory / "libraries"
    libraries.mkdir(parents=True)
    shutil.copy(program, directory / "mkfs.erofs")
    shutil.copy(loader, directory / "loader")
    # Each line of a library that is a file: "libz.so.1 => /…/libz.so.1 (0x…)".
    for line in output([loader, "--library-path", directories, "--list", program]).splitlines():
        _, arrow, found = line.partition(" => ")
        if arrow:
            shutil.copy(found.split()[0], libraries)
