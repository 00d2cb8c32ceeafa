"""Layers with all that is hard to unpack."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from . import oci
from .layer_tar import DIRECTORY, HARD_LINK, SYMBOLIC_LINK, directory, entry, tar, xattr
from .process import output

_CAPABILITY = xattr("security.capability", "01000002 00200000 00000000 00000000 00000000")
# The owner, the user 12345, the group, the mask, the others.
_ACL = xattr(
    "system.posix_acl_access",
    "02000000 01000600ffffffff 0200060039300000 04000400ffffffff 10000600ffffffff 20000400ffffffff",
)
_LONG = "long/" + "/".join(letter * 200 for letter in "abcdefgh")
_STRANGE = "strange/\udcff\udcfe"


def _hard_layers() -> list[bytes]:
    base = tar(
        directory("./", 0o711),
        directory("./tmp", 0o1777),
        directory("etc", 0o750, mtime=2000),
        entry("etc/shadow", content=b"secret", mode=0o600, owner=(0, 42)),
        entry("bin/su", content=b"su", mode=0o4755),
        entry("bin/ping", content=b"ping", records=_CAPABILITY),
        entry("bin/ping6", HARD_LINK, link="bin/ping", records=_CAPABILITY),
        entry("acl", content=b"acl", mode=0o664, records=_ACL),
        entry("a/deep/er/file", content=b"x" * 70_000, owner=(70_000, 3_000_000)),
        entry("b/link", HARD_LINK, link="a/deep/er/file", owner=(70_000, 3_000_000)),
        entry("dev/console", tarfile.CHRTYPE, mode=0o620, device=(5, 1)),
        entry("dev/disk", tarfile.BLKTYPE, mode=0o660, device=(259, 300_000), owner=(0, 6)),
        entry("dev/pipe", tarfile.FIFOTYPE, mode=0o600),
        entry(_LONG, content=b"long"),
        entry("to-long", SYMBOLIC_LINK, link=_LONG),
        entry("gnu/" + "n" * 240, content=b"gnu", tar_format=tarfile.GNU_FORMAT),
        entry(_STRANGE, content=b"strange"),
        entry(_STRANGE + "-link", SYMBOLIC_LINK, link=_STRANGE),
        entry("precise", content=b"p", records={"mtime": "1700000000.000000001"}),
        entry("before", content=b"b", records={"mtime": "-5.5"}),
        entry("user", content=b"u", records=xattr("user.a", "31") | xattr("user.b", "")),
        entry("apple", records=xattr("com.apple.x", "31")),
        entry("usr/lib/", DIRECTORY, mode=0o755),
        entry("lib", SYMBOLIC_LINK, link="usr/lib"),
        entry("lib/under-link", content=b"under"),
        entry("lib/new/under-link", content=b"under"),
        entry("gone/whole/file", content=b"1"),
        entry("gone-file", content=b"1"),
        entry("opaque/old", content=b"old"),
        entry("opaque/sub/old", content=b"old"),
        entry("becomes-file/inside", content=b"1"),
        entry("becomes-directory", content=b"1"),
        entry("touched/kept", content=b"kept"),
    )  # fmt: skip
    above = tar(
        # Without entries for the directories: /tmp is 0755 then.
        entry("tmp/left", content=b"left"),
        entry("etc/passwd", content=b"root"),
        entry(".wh.gone"),
        entry(".wh.gone-file"),
        directory("opaque", 0o700),
        entry("opaque/.wh..wh..opq"),
        entry("opaque/new", content=b"new"),
        entry("becomes-file", content=b"file"),
        directory("becomes-directory", 0o755),
        entry("becomes-directory/inside", content=b"1"),
        entry("touched/.wh.nothing"),
        entry("../upwards", content=b"up"),
        entry("/absolute/x", content=b"absolute"),
        entry("lib64/.wh.never"),
    )
    again = tar(
        directory("gone", 0o700),
        entry("gone/again", content=b"again"),
        entry("opaque/.wh.new"),
        entry("empty"),
    )
    return [base, above, again]


def _sparse(path: Path, name: str, version: str) -> bytes:
    """A tar by GNU tar with a file that has holes."""
    file = path / name
    with file.open("wb") as out:
        out.truncate(3_000_000)
        out.seek(1_000_000)
        out.write(b"in the middle" * 5000)
    os.utime(file, (1000, 1000))
    options = ["--sparse", f"--sparse-version={version}", "--format=posix"]
    made = path / "sparse.tar"
    output(["tar", "--create", *options, f"--file={made}", "--directory", path, name])
    return made.read_bytes()


def layers(directory: Path) -> list[oci.Layer]:
    """These layers, of each compression; `directory` is for files on the way."""
    plain = _hard_layers()
    plain += [_sparse(directory, "sparse-0", "0.1"), _sparse(directory, "sparse-1", "1.0")]
    compressions = ["gzip", "zstd", "none"] * 2
    return [oci.packed(*one) for one in zip(plain, compressions, strict=False)]
