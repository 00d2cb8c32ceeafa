from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nixfetch_docker.base import files
from nixfetch_docker.base.files import FileError
from nixfetch_docker.errors import WrongContent


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    files.write(path, "é\n")
    assert files.read(path) == "é\n"
    assert path.read_bytes() == "é\n".encode()


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param(b"\xff", "byte 0 (line 1, column 1)", id="first byte"),
        pytest.param(b"\n\xff", "byte 1 (line 2, column 1)", id="behind an empty line"),
        pytest.param(b"a\nb\ncd\xff", "byte 6 (line 3, column 3)", id="third line"),
        pytest.param(b"ab\n\xc3\xa9\xff", "byte 5 (line 2, column 2)", id="behind a long letter"),
        pytest.param(b"a\r\nb\xffc\n\n\xff", "byte 4 (line 2, column 2)", id="first of two"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(data: bytes, place: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        files.read(path)
    assert str(caught.value) == f"{place} is not UTF-8; save it as UTF-8"


def test_a_directory_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        files.read(tmp_path)
    assert str(caught.value) == "cannot be read (Is a directory)"
    with pytest.raises(IsADirectoryError) as cause:
        files.read_bytes(tmp_path)
    assert cause.value.errno == errno.EISDIR


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.write_text("a longer old text")
    reader = path.open()
    with files.replacing(path) as file:
        file.write(b"new")
        assert path.read_text() == "a longer old text"
    assert path.read_text() == "new"
    # A reader that had it open still reads the old text, whole.
    with reader:
        assert reader.read() == "a longer old text"
    assert names(tmp_path) == ["a.lock"]


def break_off(path: Path, error: BaseException) -> None:
    with files.replacing(path) as file:
        file.write(b"half of")
        raise error


@pytest.mark.parametrize("error", [WrongContent("wrong"), KeyboardInterrupt()], ids=repr)
def test_an_error_leaves_the_old_file_and_no_other(tmp_path: Path, error: BaseException) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    for path in (old, new):
        with pytest.raises(type(error)) as caught:
            break_off(path, error)
        assert caught.value is error
    assert old.read_text() == "old"
    assert names(tmp_path) == ["old"]


def test_the_new_file_keeps_the_permissions_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    files.write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "there" / "a", tmp_path / "link"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to(target)
    files.write(link, "new")
    assert link.readlink() == target
    assert target.read_text() == "new"
    assert names(target.parent) == ["a"]


def test_a_file_cannot_be_written_where_there_is_no_directory(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a"
    with pytest.raises(FileError) as caught:
        files.write(path, "x")
    assert str(caught.value) == f"{path}: cannot be written (No such file or directory)"


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.mkdir()
    with pytest.raises(FileError) as caught:
        files.write(path, "x")
    assert str(caught.value) == f"{path}: cannot be written (Is a directory)"
    assert names(tmp_path) == ["a"]


def test_of_two_writers_each_writes_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with files.replacing(path) as first:
        first.write(b"fir")
        files.write(path, "second")
        assert path.read_text() == "second"
        first.write(b"st")
    assert path.read_text() == "first"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("path", ["/", "."])
def test_a_directory_cannot_be_written(path: str) -> None:
    with pytest.raises(FileError) as caught:
        files.write(Path(path), "text")
    place = Path(path).resolve()
    assert str(caught.value) == f"{place}: cannot be written (Is a directory)"


def test_a_full_disk_is_an_error_with_a_place(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(FileError) as caught:
        break_off(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert str(caught.value) == f"{path}: cannot be written (No space left on device)"
    assert names(tmp_path) == []


def test_the_error_for_a_path_says_where_and_why() -> None:
    error = OSError(errno.EACCES, os.strerror(errno.EACCES))
    assert str(files.unreadable(Path("/a"), error)) == "/a: cannot be read (Permission denied)"
    assert str(files.unwritable("stdout", error, hint="do this")) == (
        "stdout: cannot be written (Permission denied); do this"
    )


def is_locked(directory: Path) -> bool:
    """Whether another handle than ours cannot take the lock."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def test_a_lock_on_a_directory_lasts_as_long_as_the_block(tmp_path: Path) -> None:
    with files.alone_in(tmp_path, pytest.fail):
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)
    assert names(tmp_path) == []


def test_a_lock_is_waited_for_after_a_notice(tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    waits: list[bool] = []

    def on_wait() -> None:
        waits.append(is_locked(tmp_path))
        os.close(other)

    with files.alone_in(tmp_path, on_wait):
        assert is_locked(tmp_path)
    assert waits == [True]


def test_a_directory_that_is_missing_cannot_be_locked(tmp_path: Path) -> None:
    path = tmp_path / "missing"
    with pytest.raises(FileError) as caught, files.alone_in(path):
        pass
    assert str(caught.value) == f"{path}: cannot be read (No such file or directory)"


def test_an_error_for_a_file_names_it_and_the_remedy(tmp_path: Path) -> None:
    error = OSError(13, "Permission denied")
    path = tmp_path / "a"
    hint = "make it readable"
    assert str(files.unreadable(path, error, hint=hint)) == (
        f"{path}: cannot be read (Permission denied); {hint}"
    )
    assert str(files.unwritable(path, error)) == f"{path}: cannot be written (Permission denied)"


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            os.mkfifo, "it is a pipe, which may never end; name a regular file", id="pipe"
        ),
        pytest.param(
            make_socket, "it is a socket, which may never end; name a regular file", id="socket"
        ),
        pytest.param(
            lambda path: path.symlink_to("/dev/zero"),
            "it is a device, which may never end; name a regular file",
            id="device",
        ),
        pytest.param(lambda path: path.mkdir(), "cannot be read (Is a directory)", id="directory"),
    ],
)
def test_what_is_no_file_is_an_error_at_once(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    make(tmp_path / "a")
    with pytest.raises(FileError) as caught:
        files.read(tmp_path / "a")
    assert str(caught.value) == message
    with pytest.raises((FileError, IsADirectoryError)):
        files.read_bytes(tmp_path / "a")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text("text")

    def swap(_: Path) -> os.stat_result:
        monkeypatch.undo()
        status = path.stat()
        path.unlink()
        os.mkfifo(path)
        return status

    monkeypatch.setattr(Path, "stat", swap)
    # Who opens a pipe for reading waits for a writer; this one comes where that has happened.
    rescue = threading.Timer(10, path.write_bytes, (b"",))
    rescue.start()
    with pytest.raises(FileError, match=r"^it is a pipe, which may never end"):
        files.read_bytes(path)
    assert rescue.is_alive()
    rescue.cancel()


def test_a_pipe_of_the_shell_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"text")
    os.close(writer)
    assert files.read(Path(f"/dev/fd/{reader}")) == "text"
    os.close(reader)


def test_a_pipe_that_a_person_named_for_this_run_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write_late() -> None:
        with path.open("wb", buffering=0) as pipe:
            time.sleep(0.05)  # The reader waits by now.
            pipe.write(b"text")

    thread = threading.Thread(target=write_late)
    thread.start()
    assert files.read(path, is_named=True) == "text"
    thread.join()


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LARGEST", 1000)
    with pytest.raises(FileError) as caught:
        files.read(Path("/dev/zero"), is_named=True)
    assert str(caught.value) == "it is larger than 1000 bytes; name another file"


def test_a_file_may_be_as_large_as_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LARGEST", 10)
    path = tmp_path / "a"
    path.write_bytes(bytes(10))
    assert files.read_bytes(path) == bytes(10)
    path.write_bytes(bytes(11))
    with pytest.raises(FileError):
        files.read_bytes(path)


def test_where_a_file_system_has_no_locks_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _operation: int) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with files.alone_in(tmp_path, pytest.fail):
        files.write(tmp_path / "a", "text")
    assert names(tmp_path) == ["a"]


def make_image(path: Path, meanwhile: Callable[[], object] = lambda: None) -> None:
    """A directory such as an OCI layout, in which `meanwhile` is called at the end."""
    with files.making_directory(path) as part:
        for name in ("oci-layout", "index.json"):
            (part / name).write_text("{}")
        for name in ("more", "blobs"):
            (part / name / "inner").mkdir(parents=True)
        meanwhile()


def break_off_with(error: BaseException) -> None:
    raise error


def test_a_new_directory_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "image"
    before: list[bool] = []
    make_image(path, lambda: before.append(path.exists()))
    assert before == [False]
    assert names(path) == ["blobs", "index.json", "more", "oci-layout"]
    assert names(tmp_path) == ["image"]


def test_an_empty_directory_stays_the_same_and_gets_directories_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "image"
    path.mkdir(mode=0o750)
    before = path.stat()
    order: list[str] = []
    rename = Path.rename

    def note(one: Path, target: Path) -> Path:
        order.append(target.name)
        return rename(one, target)

    monkeypatch.setattr(Path, "rename", note)
    make_image(path)
    # The files say that the directory is an image.
    assert order == ["blobs", "more", "index.json", "oci-layout"]
    assert names(path) == sorted(order)
    assert (path.stat().st_ino, path.stat().st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "empty"])
def test_an_error_leaves_no_directory_and_an_empty_one_as_it_was(
    is_new: bool, tmp_path: Path
) -> None:
    path = tmp_path / "image"
    if not is_new:
        path.mkdir()
    with pytest.raises(WrongContent):
        make_image(path, lambda: break_off_with(WrongContent("wrong")))
    assert names(tmp_path) == ([] if is_new else ["image"])
    assert is_new or names(path) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda path: path.write_text(""),
            "it exists already; name a new or an empty directory",
            id="file",
        ),
        pytest.param(
            lambda path: (path / "mine").mkdir(parents=True),
            "it exists already; name a new or an empty directory",
            id="full directory",
        ),
        pytest.param(
            lambda path: path.symlink_to("image"),
            "cannot be written (Too many levels of symbolic links)",
            id="link to itself",
        ),
    ],
)
def test_a_directory_is_not_made_where_something_is(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "image"
    make(path)
    with pytest.raises(FileError) as caught, files.making_directory(path):
        pytest.fail("the work has begun")
    assert str(caught.value) == f"{path}: {message}"
    assert names(tmp_path) == ["image"]


def test_what_others_put_into_the_directory_meanwhile_stays_and_all_else_goes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "image"
    path.mkdir()
    with pytest.raises(FileError) as caught:
        make_image(path, (path / "oci-layout").mkdir)
    assert str(caught.value) == f"{path}: cannot be written (Is a directory)"
    assert names(path) == ["oci-layout"]


def test_where_others_remove_what_was_moved_the_first_error_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, victim = tmp_path / "image", tmp_path / "victim"
    path.mkdir()
    (victim / "mine").mkdir(parents=True)
    rename = Path.rename

    def fill_up(one: Path, target: Path) -> Path:
        if target.name != "oci-layout":
            return rename(one, target)
        (path / "blobs" / "inner").rmdir()
        (path / "blobs").rmdir()
        (path / "blobs").symlink_to(victim)
        (path / "index.json").unlink()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", fill_up)
    with pytest.raises(FileError) as caught:
        make_image(path)
    assert str(caught.value) == f"{path}: cannot be written (No space left on device)"
    assert names(victim) == ["mine"]


def test_a_path_is_followed_or_the_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "loop").symlink_to("loop")
    assert files.followed(tmp_path / "link" / "new") == tmp_path / "real" / "new"
    with pytest.raises(FileError) as caught:
        files.followed(tmp_path / "loop")
    assert str(caught.value) == (
        f"{tmp_path}/loop: cannot be written (Too many levels of symbolic links)"
    )
