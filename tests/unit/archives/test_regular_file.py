from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nixfetch_docker.archives.regular_file import InvalidLocalImage, open_below, open_regular

OUT = "leads out of the directory by a link; put a copy of the file in the link's place"
NO_FILE = "is not a regular file; a directory, a FIFO or a device has no bytes to lock"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A directory with the file `x/layer.tar`, beside a secret that no image may have."""
    root = tmp_path / "root"
    (root / "x").mkdir(parents=True)
    (root / "y").mkdir()
    (root / "x/layer.tar").write_text("layer")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/secret").write_text("secret")
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not read
    yield root
    assert len(os.listdir("/proc/self/fd")) == handles  # noqa: PTH208 - the same


def read(root: Path, name: str) -> str:
    with open_below(root, name) as file:
        return file.read().decode()


@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        pytest.param("y/layer.tar", "../x/layer.tar", "y/layer.tar", id="as docker save writes it"),
        pytest.param("layer.tar", "x/layer.tar", "layer.tar", id="down"),
        pytest.param("z", "x", "z/layer.tar", id="of a directory"),
        pytest.param("y/z", "../x", "y/z/layer.tar", id="of a directory beside"),
        pytest.param("y/z", "..", "y/z/x/layer.tar", id="to the top"),
        pytest.param("y/a", "../y/../x/./layer.tar", "y/a", id="up and down"),
        pytest.param("z", "x//", "./z//layer.tar", id="more slashes"),
    ],
)
def test_a_link_within_the_directory_is_followed(
    link: str, target: str, name: str, root: Path
) -> None:
    (root / link).symlink_to(target)
    assert read(root, name) == "layer"


def test_links_to_links_are_followed(root: Path) -> None:
    (root / "1").symlink_to("y/2")
    (root / "y/2").symlink_to("../3/layer.tar")
    (root / "3").symlink_to("x")
    assert read(root, "1") == "layer"


@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        pytest.param("layer.tar", "../secret", "layer.tar", id="up"),
        pytest.param("y/layer.tar", "../../secret", "y/layer.tar", id="up twice"),
        pytest.param("y/layer.tar", "../x/../../secret", "y/layer.tar", id="up behind a directory"),
        pytest.param("layer.tar", "{}/secret", "layer.tar", id="absolute"),
        pytest.param("layer.tar", "{}/root/x/layer.tar", "layer.tar", id="absolute and back"),
        pytest.param("layer.tar", "../root/x/layer.tar", "layer.tar", id="out and back"),
        pytest.param("z", "../private", "z/secret", id="of a directory"),
        pytest.param("z", "{}/private", "z/secret", id="of a directory, absolute"),
        pytest.param("z", "..", "z/secret", id="of the directory above"),
        pytest.param("z", "/proc/self/root", "z/etc/passwd", id="of the kernel"),
    ],
)
def test_a_link_out_of_the_directory_is_refused(
    link: str, target: str, name: str, root: Path
) -> None:
    (root / link).symlink_to(target.format(root.parent))
    with pytest.raises(InvalidLocalImage) as caught:
        open_below(root, name)
    assert str(caught.value) == f"{name} {OUT}"


def test_a_link_of_a_link_out_of_the_directory_is_refused(root: Path) -> None:
    (root / "a").symlink_to("y/b")
    (root / "y/b").symlink_to("../z/secret")
    (root / "z").symlink_to("../private")
    with pytest.raises(InvalidLocalImage, match=OUT):
        open_below(root, "a")


def test_links_in_a_circle_and_links_to_nothing_are_errors(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "c").symlink_to("gone")
    with pytest.raises(OSError, match="Too many levels"):
        open_below(root, "a")
    with pytest.raises(FileNotFoundError):
        open_below(root, "c")


def test_a_file_is_no_directory(root: Path) -> None:
    with pytest.raises(NotADirectoryError):
        open_below(root, "x/layer.tar/a")


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            # The path of a socket has at most 107 bytes.
            listener.bind(f"/proc/self/fd/{directory}/{path.name}")
        finally:
            os.close(directory)


def make_link_to_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.symlink_to("fifo")


@pytest.mark.parametrize("make", [make_fifo, make_socket, make_link_to_fifo, Path.mkdir])
def test_what_is_no_regular_file_is_refused_at_once(
    make: Callable[[Path], None], root: Path
) -> None:
    make(root / "special")
    with pytest.raises(InvalidLocalImage, match=NO_FILE):
        open_below(root, "special")
    with pytest.raises(InvalidLocalImage, match=NO_FILE):
        open_regular(root / "special")


def test_a_device_is_refused() -> None:
    with pytest.raises(InvalidLocalImage, match=NO_FILE):
        open_below(Path("/dev"), "zero")
    with pytest.raises(InvalidLocalImage, match=NO_FILE):
        open_regular(Path("/dev/zero"))


def test_a_file_that_takes_another_s_place_meanwhile_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def swapping(path: str, flags: int, **options: int) -> int:
        if path == "layer.tar":
            (root / "x/layer.tar").unlink()
            (root / "x/layer.tar").symlink_to("../../secret")
        return real(path, flags, **options)

    monkeypatch.setattr(os, "open", swapping)
    with pytest.raises(OSError, match="Too many levels"):
        open_below(root, "x/layer.tar")


def test_a_fifo_that_takes_a_file_s_place_meanwhile_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def swapping(path: str, flags: int, **options: int) -> int:
        if path == "layer.tar":
            (root / "x/layer.tar").unlink()
            os.mkfifo(root / "x/layer.tar")
        return real(path, flags, **options)

    monkeypatch.setattr(os, "open", swapping)
    with pytest.raises(InvalidLocalImage, match=NO_FILE):
        open_below(root, "x/layer.tar")


def test_a_sparse_file_without_end_is_refused(root: Path) -> None:
    with (root / "large").open("wb") as file:
        file.truncate(10**12)
        open_below(root, "large").close()
        file.truncate(10**12 + 1)
    with pytest.raises(InvalidLocalImage, match=r"has more than 1\.0 TB; is it the right file"):
        open_below(root, "large")
    with pytest.raises(InvalidLocalImage, match=r"has more than 1\.0 TB; is it the right file"):
        open_regular(root / "large")
