from __future__ import annotations

import gzip
import io
import json
import os
import re
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from nixfetch_docker.archives import file_tree, regular_file
from nixfetch_docker.archives.local_image import LocalImage
from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.archives.reader import open_image
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Manifest, parse

CONFIG, LAYER = b'{"os": "linux"}', b"layer"
GZIP, ZSTD = gzip.compress(LAYER), b"\x28\xb5\x2f\xfd..."


def write_archive(
    path: Path, document: Any, files: dict[str, bytes], links: dict[str, str] | None = None
) -> None:
    files = {"c.json": CONFIG, **files, "manifest.json": json.dumps(document).encode()}
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)


def entry(*layers: str, tags: list[str] | None = None) -> dict[str, Any]:
    """An entry of manifest.json; docker writes null for an empty list."""
    return {"Config": "c.json", "RepoTags": tags, "Layers": list(layers) or None}


def open_archive(directory: Path, name: str = "") -> LocalImage:
    suffix = f":{name}" if name else ""
    return open_image(LocalReference.parse(f"docker-archive:./a.tar{suffix}"), directory)


def manifest_of(image: LocalImage) -> Manifest:
    manifest = parse(image.top.data)
    assert isinstance(manifest, Manifest)
    return manifest


def test_an_archive_gets_a_manifest_of_its_config_and_its_layers(tmp_path: Path) -> None:
    files = {"1.tar": LAYER, "2.tgz": GZIP, "3.tzst": ZSTD}
    write_archive(tmp_path / "a.tar", [entry(*files, tags=["acme/web:1.0"])], files)
    image = open_archive(tmp_path)
    manifest = manifest_of(image)
    assert str(image.name) == "docker.io/acme/web:1.0"
    assert image.top.digest == Digest.of(image.top.data)
    assert manifest.config.digest == Digest.of(CONFIG)
    assert [layer.digest for layer in manifest.layers] == [Digest.of(one) for one in files.values()]
    assert [layer.media_type.rpartition(".diff.")[2] for layer in manifest.layers] == [
        "tar",
        "tar.gzip",
        "tar.zstd",
    ]
    for data in (image.top.data, CONFIG, LAYER, GZIP):
        assert b"".join(image.read(Digest.of(data), len(data))) == data


def test_the_manifest_is_the_same_each_time(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.tar", [entry("x")], {"x": LAYER})
    assert open_archive(tmp_path).top == open_archive(tmp_path).top


def test_a_layer_that_occurs_again_may_be_a_link(tmp_path: Path) -> None:
    document = [entry("x/layer.tar", "y/layer.tar", tags=["a:1"])]
    links = {"y/layer.tar": "../x/layer.tar"}
    write_archive(tmp_path / "a.tar", document, {"x/layer.tar": LAYER}, links)
    image = open_archive(tmp_path)
    assert [layer.digest for layer in manifest_of(image).layers] == [Digest.of(LAYER)] * 2
    assert b"".join(image.read(Digest.of(LAYER), 5)) == LAYER


def test_an_archive_without_names_holds_one_image(tmp_path: Path) -> None:
    """`docker save` of an image's ID writes no name."""
    write_archive(tmp_path / "a.tar", [entry()], {})
    image = open_archive(tmp_path)
    assert (str(image.name), manifest_of(image).layers) == ("localhost/a", ())


def test_a_name_chooses_among_several_images(tmp_path: Path) -> None:
    document = [entry("x", tags=["a:1", "b:1"]), entry("y", tags=["c:1"])]
    write_archive(tmp_path / "a.tar", document, {"x": LAYER, "y": GZIP})
    for name, layer in (("a:1", LAYER), ("b:1", LAYER), ("c:1", GZIP)):
        (chosen,) = manifest_of(open_archive(tmp_path, name)).layers
        assert chosen.digest == Digest.of(layer)


@pytest.mark.parametrize(
    ("document", "name", "message"),
    [
        pytest.param(
            [entry(tags=["a:1"]), entry(tags=["b:1"])],
            "",
            "this names none or several of the images in it; "
            "name one of these after a colon: a:1, b:1",
            id="several",
        ),
        pytest.param(
            [entry(tags=["a:1"])],
            "c:1",
            "this names none or several of the images in it; name one of these after a colon: a:1",
            id="another name",
        ),
        pytest.param(
            [],
            "",
            "it does not hold exactly one image; write a file with this image alone",
            id="none",
        ),
        pytest.param(
            [entry("gone")],
            "",
            "it has no gone; is it the right kind of file, and whole?",
            id="missing layer",
        ),
        pytest.param([{}], "", "manifest.json.images[0]: 'Config' is missing", id="missing config"),
        pytest.param(
            {}, "", "manifest.json.images: expected an array, found a table", id="another document"
        ),
    ],
)
def test_an_archive_without_the_image_is_refused(
    document: Any, name: str, message: str, tmp_path: Path
) -> None:
    write_archive(tmp_path / "a.tar", document, {})
    with pytest.raises(NixfetchError) as caught:
        open_archive(tmp_path, name)
    suffix = f":{name}" if name else ""
    assert str(caught.value) == f"docker-archive:./a.tar{suffix}: {message}"


def write_directory(root: Path) -> None:
    """A docker-archive that was unpacked: its second layer is a link to its first."""
    (root / "x").mkdir(parents=True)
    (root / "y").mkdir()
    (root / "x/layer.tar").write_bytes(LAYER)
    (root / "y/layer.tar").symlink_to("../x/layer.tar")
    (root / "c.json").write_bytes(CONFIG)
    (root / "manifest.json").write_text(json.dumps([entry("x/layer.tar", "y/layer.tar")]))


def open_directory(directory: Path) -> LocalImage:
    return open_image(LocalReference.parse("docker-archive:./a"), directory)


def test_a_directory_may_have_links_within_it(tmp_path: Path) -> None:
    write_directory(tmp_path / "a")
    image = open_directory(tmp_path)
    assert [layer.digest for layer in manifest_of(image).layers] == [Digest.of(LAYER)] * 2
    assert b"".join(image.read(Digest.of(LAYER), 5)) == LAYER


@pytest.mark.parametrize("name", ["manifest.json", "c.json", "x/layer.tar"])
@pytest.mark.parametrize("kind", ["link", "absolute link", "FIFO", "device"])
def test_a_directory_gives_its_own_regular_files_alone(
    kind: str, name: str, tmp_path: Path
) -> None:
    root = tmp_path / "a"
    write_directory(root)
    path = root / name
    path.rename(tmp_path / "secret")
    if kind == "FIFO":
        os.mkfifo(path)
    else:
        targets = {
            "link": os.path.relpath(tmp_path / "secret", path.parent),
            "absolute link": str(tmp_path / "secret"),
            "device": "/dev/zero",
        }
        path.symlink_to(targets[kind])
    what = "is not a regular file" if kind == "FIFO" else "leads out of the directory by a link"
    with pytest.raises(NixfetchError, match=f"docker-archive:./a: {re.escape(name)} {what}"):
        open_directory(tmp_path)


def test_a_directory_of_a_layout_gives_its_own_blobs_alone(tmp_path: Path) -> None:
    """A layer is read after the image was locked, and may be another file then."""
    write_directory(tmp_path / "a")
    image = open_directory(tmp_path)
    layer = tmp_path / "a/x/layer.tar"
    layer.rename(tmp_path / "secret")
    layer.symlink_to("../../secret")
    with pytest.raises(NixfetchError, match="leads out of the directory by a link"):
        list(image.read(Digest.of(LAYER), 5))


def test_one_file_under_many_names_is_not_read_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_file, "_LARGEST", 1000)
    write_directory(tmp_path / "a")
    (tmp_path / "a/x.tar").write_bytes(bytes(100))
    names = ["x.tar", *(f"{'./' * number}x.tar" for number in range(1, 20))]
    (tmp_path / "a/manifest.json").write_text(json.dumps([entry(*names)]))
    with pytest.raises(NixfetchError, match=r"it has more than 1\.0 kB; is it the right file"):
        open_directory(tmp_path)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_of_many_members_is_not_read_anew_for_each_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Any
) -> None:
    layers, others = [f"{number}.tar" for number in range(30)], 100
    files = {"c.json": CONFIG, "manifest.json": json.dumps([entry(*layers)]).encode()}
    files |= {name: name.encode() for name in reversed(layers)}
    with tarfile.open(tmp_path / "a.tar", mode) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for number in range(others):
            tar.addfile(tarfile.TarInfo(f"other/{number}"))
    opened: list[Path] = []
    headers: list[object] = []
    of_header = tarfile.TarInfo.fromtarfile

    def open_file(path: Path) -> BinaryIO:
        opened.append(path)
        return regular_file.open_regular(path)

    def read_header(tar: tarfile.TarFile) -> tarfile.TarInfo:
        headers.append(tar)
        return of_header(tar)

    monkeypatch.setattr(file_tree, "open_regular", open_file)
    monkeypatch.setattr(tarfile.TarInfo, "fromtarfile", read_header)
    image = open_archive(tmp_path)
    assert len(opened) == 3  # for manifest.json, for the config, and for all layers
    for layer in manifest_of(image).layers:
        assert b"".join(image.read(layer.digest, layer.size))
    assert len(headers) < 3 * (len(files) + others)
    assert [layer.digest for layer in manifest_of(image).layers] == [
        Digest.of(name.encode()) for name in layers
    ]


def test_a_tar_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.tar", [entry("l.tar")], {"l.tar": LAYER})
    image = open_archive(tmp_path)
    write_archive(tmp_path / "b.tar", [entry("l.tar")], {"first": b"more", "l.tar": LAYER})
    (tmp_path / "b.tar").replace(tmp_path / "a.tar")
    assert b"".join(image.read(Digest.of(LAYER), len(LAYER))) == LAYER


@pytest.mark.parametrize("path", ["/dev/zero", "./fifo"])
def test_an_archive_that_is_no_file_is_refused_at_once(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NixfetchError) as caught:
        open_image(LocalReference.parse(f"docker-archive:{path}"), tmp_path)
    assert str(caught.value) == (
        f"docker-archive:{path}: it is no file and no directory; "
        "name a tar, or the directory of an OCI layout"
    )


@pytest.mark.parametrize("key", ["Config", "RepoTags", "Layers"])
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_key_in_another_case_is_refused(tmp_path: Path, key: str, is_alone: bool) -> None:
    document = entry("l.tar", tags=["web:1"])
    document[key.lower()] = document.pop(key) if is_alone else document[key]
    write_archive(tmp_path / "a.tar", [document], {"l.tar": LAYER})
    with pytest.raises(NixfetchError) as caught:
        open_archive(tmp_path)
    message = str(caught.value)
    assert "manifest.json" in message
    assert f"{key.lower()}: container engines take this key " in message
    assert repr(key) in message
