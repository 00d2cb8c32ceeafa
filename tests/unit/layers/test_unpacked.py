"""A layer's tar becomes one from which mkfs.erofs makes what podman's unpacking makes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from typing import Literal

import pytest
from support.layer_tar import DIRECTORY, FILE, HARD_LINK, SYMBOLIC_LINK, directory, entry, tar

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.layers.stored_layer import Facts
from nixfetch_docker.layers.unpacked import write_unpacked

_BLOCK = 512


def unpacked(data: bytes, piece: int = 5000) -> tuple[bytes, Facts]:
    """The tar that a layer becomes, and the facts of the layer, which arrives in small pieces."""
    out = bytearray()
    pieces = (data[start : start + piece] for start in range(0, len(data), piece))
    facts = write_unpacked(pieces, out.extend)
    return bytes(out), facts


def read(data: bytes) -> list[tarfile.TarInfo]:
    """The entries of a tar, as Python reads them; the first is the root's."""
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
        return archive.getmembers()


def names(*entries: bytes) -> list[str]:
    """The names that a layer of these entries has behind the root's; directories end in a slash."""
    return [one.name + "/" * one.isdir() for one in read(unpacked(tar(*entries))[0])[1:]]


def refusal(data: bytes) -> str:
    with pytest.raises(NixfetchError) as caught:
        unpacked(data)
    return str(caught.value)


def test_a_directory_without_an_entry_is_of_root_and_closed_to_others() -> None:
    made = read(unpacked(tar(entry("a/b/c", owner=(5, 6))))[0])
    assert [(one.name, oct(one.mode), one.uid, one.type) for one in made] == [
        (".", "0o555", 0, DIRECTORY),
        ("a", "0o755", 0, DIRECTORY),
        ("a/b", "0o755", 0, DIRECTORY),
        ("a/b/c", "0o644", 5, FILE),
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([entry("a/x"), entry("a/y")], ["a/", "a/x", "a/y"], id="once"),
        pytest.param([directory("a", 0o700), entry("a/x")], ["a/", "a/x"], id="has an entry"),
        pytest.param([entry("a/x"), directory("a", 0o700)], ["a/", "a/x", "a/"], id="entry later"),
        pytest.param([directory("./a/"), entry("./a//./x")], ["a/", "a/x"], id="dots"),
        pytest.param([entry("/a/x")], ["a/", "a/x"], id="absolute"),
        pytest.param([entry("../../a"), entry("b/../c")], ["a", "c"], id="up"),
        pytest.param([directory("."), directory("./")], [], id="root"),
        pytest.param([directory("/", 0o700)], ["./"], id="root by a slash"),
        pytest.param([entry("a/.wh.x")], ["a/", "a/.wh.x"], id="whiteout"),
        pytest.param([entry(".wh.a"), entry("a/.wh.b")], [".wh.a"], id="whiteout below one"),
        pytest.param([entry("a"), entry("a/.wh.b")], ["a"], id="whiteout below a file"),
        pytest.param([entry("a"), entry("a/b/.wh.c")], ["a"], id="whiteout far below a file"),
        pytest.param([entry("a"), entry("a/.wh..wh..opq")], ["a"], id="opaque file"),
        pytest.param([entry("a/b"), entry("a")], ["a/", "a/b", "a"], id="implied directory first"),
        pytest.param([entry("a/.wh..wh..opq")], ["a/", "a/.wh..wh..opq"], id="opaque"),
        pytest.param([entry(".wh..wh..opq"), entry("a")], ["a"], id="opaque root"),
        pytest.param([entry(".wh.a"), entry("a")], [".wh.a", "a"], id="removed and made anew"),
        pytest.param(
            [entry("l", SYMBOLIC_LINK, link="u/l"), directory("u/l"), entry("l/n/x")],
            ["l", "u/", "u/l/", "u/l/n/", "u/l/n/x"],
            id="below a link",
        ),
        pytest.param(
            [directory("u/l"), entry("u/a", SYMBOLIC_LINK, link="../../u/./l"), entry("u/a/.wh.x")],
            ["u/", "u/l/", "u/a", "u/l/.wh.x"],
            id="below a link up",
        ),
        pytest.param(
            [
                directory("u"),
                entry("a", SYMBOLIC_LINK, link="/b"),
                entry("b", SYMBOLIC_LINK, link="u"),
                entry("a/x"),
            ],
            ["u/", "a", "b", "u/x"],
            id="below a link to a link",
        ),
        pytest.param(
            [entry("a"), directory("a"), entry("a/x")], ["a", "a/", "a/x"], id="file first"
        ),
        pytest.param([entry("a"), entry("a")], ["a", "a"], id="twice"),
    ],
)
def test_names_are_those_of_the_places_that_podman_writes_to(
    entries: Sequence[bytes], expected: list[str]
) -> None:
    assert names(*entries) == expected


@pytest.mark.parametrize(
    "kind", [pytest.param(one, id=repr(one)) for one in (tarfile.REGTYPE, tarfile.AREGTYPE)]
)
def test_content_owner_time_and_attributes_stay(kind: bytes) -> None:
    xattrs = {
        "SCHILY.xattr.security.capability": "\udcff\0=\n",
        "SCHILY.xattr.user.empty": "",
        "SCHILY.xattr.trusted.x": "1",
    }
    left_out = {"SCHILY.xattr.security.selinux": "x", "LIBARCHIVE.xattr.user.y": "eA"}
    left_out |= {"SCHILY.xattr.com.apple.x": "1", "SCHILY.fflags": "x", "comment": "x"}
    content = bytes(range(256)) * 100
    layer = tar(
        entry(
            "a",
            kind,
            content=content,
            mode=0o6711,
            owner=(2**31, 7),
            records=xattrs | left_out | {"mtime": "1700000000.00000002"},
        ),
        entry("next"),
    )
    data, facts = unpacked(layer)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        one = archive.getmembers()[1]
        file = archive.extractfile(one)
        assert file is not None
        assert file.read() == content
        assert archive.getmembers()[2].name == "next"
    assert (one.type, one.mode, one.uid, one.gid) == (FILE, 0o6711, 2**31, 7)
    assert one.pax_headers == xattrs | {"uid": str(2**31), "mtime": "1700000000.000000020"}
    assert facts == Facts.parse(json.dumps(facts.to_json()))
    assert facts.diff_id.hex == hashlib.sha256(layer).hexdigest()
    assert (facts.size, facts.uids, facts.gids) == (len(layer), (0, 2**31), (0, 7))


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("-1", 0),
        ("-0.5", 0),
        ("9" * 12, 0),
        ("1.5", 1.5),
        ("1.", 1),
        ("0001", 1),
    ],
)
def test_a_time_is_what_podman_makes_of_it(time: str, expected: float) -> None:
    made = read(unpacked(tar(entry("a", records={"mtime": time})))[0])
    assert made[1].mtime == expected


@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize(
    ("name", "link"),
    [
        pytest.param("n" * 100, "l" * 100, id="full fields"),
        pytest.param("n" * 101, "l" * 101, id="longer"),
        pytest.param("/".join(["n" * 200] * 20), "l" * 4095, id="longest"),
        pytest.param("a\udcff", "b\udcfe", id="no UTF-8"),
        pytest.param("a\nb=c 1", "ä ö", id="strange"),
    ],
)
def test_names_of_all_lengths_and_letters_stay(
    name: str, link: str, tar_format: Literal[0, 1, 2]
) -> None:
    layer = tar(
        entry(name, tar_format=tar_format),
        entry("link", SYMBOLIC_LINK, link=link, mode=0o600, tar_format=tar_format),
        entry("hard", HARD_LINK, link="./" + name, tar_format=tar_format),
    )
    made = read(unpacked(layer)[0])[-3:]
    assert [one.name for one in made] == [name, "link", "hard"]
    assert (made[1].linkname, made[1].mode, made[2].linkname) == (link, 0o777, name)


def test_devices_and_fifos_stay() -> None:
    layer = tar(
        entry("c", tarfile.CHRTYPE, device=(5, 1), mode=0o620),
        entry("b", tarfile.BLKTYPE, device=(259, 300_000)),
        entry("p", tarfile.FIFOTYPE),
    )
    made = read(unpacked(layer)[0])[1:]
    assert [(one.name, one.type, one.devmajor, one.devminor) for one in made] == [
        ("c", tarfile.CHRTYPE, 5, 1),
        ("b", tarfile.BLKTYPE, 259, 300_000),
        ("p", tarfile.FIFOTYPE, 0, 0),
    ]


def test_a_global_header_says_nothing_of_what_follows() -> None:
    # podman reads its records for no file; it makes the directory of its name.
    layer = entry("x", records={}) + bytes(0)
    header = tarfile.TarInfo.create_pax_global_header({"uid": "5", "path": "pax/global"})
    made = read(unpacked(header + tar(layer))[0])[1:]
    assert [(one.name, one.uid) for one in made] == [("pax", 0), ("x", 0)]


_SPARSE = {
    "0.0": [
        ("GNU.sparse.size", "2000"),
        ("GNU.sparse.numblocks", "2"),
        ("GNU.sparse.offset", "500"),
        ("GNU.sparse.numbytes", "3"),
        ("GNU.sparse.offset", "1000"),
        ("GNU.sparse.numbytes", "2"),
    ],
    "0.1": [
        ("GNU.sparse.size", "2000"),
        ("GNU.sparse.name", "file"),
        ("GNU.sparse.map", "500,3,1000,2"),
    ],
    "1.0": [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "file"),
        ("GNU.sparse.realsize", "2000"),
    ],
}


def _with_records(records: Sequence[tuple[str, str]], content: bytes, name: str) -> bytes:
    """An entry behind records, of which several may have one key."""
    data = b""
    for key, value in records:
        rest = f" {key}={value}\n".encode()
        length = len(rest) + len(str(len(rest) + 2))
        data += str(length).encode() + rest
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(data)
    return (
        header.tobuf()
        + data.ljust(-(-len(data) // _BLOCK) * _BLOCK, b"\0")
        + entry(name, content=content)
    )


@pytest.mark.parametrize("version", _SPARSE)
def test_a_sparse_file_has_zeros_in_its_holes(version: str) -> None:
    content = b"abcde"
    if version == "1.0":
        content = b"2\n500\n3\n1000\n2\n".ljust(_BLOCK, b"\0") + content
    name = "file" if version == "0.0" else "GNUSparseFile.1/file"
    layer = tar(_with_records(_SPARSE[version], content, name), entry("next"))
    with tarfile.open(fileobj=io.BytesIO(unpacked(layer)[0])) as archive:
        file = archive.extractfile("file")
        assert file is not None
        expected = bytes(500) + b"abc" + bytes(497) + b"de"
        assert file.read() == expected.ljust(2000, b"\0")
        assert archive.getnames()[-1] == "next"


@pytest.mark.parametrize(
    ("records", "content"),
    [
        pytest.param([("GNU.sparse.map", "5,3"), ("GNU.sparse.size", "6")], b"abc", id="too long"),
        pytest.param([("GNU.sparse.map", "0,2,1,1"), ("GNU.sparse.size", "9")], b"abc", id="over"),
        pytest.param([("GNU.sparse.map", "0,2"), ("GNU.sparse.size", "9")], b"abc", id="more"),
        pytest.param([("GNU.sparse.map", "0,2,5"), ("GNU.sparse.size", "9")], b"ab", id="odd"),
        pytest.param([("GNU.sparse.map", "0,-2"), ("GNU.sparse.size", "9")], b"", id="negative"),
        pytest.param([("GNU.sparse.offset", "0")] * 2, b"", id="order"),
        pytest.param(
            [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")], b"1\n2\n", id="no block"
        ),
        pytest.param(
            [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")],
            b"9" * 600 + bytes(600),
            id="long line",
        ),
    ],
)
def test_a_sparse_file_with_a_broken_map_is_refused(
    records: Sequence[tuple[str, str]], content: bytes
) -> None:
    assert "its tar has a" in refusal(tar(_with_records(records, content, "a")))


def _broken(at: int, value: bytes, data: bytes) -> bytes:
    """A tar with other bytes at a place of its first header, whose checksum is right again."""
    block = bytearray(data[:_BLOCK])
    block[at : at + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data[_BLOCK:]


_FILE = tar(entry("a", content=b"1"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"not a tar" * 100, "it is no tar", id="no tar"),
        pytest.param(_FILE[:700], "ends in the middle of an entry", id="cut in the content"),
        pytest.param(_FILE[:300], "ends in the middle of a header", id="cut in a header"),
        pytest.param(_FILE[:1024] + b"x" * 512, "it is no tar", id="other bytes behind"),
        pytest.param(
            _FILE[: 1024 + 512] + b"x" * 512, "goes on behind a block", id="behind half of the end"
        ),
        pytest.param(_broken(124, b"-0000000001\0", _FILE), "a number that is none", id="sign"),
        pytest.param(_broken(100, b"0000888\0", _FILE), "a number that is none", id="not octal"),
        pytest.param(_broken(124, b"\xff" * 12, _FILE), "a negative size", id="negative size"),
        pytest.param(_broken(124, b"\x80" + b"\x7f" * 11, _FILE), "is none", id="beyond 64 bits"),
        pytest.param(_broken(108, b"\xff" * 8, _FILE), "has the owner -1", id="owner"),
        pytest.param(_broken(156, b"S", _FILE), "of the type 'S' at 'a'", id="old sparse"),
        pytest.param(_broken(156, b"7", _FILE), "of the type '7' at 'a'", id="contiguous"),
    ],
)
def test_a_broken_tar_is_refused(data: bytes, message: str) -> None:
    assert message in refusal(data)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param([entry("a"), entry("a/b")], "'a/b' is below what is no", id="below a file"),
        pytest.param(
            [entry(".wh.a"), entry("a/b/c")], "'a/b/c' is below what is no", id="below a whiteout"
        ),
        pytest.param(
            [entry("a/b/.wh.x"), entry("a/b/x"), entry("a/b/.wh.x")], "removes what", id="x"
        ),
        pytest.param([entry("a"), entry(".wh.a")], "removes what the same layer has", id="removed"),
        pytest.param([entry(".wh.a"), entry(".wh.a")], "removes what", id="removed twice"),
        pytest.param([entry(".wh.")], "removes what the same layer has", id="removes nothing"),
        pytest.param([entry("a/.wh...")], "removes what the same layer has", id="removes .."),
        pytest.param([entry(".wh.a/b")], "has a directory with the name of a", id="directory"),
        pytest.param(
            [entry("a/b"), directory("a"), entry("a")], "a directory first", id="directory first"
        ),
        pytest.param(
            [directory("a/b"), entry("a")], "a directory first", id="directory with one first"
        ),
        pytest.param(
            [entry("c"), directory("a"), entry("a", HARD_LINK, link="c")],
            "a directory first",
            id="directory becomes link",
        ),
        pytest.param(
            [entry("a/b"), entry("a", HARD_LINK, link="a/b")], "no earlier", id="link to inside"
        ),
        pytest.param(
            [entry("a"), entry("a/b/.wh..wh..opq")], "is below what is no", id="opaque below a file"
        ),
        pytest.param([entry("/")], "would replace the root", id="root"),
        pytest.param([entry("b", HARD_LINK, link="a"), entry("a")], "no earlier entry", id="later"),
        pytest.param([entry("b", HARD_LINK, link="c/a")], "no earlier entry", id="lower layer"),
        pytest.param([entry("a"), entry("a", HARD_LINK, link="a")], "no earlier", id="to itself"),
        pytest.param(
            [entry(".wh.a"), entry("b", HARD_LINK, link="a")], "no earlier", id="whiteout"
        ),
        pytest.param(
            [entry("a"), entry("b", HARD_LINK, link="a/x")], "no earlier", id="below file"
        ),
        pytest.param([directory("a"), entry("b", HARD_LINK, link="a")], "directory", id="to a dir"),
        pytest.param([entry("b", HARD_LINK, link="/")], "which is a directory", id="to the root"),
        pytest.param(
            [entry("a"), entry("b", HARD_LINK, link="a", mode=0o600)], "another mode", id="mode"
        ),
        pytest.param(
            [entry("a"), entry("b", HARD_LINK, link="a", mtime=5)], "another mode", id="time"
        ),
        # Python's hash of a number is the same for one that is larger by 2**61 - 1.
        *(
            pytest.param(
                [entry("a", mtime=0), entry("b", HARD_LINK, link="a", mtime=0, records=record)],
                "another mode",
                id=f"{name} of the same hash",
            )
            for name, record in (
                ("time", {"mtime": "2305843009.213693951"}),
                ("owner", {"uid": str(2**61 - 1)}),
                ("group", {"gid": str(2**61 - 1)}),
            )
        ),
        pytest.param(
            [entry("a"), entry("b", HARD_LINK, link="a", records={"SCHILY.xattr.user.a": "1"})],
            "another mode",
            id="attribute",
        ),
        pytest.param(
            [
                entry("a", records={"SCHILY.xattr.security.capability": "1"}),
                entry("b", HARD_LINK, link="a"),
            ],
            "another mode",
            id="lost capability",
        ),
        pytest.param([entry("l", SYMBOLIC_LINK)], "a target that is none", id="empty target"),
        pytest.param(
            [entry("l", SYMBOLIC_LINK, link="u"), entry("l/x")], "leads through a", id="dangling"
        ),
        pytest.param(
            [entry("l", SYMBOLIC_LINK, link="l"), entry("l/x")], "too many links", id="loop"
        ),
        pytest.param(
            [entry("l", SYMBOLIC_LINK, link="b", records={"SCHILY.xattr.user.a": "1"})],
            "an attribute that no file can have",
            id="attribute of a link",
        ),
        pytest.param(
            [entry("a", records={"SCHILY.xattr.trusted.overlay.redirect": "/etc"})],
            "an attribute of overlayfs, 'trusted.overlay.redirect'",
            id="attribute of overlayfs",
        ),
        pytest.param(
            [entry("a", records={"SCHILY.xattr.user.": "1"})], "no file can have", id="no name"
        ),
        pytest.param(
            [entry("c", tarfile.CHRTYPE, device=(5000, 1))], "a device with a number", id="device"
        ),
        pytest.param([entry("n" * 256)], "a name of 256 bytes", id="long name"),
        pytest.param([entry("n/" * 2500)], "a name of 5", id="long path"),
        pytest.param([entry("a", records={"uid": str(2**32 - 1)})], "which nobody", id="owner"),
        pytest.param([entry("a", records={"uid": "0x5"})], "a number that is none", id="number"),
        pytest.param([entry("a", records={"mtime": "1.x"})], "a number that is none", id="time"),
    ],
)
def test_what_no_engine_unpacks_or_what_would_become_another_is_refused(
    entries: Sequence[bytes], message: str
) -> None:
    assert message in refusal(tar(*entries))


def test_a_header_of_old_go_has_its_prefix() -> None:
    # Go before 1.8 put a prefix into GNU's format, where a time stands.
    block = entry("name", tar_format=tarfile.GNU_FORMAT)[:_BLOCK]
    assert names(_broken(345, b"some/prefix", block)) == [
        "some/",
        "some/prefix/",
        "some/prefix/name",
    ]


def test_a_tar_of_version_7_and_one_with_signed_checksums_are_read() -> None:
    block = bytearray(entry("n\udcff", tar_format=tarfile.USTAR_FORMAT)[:_BLOCK])
    block[257:512] = bytes(255)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % (sum(block) - 256)
    assert names(bytes(block)) == ["n\udcff"]


def test_memory_grows_with_names_and_not_with_content() -> None:
    written = 0

    def pieces() -> object:
        yield entry("big", records={"size": str(10**12)})[: 3 * _BLOCK]
        for _ in range(50):
            yield bytes(1024 * 1024)

    def write(data: bytes | memoryview) -> None:
        nonlocal written
        written += len(data)
        assert len(data) <= 1024 * 1024

    with pytest.raises(NixfetchError, match="ends in the middle"):
        write_unpacked(pieces(), write)  # type: ignore[arg-type]
    assert written > 50 * 1024 * 1024
