from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from nixfetch_docker.archives.file_tree import (
    FileTree,
    open_tree,
    parse_json,
    read_small,
)
from nixfetch_docker.archives.regular_file import InvalidLocalImage
from nixfetch_docker.oci.document import MANIFEST_LIMIT

HINT = "is it the right kind of file, and whole?"


@pytest.fixture(params=["directory", "tar", "tar of ./", "tar.gz"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> FileTree:
    """A tree with the files `a` and `b/c`."""
    root = tmp_path / "root"
    (root / "b").mkdir(parents=True)
    (root / "a").write_bytes(b"content of a")
    (root / "b/c").write_bytes(b"content of c")
    if request.param == "directory":
        return open_tree(root)
    path = tmp_path / "file.tar"
    with tarfile.open(path, "w:gz" if request.param == "tar.gz" else "w") as tar:
        if request.param == "tar of ./":
            tar.add(root, ".")
        else:
            tar.add(root / "a", "a")
            tar.add(root / "b", "b")
    return open_tree(path)


@pytest.mark.parametrize("name", ["a", "b/c"])
def test_a_file_is_read_by_its_name(name: str, tree: FileTree) -> None:
    assert read_small(tree, name) == f"content of {name[-1]}".encode()


@pytest.mark.parametrize("name", ["x", "a/x", "b/x", "../root/a", "/etc/passwd"])
def test_a_missing_file_is_an_error(name: str, tree: FileTree) -> None:
    with pytest.raises(InvalidLocalImage) as caught:
        read_small(tree, name)
    assert str(caught.value) == f"it has no {name}; {HINT}"


def test_a_directory_is_no_file(tree: FileTree) -> None:
    with pytest.raises(InvalidLocalImage, match=r"it has no b|b is not a regular file"):
        read_small(tree, "b")


def test_a_path_without_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidLocalImage) as caught:
        open_tree(tmp_path / "absent")
    assert str(caught.value) == "there is no such file; paths start where images.toml is"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x1f\x8b"], ids=["empty", "text", "gzip"])
def test_a_file_that_is_no_tar_is_an_error(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.tar"
    path.write_bytes(data)
    with pytest.raises(InvalidLocalImage) as caught:
        read_small(open_tree(path), "a")
    assert caught.value.what.startswith("it cannot be read as a tar (")
    assert caught.value.hint == HINT


def test_a_large_file_is_not_read_as_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "file.tar"
    with tarfile.open(path, "w") as tar:
        for name, size in (("fits", MANIFEST_LIMIT), ("large", MANIFEST_LIMIT + 1)):
            entry = tarfile.TarInfo(name)
            entry.size = size
            tar.addfile(entry, io.BytesIO(bytes(size)))
    assert len(read_small(open_tree(path), "fits")) == MANIFEST_LIMIT
    with pytest.raises(InvalidLocalImage, match=f"large has more than {MANIFEST_LIMIT} bytes"):
        read_small(open_tree(path), "large")


def test_keys_with_null_are_absent_from_json() -> None:
    assert parse_json(b'[{"a": null, "b": 1}]', "manifest.json") == [{"b": 1}]


def test_json_that_is_broken_is_an_error_with_the_name_of_its_file() -> None:
    with pytest.raises(InvalidLocalImage) as caught:
        parse_json(b"{", "manifest.json")
    assert str(caught.value).startswith("manifest.json: it is not JSON (")
