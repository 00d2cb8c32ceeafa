from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support.users import unprivileged

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


def test_own_links_are_followed_everywhere(shared: Path) -> None:
    plant_link(shared / "out")
    files.write(shared / "out", "new")
    assert (shared.parent / "victim").read_text() == "new"
    (shared / "deep").symlink_to("../shared/../shared")
    files.write(shared / "deep/../shared/deep/new", "new")
    assert (shared / "new").read_text() == "new"


def test_links_that_lead_to_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(FileError) as caught:
        files.write(tmp_path / "a", "new")
    assert "Too many levels of symbolic links" in str(caught.value)


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
    assert str(caught.value).endswith(message)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_mount_points_are_found_in_the_list_of_the_system(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_bytes(
        b"36 35 98:0 / / rw - ext4 /dev/root rw\n"
        b"40 36 98:0 /x /work/images.lock.toml rw,noatime shared:1 - ext4 /dev/root rw\n"
        b"41 36 98:0 /x /work/a\\040b\\134c rw - ext4 /dev/root rw\n"
    )
    assert is_mount_point(Path("/work/images.lock.toml"), mounts)
    assert is_mount_point(Path("/work/a b\\c"), mounts)
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
