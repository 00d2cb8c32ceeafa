"""Targets of the room layers/: the tars of layers, and what image stores are made of."""

from __future__ import annotations

import io
import tarfile
import tempfile
from pathlib import Path

from fuzz.forms import files
from fuzz.text import said

from nixfetch_docker.layers.image_store import ImageStore, StoredImage
from nixfetch_docker.layers.stored_layer import FACTS, Facts
from nixfetch_docker.layers.unpacked import write_unpacked
from nixfetch_docker.oci.digest import Digest

_BLOCK = 512
_MOST_OUTPUT = 64 * 1024 * 1024


class _Enough(Exception):
    """More output than a trial keeps: sparse files have any size."""


def unpacked(data: bytes) -> None:
    """A layer's tar becomes a tar of plain names and numbers, or is refused.

    A mutation breaks the checksum of a header, where each reader stops: it is made right again.
    """
    said(_unpack, data)
    said(_unpack, _with_checksums(data))


def _with_checksums(data: bytes) -> bytes:
    made = bytearray(data)
    for start in range(0, len(made) - _BLOCK + 1, _BLOCK):
        block = made[start : start + _BLOCK]
        if block[257:262] == b"ustar":
            block[148:156] = b" " * 8
            made[start + 148 : start + 156] = b"%06o\0 " % sum(block)
    return bytes(made)


def _unpack(data: bytes) -> None:
    out = bytearray()

    def write(piece: bytes | memoryview) -> None:
        out.extend(piece)
        if len(out) > _MOST_OUTPUT:
            raise _Enough

    pieces = (data[start : start + 700] for start in range(0, len(data), 700))
    try:
        facts = write_unpacked(pieces, write)
    except _Enough:
        return
    assert facts.size == len(data)
    assert facts.diff_id == Digest.of(data)
    assert Facts.parse(_json(facts)) == facts
    assert len(out) % _BLOCK == 0
    with tarfile.open(fileobj=io.BytesIO(out), errors="surrogateescape") as archive:
        members = archive.getmembers()
    # Python ends at a header that it cannot read: nothing but the end may follow the last entry.
    last = members[-1]
    end = last.offset_data + last.size + -last.size % _BLOCK
    assert bytes(out[end:]) == bytes(2 * _BLOCK)
    made = {"."}
    for member in members:
        parts = member.name.split("/")
        assert member.name == "." or not {"", ".", ".."} & set(parts)
        assert "/".join(parts[:-1]) in {"", *made}, "a directory without an entry"
        if member.isdir():
            made.add(member.name)


def store(data: bytes) -> None:
    """A manifest, a config and the facts of layers are a store, or an error."""
    documents = dict(files(data))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        layer = directory / "layer"
        layer.mkdir()
        (layer / FACTS).write_bytes(documents.get("facts", b""))
        manifest = documents.get("manifest", b"")
        image = StoredImage(
            name="x.lab/x:1",
            digest=Digest.of(manifest),
            manifest=manifest,
            config=documents.get("config", b""),
            layers=[layer] * documents.get("layers", b"").count(b"x"),
        )
        made = ImageStore()
        said(made.add, image)
        made.write(directory / "store")


def _json(facts: Facts) -> str:
    import json

    return json.dumps(facts.to_json())


TARGETS = {"unpacked": unpacked, "store": store}
