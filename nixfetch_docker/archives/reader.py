"""Images in files, read as a registry would serve them.

OCI image layouts, as directories and as tars
(https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md), and what `docker save`
writes (https://docs.docker.com/reference/cli/docker/image/save/).
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from ..base import strict_json
from ..base.redact import quote
from ..base.table import Table
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.manifest import (
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    MANIFEST_LIMIT,
    OCI_INDEX,
    Content,
    Descriptor,
)
from ..oci.reference import Reference, is_tag
from .local_reference import Kind, LocalReference

_PIECE = 1024 * 1024
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_BROKEN = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_COMPRESSIONS = {b"\x1f\x8b": ".gzip", b"\x28\xb5\x2f\xfd": ".zstd"}


class InvalidLocalImage(NixfetchError):
    """A file that is not there, or holds no image, or not the one asked for."""


class _Files(Protocol):
    """The files of a directory or a tar, by their names in it."""

    def open(self, name: str) -> Any:
        """The file's bytes, for a `with`; raises `InvalidLocalImage` where there is none."""


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise _lacks(name)
        try:
            with (self._path / name).open("rb") as file:
                yield file
        except (FileNotFoundError, NotADirectoryError):
            raise _lacks(name) from None
        except (OSError, ValueError) as error:
            raise InvalidLocalImage(f"{quote(name)} cannot be read ({quote(str(error))})") from None


class _Tar:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        try:
            with tarfile.open(self._path) as tar:
                # Older docker names a layer that occurs again by a link within the archive.
                file = tar.extractfile(_member(tar, name))
                if file is None:
                    raise _lacks(name)
                yield cast(BinaryIO, file)
        except (KeyError, RecursionError):
            raise _lacks(name) from None
        except (
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            what = f"it is no tar that can be read ({quote(str(error))})"
            raise InvalidLocalImage(what) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalImage:
    """One image, or several for as many platforms.

    `name` is what it calls itself; `top` its manifest or index; `files` tells in which file of
    `archive` each blob is, `contents` those that are in none.
    """

    name: Reference
    top: Content
    archive: _Files
    files: Mapping[Digest, str]
    contents: Mapping[Digest, bytes]

    @classmethod
    def open(cls, reference: LocalReference, directory: Path) -> LocalImage:
        """Read what there is, but no layer of an OCI layout.

        `directory` is what relative paths start from. Raises `InvalidLocalImage`.
        """
        path = directory / reference.path
        try:
            if not os.path.exists(path):  # noqa: PTH110 - which never raises
                raise InvalidLocalImage(
                    "there is no such file", hint="paths start where images.toml is"
                )
            files: _Files = _Directory(path) if path.is_dir() else _Tar(path)
            if reference.kind is Kind.OCI:
                return _open_layout(files, reference)
            return _open_docker_archive(files, reference)
        except NixfetchError as error:
            raise error.at(str(reference)) from None

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """As `Registries.manifest`."""
        if image.digest is None:
            return self.top
        data = b"".join(self.read(image.digest, MANIFEST_LIMIT if size is None else size))
        return Content(digest=image.digest, content_type=None, data=data)

    def small_blob(self, _repository: Reference, digest: Digest, size: int) -> bytes:
        """As `Registries.small_blob`."""
        return b"".join(self.read(digest, size))

    def read(self, digest: Digest, limit: int) -> Iterator[bytes]:
        """The bytes of a blob in pieces, no more than just over `limit`; raises as `open` does."""
        hasher, received = digest.hasher(), 0
        for piece in self._pieces(digest):
            received += len(piece)
            hasher.update(piece)
            yield piece
            if received > limit:
                break
        if hasher.hexdigest() != digest.hex:
            raise InvalidLocalImage(
                f"its {digest} has another content",
                hint="if the image was changed, lock it again: nixfetch-docker update",
            )

    def _pieces(self, digest: Digest) -> Iterator[bytes]:
        if digest in self.contents:
            yield self.contents[digest]
            return
        name = self.files.get(digest, f"blobs/{digest.algorithm}/{digest.hex}")
        with self.archive.open(name) as file:
            while piece := file.read(_PIECE):
                yield piece


def _open_layout(files: _Files, reference: LocalReference) -> LocalImage:
    data = _small_file(files, "index.json")
    entries = _json(data, "index.json").tables("manifests")
    chosen = [entry for entry in entries if reference.name in {None, *_names_of(entry)}]
    names = sorted({name for entry in entries for name in _names_of(entry)[-1:]})
    if not chosen or len({_names_of(entry)[-1:] for entry in chosen}) > 1:
        raise _ambiguous(names)
    image = LocalImage(
        name=_name_of(reference, _names_of(chosen[0])),
        top=Content(digest=Digest.of(data), content_type=OCI_INDEX, data=data),
        archive=files,
        files={},
        contents={},
    )
    if len(chosen) > 1:
        return replace(image, top=_index_of(chosen))
    entry = Descriptor.from_table(chosen[0])
    own = b"".join(image.read(entry.digest, MANIFEST_LIMIT))
    top = Content(digest=entry.digest, content_type=entry.media_type, data=own)
    return LocalImage(name=image.name, top=top, archive=files, files={}, contents={})


def _index_of(entries: Sequence[Table]) -> Content:
    """An index of some entries of a layout's, which may hold other images as well."""
    manifests = [dict(entry.values) for entry in entries]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}
    data = json.dumps(document, separators=(",", ":")).encode()
    return Content(digest=Digest.of(data), content_type=OCI_INDEX, data=data)


def _open_docker_archive(files: _Files, reference: LocalReference) -> LocalImage:
    document = _json(_small_file(files, "manifest.json"), "manifest.json", is_list=True)
    entries = document.tables("images")
    chosen = [
        entry for entry in entries if reference.name in {None, *(entry.strings("RepoTags") or ())}
    ]
    if len(chosen) != 1:
        raise _ambiguous([name for entry in entries for name in entry.strings("RepoTags") or ()])
    (entry,) = chosen
    config = _small_file(files, entry.require("Config", str))
    names = [entry.require("Config", str), *(entry.strings("Layers") or ())]
    measured = {name: _measure(files, name) for name in dict.fromkeys(names)}
    manifest = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {
            "mediaType": DOCKER_CONFIG,
            "size": len(config),
            "digest": str(Digest.of(config)),
        },
        "layers": [
            {
                "mediaType": f"{DOCKER_LAYER}{measured[name].compression}",
                "size": measured[name].size,
                "digest": str(measured[name].digest),
            }
            for name in names[1:]
        ],
    }
    # It has no manifest of a registry, so it gets the one that its parts make.
    data = json.dumps(manifest, separators=(",", ":")).encode()
    top = Content(digest=Digest.of(data), content_type=DOCKER_MANIFEST, data=data)
    return LocalImage(
        name=_name_of(reference, list(entry.strings("RepoTags") or ())),
        top=top,
        archive=files,
        files={one.digest: name for name, one in measured.items()},
        contents={top.digest: data},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What a file is: its digest, its size in bytes, and "", ".gzip" or ".zstd"."""

    digest: Digest
    size: int
    compression: str


def _measure(files: _Files, name: str) -> _Measured:
    hasher, size, compression = hashlib.sha256(), 0, ""
    with files.open(name) as file:
        while piece := file.read(_PIECE):
            if size == 0:
                signs = (end for sign, end in _COMPRESSIONS.items() if piece.startswith(sign))
                compression = next(signs, "")
            size += len(piece)
            hasher.update(piece)
    digest = Digest(algorithm="sha256", hex=hasher.hexdigest())
    return _Measured(digest=digest, size=size, compression=compression)


def _small_file(files: _Files, name: str) -> bytes:
    with files.open(name) as file:
        data: bytes = file.read(MANIFEST_LIMIT + 1)
    if len(data) > MANIFEST_LIMIT:
        raise InvalidLocalImage(f"{name} has more than {MANIFEST_LIMIT} bytes")
    return data


def _json(data: bytes, name: str, *, is_list: bool = False) -> Table:
    try:
        document = strict_json.parse(data)
    except strict_json.InvalidJson as error:
        raise InvalidLocalImage(f"it is not JSON ({error.cause})").at(name) from None
    return Table.of({"images": document} if is_list else document, name)


def _member(tar: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    try:
        return tar.getmember(name)
    except KeyError:
        return tar.getmember(f"./{name}")


def _names_of(entry: Table) -> tuple[str, ...]:
    """What an entry of index.json is called, the fullest name first."""
    annotations = entry.table_or_empty("annotations")
    return tuple(name for key in _NAMES if (name := annotations.get(key, str)))


def _name_of(reference: LocalReference, names: Sequence[str]) -> Reference:
    """What the engine is to call it: its own full name, or one of the file's."""
    for name in names:
        if "/" in name or ":" in name:
            return _named(name)
    stem = Path(reference.path).name.partition(".")[0].lower() or "image"
    tag = next((name for name in names if is_tag(name)), None)
    return _named(f"localhost/{stem}:{tag}" if tag else f"localhost/{stem}")


def _named(text: str) -> Reference:
    try:
        return Reference.parse(text)
    except NixfetchError:
        return Reference.parse("localhost/image")


def _ambiguous(names: Sequence[str]) -> InvalidLocalImage:
    hint = f"name one of these behind a colon: {', '.join(names)}" if names else ""
    return InvalidLocalImage("this does not name one image in it", hint=hint)


def _lacks(name: str) -> InvalidLocalImage:
    return InvalidLocalImage(
        f"it has no {quote(name)}", hint="is it the right kind of file, and whole?"
    )
