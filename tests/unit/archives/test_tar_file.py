from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from nixfetch_docker.archives import tar_file
from nixfetch_docker.archives.file_tree import open_tree, read_small
from nixfetch_docker.errors import NixfetchError

MISSING = "it has no layer.tar; is it the right kind of file, and whole?"


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def write(path: Path, *entries: tarfile.TarInfo, end: bytes = bytes(1024)) -> Path:
    """A tar with `x/layer.tar` and further members without content."""
    data = b"".join(entry.tobuf(tarfile.GNU_FORMAT) for entry in entries)
    layer = member("x/layer.tar")
    layer.size = 5
    path.write_bytes(layer.tobuf() + b"layer".ljust(512, b"\0") + data + end)
    return path


def error(path: Path, name: str = "layer.tar") -> str:
    with pytest.raises(NixfetchError) as caught:
        read_small(open_tree(path), name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        pytest.param("y/layer.tar", tarfile.SYMTYPE, "../x/layer.tar", id="symbolic link"),
        pytest.param("layer.tar", tarfile.SYMTYPE, "./x/layer.tar", id="symbolic link down"),
        pytest.param("layer.tar", tarfile.LNKTYPE, "x/layer.tar", id="hard link"),
        pytest.param("layer.tar", tarfile.LNKTYPE, "./x/layer.tar", id="hard link of ./"),
    ],
)
def test_a_link_within_the_tar_is_followed(
    name: str, kind: bytes, target: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.tar", member(name, kind, target))
    assert read_small(open_tree(path), name) == b"layer"


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        pytest.param(tarfile.SYMTYPE, "../secret", id="link up"),
        pytest.param(tarfile.SYMTYPE, "/etc/passwd", id="absolute link"),
        pytest.param(tarfile.SYMTYPE, "/x/layer.tar", id="absolute link to a member"),
        pytest.param(tarfile.LNKTYPE, "/etc/passwd", id="absolute hard link"),
        pytest.param(tarfile.LNKTYPE, "../secret", id="hard link up"),
        pytest.param(tarfile.SYMTYPE, "layer.tar", id="link to itself"),
        pytest.param(tarfile.LNKTYPE, "layer.tar", id="hard link to itself"),
        pytest.param(tarfile.FIFOTYPE, "", id="FIFO"),
        pytest.param(tarfile.CHRTYPE, "", id="device"),
        pytest.param(tarfile.BLKTYPE, "", id="block device"),
        pytest.param(tarfile.DIRTYPE, "", id="directory"),
    ],
)
def test_what_is_no_file_of_the_tar_is_missing(kind: bytes, target: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    assert error(write(tmp_path / "a.tar", member("layer.tar", kind, target))) == MISSING


@pytest.mark.parametrize("form", ["GNU", "PAX"])
def test_a_sparse_file_is_refused_whatever_size_it_claims(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    entry = member("layer.tar")
    if form == "GNU":
        entry.type = tarfile.GNUTYPE_SPARSE
        header = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
        # One piece without bytes at the end, and a real size of 2^60: base 256 has it.
        header[386:398] = header[483:495] = b"\x80" + (2**60).to_bytes(11, "big")
        header[148:156] = b"%06o\0 " % sum(header[:148] + b" " * 8 + header[156:])
        path.write_bytes(bytes(header) + bytes(1024))
    else:
        entry.pax_headers = {"GNU.sparse.size": str(2**60), "GNU.sparse.map": f"{2**60},0"}
        path.write_bytes(entry.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    assert error(path) == "layer.tar is a sparse file; make the tar without --sparse"


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_without_end_takes_no_memory(kind: bytes, tmp_path: Path) -> None:
    entry = member("././@LongLink", kind)
    entry.size = 2**40
    path = tmp_path / "a.tar.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(entry.tobuf(tarfile.GNU_FORMAT) + b"a" * 1024)
    assert error(path).startswith("it cannot be read as a tar (")


def test_headers_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_file, "_MOST_MEMBERS", 100)
    path = write(tmp_path / "a.tar", *(member(str(number)) for number in range(99)))
    assert read_small(open_tree(path), "x/layer.tar") == b"layer"
    path = write(tmp_path / "a.tar", *(member(str(number)) for number in range(100)))
    assert error(path).startswith("it cannot be read as a tar (more than 100 members)")


def test_headers_of_headers_without_end_are_an_error(tmp_path: Path) -> None:
    entry = member("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    path = tmp_path / "a.tar"
    path.write_bytes(entry.tobuf(tarfile.GNU_FORMAT) * 5000)
    assert error(path)


def test_the_last_of_two_members_with_one_name_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for data in (b"first", b"second"):
            entry = member("a")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    assert read_small(open_tree(path), "a") == b"second"
