from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixfetch_docker.base import parts

# A process that is killed while it has a directory.
KILLED = """
import os, signal
from nixfetch_docker.base import parts
with parts.temporary_directory() as made:
    (made / "blob").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_directory_is_removed_with_its_files(parent: Path) -> None:
    with parts.temporary_directory() as made:
        assert made.parent == parent
        (made / "blob").write_bytes(b"x")
    assert list(parent.iterdir()) == []


def test_an_error_removes_it_too(parent: Path) -> None:
    with pytest.raises(ValueError, match="no"), parts.temporary_directory():
        raise ValueError("no")
    assert list(parent.iterdir()) == []


def test_the_next_process_removes_the_directory_of_one_that_was_killed(parent: Path) -> None:
    env = {**os.environ, "TMPDIR": str(parent)}
    subprocess.run([sys.executable, "-c", KILLED], env=env, check=False)
    (left,) = parent.iterdir()
    assert (left / "blob").exists()
    with parts.temporary_directory() as made:
        assert list(parent.iterdir()) == [made]


def test_the_directory_of_a_process_that_runs_stays(parent: Path) -> None:
    with parts.temporary_directory() as one, parts.temporary_directory() as other:
        assert {one, other} == set(parent.iterdir())


def name_of_one_that_is_left(parent: Path) -> Path:
    """The name of a directory as a killed process of this machine leaves it."""
    with parts.temporary_directory() as made:
        pass
    return parent / made.name


@pytest.mark.parametrize("kind", ["link", "fifo", "other name"])
def test_what_is_no_directory_of_ours_stays(kind: str, parent: Path) -> None:
    outside = parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    path = name_of_one_that_is_left(parent)
    match kind:
        case "link":
            path.symlink_to(outside)
        case "fifo":
            os.mkfifo(path)
        case _:
            path = path.with_suffix(".other")
            path.mkdir()
    with parts.temporary_directory():
        pass
    assert os.path.lexists(path)
    assert (outside / "file").read_text() == "mine"


def test_it_is_for_its_user_alone() -> None:
    before = os.umask(0)
    try:
        with parts.temporary_directory() as made:
            assert made.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("mode", "stays"),
    [pytest.param(0o1777, True, id="shared"), pytest.param(0o755, False, id="own")],
)
def test_root_removes_what_another_user_left_but_not_in_a_shared_directory(
    mode: int, parent: Path, *, stays: bool
) -> None:
    path = name_of_one_that_is_left(parent)
    path.mkdir()
    os.chown(path, 65534, 65534)
    parent.chmod(mode)
    with parts.temporary_directory():
        pass
    assert path.exists() == stays


@pytest.mark.parametrize("value", [None, "", "/elsewhere"])
def test_the_parent_is_the_one_of_the_environment(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR")
    if value is not None:
        monkeypatch.setenv("TMPDIR", value)
    assert parts.temporary_parent() == Path(value or "/tmp")  # noqa: S108
