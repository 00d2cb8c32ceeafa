from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

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
    ("name", "days", "stays"),
    [
        pytest.param(".a.0123456701234567.part", 0, True, id="fresh, of another machine"),
        pytest.param(".a.0123456701234567.part", 2, False, id="old, of another machine"),
        pytest.param(".a.01234567.part", 2, False, id="old, of an earlier version"),
        pytest.param(".b.0123456701234567.part", 2, True, id="for another file"),
        pytest.param(".a.b.0123456701234567.part", 2, True, id="for a file with a longer name"),
        pytest.param(".a.part", 2, True, id="of another program"),
        pytest.param("a.0123456701234567.part", 2, True, id="not hidden"),
    ],
)
def test_only_what_is_surely_left_is_removed(
    name: str, days: int, stays: bool, tmp_path: Path
) -> None:
    (tmp_path / name).touch()
    then = time.time() - days * DAY
    os.utime(tmp_path / name, (then, then))
    files.write(tmp_path / "a", "new")
    assert names(tmp_path) == sorted(["a", *([name] if stays else [])])


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
