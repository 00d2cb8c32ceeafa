"""The tar of an image, with GNU tar as the judge."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.builders import OCI_CONFIG, OCI_LAYER, descriptor, encode

from nixfetch_docker.archives.layout import Layout
from nixfetch_docker.archives.tar import Tar
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.media_types import OCI_MANIFEST
from nixfetch_docker.oci.reference import Reference

# As nix/fetchers/fetch-docker.nix calls it.
GNU_TAR = [
    *["tar", "--create", "--dereference", "--hard-dereference", "--format=gnu", "--sort=name"],
    *["--mtime=@1", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+w"],
    *["oci-layout", "index.json", "manifest.json", "blobs"],
]


def image(*layers: dict[str, object]) -> Image:
    data = encode(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(b"{}", OCI_CONFIG),
            "layers": list(layers),
        }
    )
    return Image.parse(Reference.parse("redis:7"), data)


def write(layout: Layout, blobs: dict[Digest, bytes], directory: Path) -> None:
    for name in layout.directories:
        (directory / name).mkdir(mode=0o755)
    for name, data in layout.files.items():
        (directory / name).write_bytes(data)
    for name, blob in layout.blobs.items():
        (directory / name).write_bytes(blobs[blob.digest])
        (directory / name).chmod(0o444)


def test_it_is_what_gnu_tar_writes(tmp_path: Path) -> None:
    # Of an odd size, of whole blocks, empty; with names that are too long for a header.
    contents = [b"x" * 5000, b"y" * 512, b"z" * 10240, b""]
    long = [b"0" * 700, b"1"]
    made = image(
        *(descriptor(data, OCI_LAYER) for data in contents),
        *(
            {**descriptor(data, OCI_LAYER), "digest": str(Digest.of(data, "sha512"))}
            for data in long
        ),
    )
    blobs = {Digest.of(data): data for data in [b"{}", made.data, *contents]}
    blobs |= {Digest.of(data, "sha512"): data for data in long}
    layout = Layout.of(made)
    write(layout, blobs, tmp_path)
    expected = subprocess.run(GNU_TAR, cwd=tmp_path, capture_output=True, check=True).stdout

    tar, written = Tar.of(layout), b""
    for member in tar.members:
        written += member.header
        assert len(written) == member.offset
        written += layout.files.get(member.path, b"")
        if member.path in layout.blobs:
            written += blobs[layout.blobs[member.path].digest]
        written += member.padding
        assert len(written) == member.end
    written += tar.end
    assert written == expected
    assert tar.size == len(expected)


def test_a_layer_of_more_than_8_gib_has_the_header_that_gnu_tar_writes(tmp_path: Path) -> None:
    size = 9 * 1024**3 + 1
    digest = Digest.of(b"")
    made = image({"mediaType": OCI_LAYER, "digest": str(digest), "size": size})
    layout = Layout.of(made)
    blobs = {Digest.of(data): data for data in (b"", b"{}", made.data)}
    write(layout, blobs, tmp_path)
    large = tmp_path / f"blobs/sha256/{digest.hex}"
    large.chmod(0o644)
    os.truncate(large, size)
    member = next(one for one in Tar.of(layout).members if one.size == size)
    with subprocess.Popen(GNU_TAR, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        begin = process.stdout.read(member.offset)
        process.kill()
    assert begin[-len(member.header) :] == member.header
