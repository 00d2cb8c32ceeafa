"""Writing images, with a registry in memory."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest
from support.builders import encode, image_manifest

from nixfetch_docker.archives.layout import Layout
from nixfetch_docker.archives.writer import stream_archive, write_archive, write_directory
from nixfetch_docker.base import parts
from nixfetch_docker.errors import NixfetchError, WrongContent
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.client import Client
from nixfetch_docker.registry.download import Sink

CONFIG = b"{}"
LAYERS = (b"x" * 5000, b"y" * 512, b"")
IMAGE = Image.parse(Reference.parse("redis:7"), encode(image_manifest(CONFIG, *LAYERS, LAYERS[0])))
BLOBS = {Digest.of(data): data for data in (CONFIG, *LAYERS)}
LAYOUT = Layout.of(IMAGE)
CONTENT = {
    **LAYOUT.files,
    **{
        path: {**BLOBS, IMAGE.digest: IMAGE.data}[blob.digest]
        for path, blob in LAYOUT.blobs.items()
    },
}


class InMemoryClient:
    """Sends each blob in two pieces; the blob `wrong` fails after the first."""

    def __init__(self, wrong: Digest | None = None) -> None:
        self._wrong = wrong
        self.asked: list[Digest] = []

    def blob(self, reference: Reference, digest: Digest, sink: Sink, *, size: int) -> None:
        assert (reference, size) == (IMAGE.reference, len(BLOBS[digest]))
        self.asked.append(digest)
        middle = size // 2
        sink.write(BLOBS[digest][:middle])
        if digest == self._wrong:
            raise WrongContent("wrong bytes")
        sink.write(BLOBS[digest][middle:])


Write = Callable[..., None]


def to_file(client: Client, path: Path, **options: object) -> None:
    write_archive(client, IMAGE, path, **options)  # type: ignore[arg-type]


def to_pipe(client: Client, path: Path, **options: object) -> None:
    out = io.BytesIO()
    stream_archive(client, IMAGE, out, **options)  # type: ignore[arg-type]
    path.write_bytes(out.getvalue())


def to_directory(client: Client, path: Path, **options: object) -> None:
    write_directory(client, IMAGE, path, **options)  # type: ignore[arg-type]


def content(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        return {str(file.relative_to(path)): file.read_bytes() for file in files}
    with tarfile.open(path) as tar:
        return {
            member.name: cast(io.BufferedReader, tar.extractfile(member)).read()
            for member in tar.getmembers()
            if member.isfile()
        }


def client(wrong: Digest | None = None) -> Client:
    return cast(Client, InMemoryClient(wrong))


ALL = pytest.mark.parametrize("write", [to_file, to_pipe, to_directory])


@ALL
@pytest.mark.parametrize("jobs", [1, 8])
def test_every_file_of_the_layout_is_written(write: Write, jobs: int, tmp_path: Path) -> None:
    write(client(), tmp_path / "image", jobs=jobs)
    assert content(tmp_path / "image") == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["image"]


def test_a_pipe_gets_the_bytes_of_the_file(tmp_path: Path) -> None:
    to_file(client(), tmp_path / "file")
    to_pipe(client(), tmp_path / "pipe")
    assert (tmp_path / "file").read_bytes() == (tmp_path / "pipe").read_bytes()


@ALL
def test_every_blob_but_the_manifest_is_fetched_once(write: Write, tmp_path: Path) -> None:
    client = InMemoryClient()
    write(cast(Client, client), tmp_path / "image")
    assert sorted(map(str, client.asked)) == sorted(map(str, BLOBS))


@ALL
def test_progress_adds_up_to_the_size_of_the_image(write: Write, tmp_path: Path) -> None:
    sizes: list[int] = []
    write(client(), tmp_path / "image", moved=sizes.append)
    assert sum(sizes) == IMAGE.size


@ALL
@pytest.mark.parametrize("wrong", [Digest.of(CONFIG), Digest.of(LAYERS[0])], ids=str)
def test_an_error_leaves_no_file(write: Write, wrong: Digest, tmp_path: Path) -> None:
    with pytest.raises(WrongContent, match="wrong bytes"):
        write(client(wrong), tmp_path / "image")
    assert list(tmp_path.iterdir()) == []


def test_an_error_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"old")
    with pytest.raises(WrongContent):
        to_file(client(Digest.of(CONFIG)), tmp_path / "image")
    assert (tmp_path / "image").read_bytes() == b"old"


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    to_directory(client(), tmp_path)
    assert content(tmp_path) == CONTENT


def test_an_empty_directory_stays_the_same_directory(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.mkdir()
    path.chmod(0o2750)
    before = path.stat()
    with pytest.raises(WrongContent):
        to_directory(client(Digest.of(CONFIG)), path)
    assert list(path.iterdir()) == []
    # What a killed run left in it.
    left, held = parts.make_directory(path / "image", ExitStack())
    (left / "blobs").mkdir()
    os.close(held)
    to_directory(client(), path)
    assert content(path) == CONTENT
    after = path.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.write_bytes(b"mine"), id="file"),
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(lambda path: (path / "mine").mkdir(parents=True), id="full directory"),
    ],
)
def test_nothing_is_fetched_for_a_place_that_is_taken(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path / "image")
    for write in (to_directory, to_file):
        if write is to_directory or not (tmp_path / "image").is_file():
            registry = InMemoryClient()
            with pytest.raises(NixfetchError):
                write(cast(Client, registry), tmp_path / "image")
            assert registry.asked == []


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "directory"])
def test_an_existing_file_or_directory_is_kept(is_file: bool, tmp_path: Path) -> None:
    path = tmp_path / "image"
    mine = path if is_file else path / "mine"
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(b"mine")
    with pytest.raises(NixfetchError) as caught:
        to_directory(client(), path)
    assert str(caught.value) == f"{path}: it exists already; name a new or an empty directory"
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize("size", [2**63 - 1, 2**63 - 2000])
def test_sizes_that_no_file_can_have_are_an_error(size: int, tmp_path: Path) -> None:
    document = image_manifest(CONFIG, *LAYERS)
    document["layers"] = [{**layer, "size": size} for layer in document["layers"]]
    image = Image.parse(Reference.parse("redis:7"), encode(document))
    with pytest.raises(NixfetchError) as caught:
        write_archive(cast(Client, InMemoryClient()), image, tmp_path / "redis.tar")
    assert str(caught.value).endswith(
        " bytes are more than a file can have; the image's manifest has a size that cannot be true"
    )
    assert list(tmp_path.iterdir()) == []
