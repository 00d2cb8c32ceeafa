from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.users import reachable_directory, unprivileged

from nixfetch_docker.base import files
from nixfetch_docker.base.destination import Destination, is_mount_point, may_follow
from nixfetch_docker.base.files import FileError

OTHER = 65534  # The user of `unprivileged`.
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's files")


def status(mode: int, user: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, user, 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "directory_user", "user", "owner", "expected"),
    [
        pytest.param(0o1777, 0, 1000, 1000, True, id="own"),
        pytest.param(0o1777, 0, 1000, 0, True, id="of the owner of the directory"),
        pytest.param(0o1777, 0, 1000, 1001, False, id="of another user"),
        pytest.param(0o1777, 0, 0, 1001, False, id="of another user, for root"),
        pytest.param(0o1777, 1001, 0, 1001, True, id="of the directory's owner, for root"),
        pytest.param(0o0755, 0, 1000, 1001, True, id="directory of one user"),
        pytest.param(0o0777, 0, 1000, 1001, True, id="directory that is not sticky"),
        pytest.param(0o1775, 0, 1000, 1001, True, id="directory of a group"),
    ],
)
def test_files_of_others_in_shared_directories_are_not_followed(
    mode: int, directory_user: int, user: int, owner: int, expected: bool
) -> None:
    directory = status(stat.S_IFDIR | mode, directory_user)
    assert may_follow(status(stat.S_IFLNK, owner), directory, user) is expected


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A directory such as /tmp, beside which the file `victim` lies."""
    (tmp_path / "victim").write_text("mine")
    directory = tmp_path / "shared"
    directory.mkdir()
    directory.chmod(0o1777)
    return directory


def plant_link(path: Path) -> None:
    path.symlink_to(path.parent.parent / "victim")


def plant_directory_link(path: Path) -> None:
    path.symlink_to(path.parent.parent)


@as_root
@pytest.mark.parametrize(
    ("plant", "name"),
    [
        pytest.param(plant_link, "out", id="link"),
        pytest.param(lambda path: path.symlink_to("missing"), "out", id="link to nothing"),
        pytest.param(plant_directory_link, "out/victim", id="link on the way"),
        pytest.param(lambda path: path.write_text("theirs"), "out", id="file"),
        pytest.param(os.mkfifo, "out", id="pipe"),
        pytest.param(lambda path: path.mkdir(), "out", id="directory"),
    ],
)
def test_what_another_user_planted_is_not_written_through(
    plant: Callable[[Path], None], name: str, shared: Path
) -> None:
    plant(shared / "out")
    os.chown(shared / "out", OTHER, OTHER, follow_symlinks=False)
    with pytest.raises(FileError) as caught:
        files.write(shared / name, "new")
    with pytest.raises(FileError), files.making_directory(shared / name):
        pytest.fail("the work has begun")
    with pytest.raises(FileError):
        files.followed(shared / name)
    assert str(caught.value) == (
        f"{shared}/out: another user put this into a directory where everybody may write; "
        "name another file, or remove this one"
    )
    assert (shared.parent / "victim").read_text() == "mine"
    assert [path.name for path in shared.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "is_theirs", [False, pytest.param(True, marks=as_root)], ids=["own", "of another user"]
)
def test_own_links_are_followed_everywhere(is_theirs: bool, shared: Path) -> None:
    if is_theirs:
        os.chown(shared, OTHER, OTHER)
    plant_link(shared / "out")
    files.write(shared / "out", "new")
    assert (shared.parent / "victim").read_text() == "new"
    (shared / "deep").symlink_to("../shared/../shared")
    files.write(shared / "deep/../shared/deep/new", "new")
    assert (shared / "new").read_text() == "new"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("real/file", id="no link"),
        pytest.param("missing/../real/new", id="by way of nothing"),
        pytest.param("link/..", id="up from a link"),
        pytest.param("link/../file", id="beside what a link leads to"),
        pytest.param("absolute/file", id="absolute link"),
        pytest.param("slashes/file", id="link that begins with two slashes"),
        pytest.param("twice/file", id="link to a link"),
        pytest.param("up/real/file", id="link upwards"),
        pytest.param("/../..", id="up from the top"),
    ],
)
def test_a_path_is_followed_as_the_system_does(name: str, tmp_path: Path) -> None:
    deep = tmp_path / "one" / "two"
    deep.mkdir(parents=True)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "link").symlink_to("one/two")
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    (tmp_path / "slashes").symlink_to(f"/{tmp_path}/real")
    (tmp_path / "twice").symlink_to("absolute")
    (tmp_path / "up").symlink_to(f"../{tmp_path.name}")
    path = tmp_path / name
    found = Destination.of(path)
    assert str(found.path) == os.path.realpath(path)
    assert (found.old is not None) is found.path.exists()


@pytest.mark.parametrize("is_loop", [True, False], ids=["in a circle", "in a long row"])
def test_links_that_lead_to_too_many_others_are_an_error(is_loop: bool, tmp_path: Path) -> None:
    for number in range(42):
        (tmp_path / f"{number}").symlink_to(f"{number + 1}")
    if is_loop:
        (tmp_path / "42").symlink_to("0")
    # As many as Linux follows.
    if not is_loop:
        assert Destination.of(tmp_path / "2").path == tmp_path / "42"
    with pytest.raises(FileError) as caught:
        files.write(tmp_path / "1", "new")
    assert "Too many levels of symbolic links" in str(caught.value)
    with pytest.raises(OSError, match="Too many levels") as cause:
        Destination.of(tmp_path / "1")
    assert cause.value.errno == errno.ELOOP


@as_root
def test_root_leaves_a_file_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.toml"
    path.write_text("old")
    path.chmod(0o640)
    os.chown(path, OTHER, OTHER - 1)
    files.write(path, "new")
    found = path.stat()
    assert (found.st_uid, found.st_gid) == (OTHER, OTHER - 1)
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert path.read_text() == "new"
    # A new file is that of who makes it, also in somebody's directory.
    os.chown(tmp_path, OTHER, OTHER)
    files.write(tmp_path / "new", "new")
    assert (tmp_path / "new").stat().st_uid == 0


@pytest.fixture
def groups() -> Iterator[list[int]]:
    """The groups that the test is in, which it may change."""
    before = os.getgroups()
    yield before
    os.setgroups(before)


@as_root
@pytest.mark.parametrize(
    ("is_member", "mode", "kept"),
    [
        pytest.param(True, 0o664, 0o664, id="own group"),
        pytest.param(True, 0o6775, 0o775, id="own group, and runs as another user"),
        pytest.param(False, 0o666, 0o666, id="group of others"),
        pytest.param(False, 0o1666, 0o666, id="group of others, and sticky"),
    ],
)
def test_a_user_keeps_what_a_user_can_of_a_file_of_another(
    is_member: bool, mode: int, kept: int, groups: list[int]
) -> None:
    group = 4321
    with reachable_directory() as directory:
        os.chown(directory, OTHER, OTHER)
        path = directory / "a"
        path.write_text("old")
        os.chown(path, 0, group)
        path.chmod(mode)
        os.setgroups([*groups, group] if is_member else [one for one in groups if one != group])
        with unprivileged():
            own_group = os.getegid()
            files.write(path, "new")
        found = path.stat()
        assert path.read_text() == "new"
    assert (found.st_uid, found.st_gid) == (OTHER, group if is_member else own_group)
    assert stat.S_IMODE(found.st_mode) == kept


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="Python knows attributes on Linux alone")
def test_a_file_keeps_its_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no attributes")
    files.write(path, "new")
    assert os.getxattr(path, "user.note") == b"mine"


@pytest.mark.parametrize("missing", ["listxattr", "getxattr"])
def test_where_attributes_cannot_be_kept_all_else_is(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    monkeypatch.setattr(os, "listxattr", lambda _: ["user.note"], raising=False)
    monkeypatch.setattr(os, missing, refuse, raising=False)
    files.write(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "protect",
    [
        pytest.param(lambda path: path.chmod(0o444), id="file"),
        pytest.param(lambda path: path.parent.chmod(0o555), id="directory"),
    ],
)
def test_what_may_not_be_written_is_an_error_before_the_work_begins(
    protect: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "project" / "a"
    path.parent.mkdir()
    path.write_text("old")
    for one in (*list(tmp_path.parents)[:-2], tmp_path):
        if one.stat().st_uid == os.geteuid():
            one.chmod(one.stat().st_mode | 0o055)
    if os.geteuid() == 0:
        os.chown(path, OTHER, OTHER)
        os.chown(path.parent, OTHER, OTHER)
    protect(path)
    with unprivileged(), pytest.raises(FileError) as caught, files.replacing(path):
        pytest.fail("the work has begun")
    assert str(caught.value) == f"{path}: cannot be written (Permission denied)"
    assert path.read_text() == "old"
    assert [one.name for one in path.parent.iterdir()] == ["a"]
    path.parent.chmod(0o755)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(os.mkfifo, "it is no regular file; name a file, or a new one", id="pipe"),
        pytest.param(
            lambda path: path.symlink_to(os.devnull),
            "it is no regular file; name a file, or a new one",
            id="device",
        ),
        pytest.param(
            lambda path: path.mkdir(), "cannot be written (Is a directory)", id="directory"
        ),
    ],
)
def test_what_is_no_file_is_an_error_before_the_work_begins(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    make(tmp_path / "a")
    with pytest.raises(FileError) as caught, files.replacing(tmp_path / "a"):
        pytest.fail("the work has begun")
    assert str(caught.value) == f"{(tmp_path / 'a').resolve()}: {message}"
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_directory_is_refused_as_the_system_does(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        Destination.of(tmp_path).check_file()
    assert caught.value.errno == errno.EISDIR


def test_mount_points_are_found_in_the_list_of_the_system(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_bytes(
        b"36 35 98:0 / / rw - ext4 /dev/root rw\n"
        b"40 36 98:0 /x /work/images.lock.toml rw,noatime shared:1 - ext4 /dev/root rw\n"
        b"41 36 98:0 /x /work/a\\040b\\134c rw - ext4 /dev/root rw\n"
        b"42 36 98:0 /x /work/X rw - ext4 /dev/root rw\n"
        b"cut off here\n"
    )
    assert is_mount_point(Path("/work/images.lock.toml"), mounts)
    assert is_mount_point(Path("/work/a b\\c"), mounts)
    assert is_mount_point(Path("/work/X"), mounts)
    assert not is_mount_point(Path("/work"), mounts)
    assert not is_mount_point(tmp_path, tmp_path / "missing")
    assert is_mount_point(Path("/"), tmp_path / "missing")


def test_a_mount_point_is_an_error_before_the_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr("nixfetch_docker.base.destination.is_mount_point", lambda one: one == path)
    with pytest.raises(FileError) as caught, files.replacing(path):
        pytest.fail("the work has begun")
    assert str(caught.value) == (
        f"{path}: it is a mount point, which cannot be replaced; "
        "mount the directory that it is in, or name another file"
    )
    assert Destination.of(path).old is not None
