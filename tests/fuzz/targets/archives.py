"""Targets of the room archives/: tars, docker-archives, OCI layouts, compressed layers."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from fuzz.forms import files
from fuzz.text import said

from nixfetch_docker.archives.decompress import decompressed
from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.archives.reader import open_image
from nixfetch_docker.oci.manifest import Manifest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.offers import Walk, read_config

_KINDS = ("oci", "docker-archive")
_MOST_OUTPUT = 64 * 1024 * 1024


def tar(data: bytes) -> None:
    """Any bytes are an image in a tar, or an error."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "image.tar").write_bytes(data)
        for kind in _KINDS:
            said(_read, LocalReference.parse(f"{kind}:./image.tar"), Path(directory))


def layout(data: bytes) -> None:
    """Any files are an image, as a directory and as a tar; both give the same one.

    A document whose name ends in ` -> TARGET` is a symbolic link. None leads out.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "secret").write_bytes(b"secret")
        _write(directory / "image", directory / "image.tar", files(data))
        found = [
            said(_read, LocalReference.parse(f"{kind}:./{path}"), directory)
            for kind in _KINDS
            for path in ("image", "image.tar")
        ]
        secret = hashlib.sha256(b"secret").hexdigest()
        assert not any(secret in one for one in found if one is not None)


def _read(reference: LocalReference, directory: Path) -> set[str]:
    """The blobs of an image, all read; the methods are those that `update` and `image` call."""
    local = open_image(reference, directory)
    assert str(local.name)
    blobs: set[str] = set()
    asked = local.name
    for offer in Walk(local, asked).offers(local.top):
        content = local.manifest(
            Reference(registry="x.lab", repository="x", digest=offer.digest), offer.size
        )
        document = content.document
        if isinstance(document, Manifest):
            said(read_config, local, asked.name, document.config)
            for layer in document.layers:
                size = said(lambda one: sum(map(len, local.read(one.digest, one.size))), layer)
                assert size is None or size <= layer.size + 1024 * 1024
                if size is not None:
                    blobs.add(layer.digest.hex)
    return blobs


def _write(directory: Path, tar_path: Path, documents: list[tuple[str, bytes]]) -> None:
    directory.mkdir()
    with tarfile.open(tar_path, "w") as archive:
        for name, content in documents:
            path, arrow, target = name.partition(" -> ")
            parts = path.split("/")
            if not path.isprintable() or {"", ".", ".."} & set(parts) or len(path) > 150:
                continue
            entry = tarfile.TarInfo(path)
            entry.size = 0 if arrow else len(content)
            entry.type, entry.linkname = (tarfile.SYMTYPE, target) if arrow else (b"0", "")
            file = directory / path
            try:
                archive.addfile(entry, io.BytesIO(content))
                file.parent.mkdir(parents=True, exist_ok=True)
                if arrow:
                    file.symlink_to(target)
                else:
                    with file.open("xb") as made:
                        made.write(content)
            except (OSError, ValueError):
                # Two files of one name, or a file where a directory is.
                continue


def layer(data: bytes) -> None:
    """A layer in gzip or none is decompressed in bounded pieces, or refused."""
    if not data.startswith(b"\x28\xb5\x2f\xfd"):
        _decompress(data)


def zstd(data: bytes) -> None:
    """A layer in zstd is decompressed, or refused."""
    _decompress(data)


def _decompress(data: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        with decompressed(cast(BinaryIO, file)) as decompressor:
            for start in range(0, len(data), 5000):
                decompressor.write(data[start : start + 5000])
                if file.tell() > _MOST_OUTPUT:
                    return
        if not data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
            file.seek(0)
            assert file.read() == data


TARGETS = {"tar": tar, "layout": layout, "layer": layer, "zstd": zstd}
