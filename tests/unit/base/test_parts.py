from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.users import reachable_directory, unprivileged

from nixfetch_docker.base import files, parts

DAY = 24 * 3600


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def left_by_a_killed_process(path: Path) -> Path:
    part, held = parts.make_file(path, ExitStack())
    os.close(held)
    return part


def test_a_part_of_a_killed_process_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.toml"
    left_by_a_killed_process(path)
    directory, held = parts.make_directory(path, ExitStack())
    (directory / "blobs").mkdir()
    os.close(held)
    files.write(path, "new")
    assert names(tmp_path) == ["images.lock.toml"]


@pytest.mark.parametrize("make", [parts.make_file, parts.make_directory])
def test_a_signal_while_a_part_is_made_leaves_nothing(
    make: Callable[[Path, ExitStack], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "_is_held", interrupted)
    with pytest.raises(KeyboardInterrupt), ExitStack() as at_end:
        make(tmp_path / "images.lock.toml", at_end)
    assert names(tmp_path) == []


def test_a_part_of_a_process_that_lives_stays(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.toml"
    file, held_file = parts.make_file(path, ExitStack())
    directory, held_directory = parts.make_directory(path, ExitStack())
    files.write(path, "new")
    assert set(names(tmp_path)) == {path.name, file.name, directory.name}
    os.close(held_file)
    os.close(held_directory)


@pytest.mark.parametrize(
    ("name", "age", "stays"),
    [
        pytest.param(".a.0123456701234567.part", 0, True, id="fresh, of another machine"),
        pytest.param(".a.0123456701234567.part", DAY - 1, True, id="almost old"),
        pytest.param(".a.0123456701234567.part", DAY, False, id="old, of another machine"),
        pytest.param(".a.01234567.part", DAY, False, id="old, of an earlier version"),
        pytest.param(".b.0123456701234567.part", 2 * DAY, True, id="for another file"),
        pytest.param(".a.b.0123456701234567.part", 2 * DAY, True, id="for a longer name"),
        pytest.param(".a.part", 2 * DAY, True, id="of another program"),
        pytest.param("a.0123456701234567.part", 2 * DAY, True, id="not hidden"),
    ],
)
def test_only_what_is_surely_left_is_removed(
    name: str, age: int, stays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).touch()
    monkeypatch.setattr(time, "time", lambda: 10.0 * DAY)
    os.utime(tmp_path / name, (10 * DAY - age, 10 * DAY - age))
    files.write(tmp_path / "a", "new")
    assert names(tmp_path) == sorted(["a", *([name] if stays else [])])


@pytest.mark.parametrize(("age", "stays"), [(0, True), (2 * DAY, False)], ids=["fresh", "old"])
def test_without_locks_a_part_stays_for_a_day(
    age: int, stays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    part = left_by_a_killed_process(tmp_path / "a")
    os.utime(part, (time.time() - age, time.time() - age))
    monkeypatch.setattr(fcntl, "flock", refuse)
    parts.remove_leftovers(tmp_path / "a")
    assert names(tmp_path) == ([part.name] if stays else [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's files")
def test_root_removes_what_others_left_and_others_do_not() -> None:
    with reachable_directory() as directory:
        directory.chmod(0o777)
        of_root, of_another = (left_by_a_killed_process(directory / "a") for _ in range(2))
        of_root.chmod(0o644)
        os.chown(of_another, 65534, 65534)
        with unprivileged():
            parts.remove_leftovers(directory / "a")
        assert names(directory) == [of_root.name]
        os.chown(of_root, 65533, 65533)
        parts.remove_leftovers(directory / "a")
        assert names(directory) == []


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o026)
    try:
        part, held = parts.make_file(tmp_path / "a", ExitStack())
    finally:
        os.umask(before)
    os.close(held)
    assert stat.S_IMODE(part.stat().st_mode) == 0o640


def test_what_stands_at_the_name_of_a_part_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr(os, "urandom", bytes)
    planted = left_by_a_killed_process(tmp_path / "a")
    makers: list[Callable[[Path, ExitStack], object]] = [parts.make_file, parts.make_directory]
    for target in (None, victim):
        planted.unlink()
        planted.symlink_to(target) if target else planted.touch()
        for make in makers:
            with pytest.raises(FileExistsError):
                make(tmp_path / "a", ExitStack())
    assert victim.read_text() == "mine"


def test_a_link_that_takes_the_place_of_a_new_directory_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    (victim / "mine").mkdir(parents=True)
    monkeypatch.setattr(Path, "mkdir", lambda part, *_: part.symlink_to(victim))
    with ExitStack() as at_end, pytest.raises(OSError, match="Not a directory"):
        parts.make_directory(tmp_path / "a", at_end)
    assert names(victim) == ["mine"]


@pytest.mark.parametrize("make", [parts.make_file, parts.make_directory])
@pytest.mark.parametrize("is_locked", [True, False], ids=["locked by it", "removed already"])
def test_a_part_that_another_process_takes_for_a_dead_one_is_made_again(
    make: Callable[[Path, ExitStack], tuple[Path, int]],
    is_locked: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock = fcntl.flock
    taken: list[str] = []

    def interfere(handle: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        taken.extend(names(tmp_path))
        for part in tmp_path.iterdir():
            part.rmdir() if part.is_dir() else part.unlink()
        if is_locked:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", interfere)
    with ExitStack() as at_end:
        part, held = make(tmp_path / "a", at_end)
        os.close(held)
        assert names(tmp_path) == [part.name]
        assert taken != [part.name]
    assert names(tmp_path) == []


def test_a_directory_that_is_removed_before_it_is_open_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", lambda *_: monkeypatch.undo())
    with ExitStack() as at_end:
        part, held = parts.make_directory(tmp_path / "a", at_end)
        os.close(held)
        assert part.is_dir()
    assert names(tmp_path) == []


def test_a_link_or_pipe_with_the_name_of_a_part_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    one, two = (left_by_a_killed_process(tmp_path / "a") for _ in range(2))
    one.unlink()
    one.symlink_to(victim)
    two.unlink()
    os.mkfifo(two)
    files.write(tmp_path / "a", "new")
    assert victim.read_text() == "mine"


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    files.write(path, "old")
    left_by_a_killed_process(path)
    files.write(path, "new")
    assert names(tmp_path) == [path.name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("mode", "stays"),
    [pytest.param(0o1777, True, id="shared"), pytest.param(0o755, False, id="own")],
)
def test_root_removes_a_part_of_another_user_but_not_in_a_shared_directory(
    mode: int, tmp_path: Path, *, stays: bool
) -> None:
    part = left_by_a_killed_process(tmp_path / "a")
    os.chown(part, 65534, 65534)
    tmp_path.chmod(mode)
    files.write(tmp_path / "a", "new")
    assert part.exists() == stays


def test_a_new_directory_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o026)
    try:
        part, held = parts.make_directory(tmp_path / "a", ExitStack())
    finally:
        os.umask(before)
    os.close(held)
    assert stat.S_IMODE(part.stat().st_mode) == 0o751


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
def test_root_removes_its_own_part_in_a_directory_of_all(tmp_path: Path) -> None:
    part = left_by_a_killed_process(tmp_path / "a")
    os.chown(tmp_path, 65534, 65534)
    tmp_path.chmod(0o1777)
    parts.remove_leftovers(tmp_path / "a")
    assert not part.exists()
