from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixfetch_docker.archives import temporary

# A process that is killed while it has a directory.
KILLED = """
import os, signal
from nixfetch_docker.archives import temporary
with temporary.directory() as made:
    (made / "blob").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_directory_is_removed_with_its_files(parent: Path) -> None:
    with temporary.directory() as made:
        assert made.parent == parent
        (made / "blob").write_bytes(b"x")
    assert list(parent.iterdir()) == []


def test_an_error_removes_it_too(parent: Path) -> None:
    with pytest.raises(ValueError, match="no"), temporary.directory():
        raise ValueError("no")
    assert list(parent.iterdir()) == []


def test_the_next_process_removes_the_directory_of_one_that_was_killed(parent: Path) -> None:
    env = {**os.environ, "TMPDIR": str(parent)}
    subprocess.run([sys.executable, "-c", KILLED], env=env, check=False)
    (left,) = parent.iterdir()
    assert (left / "blob").exists()
    with temporary.directory() as made:
        assert list(parent.iterdir()) == [made]


def test_the_directory_of_a_process_that_runs_stays(parent: Path) -> None:
    with temporary.directory() as one, temporary.directory() as other:
        assert {one, other} == set(parent.iterdir())


@pytest.mark.parametrize("kind", ["file", "link", "fifo", "other name"])
def test_what_is_no_directory_of_ours_stays(kind: str, parent: Path) -> None:
    outside = parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    path = parent / "nixfetch-docker-abc"
    match kind:
        case "file":
            path.write_text("mine")
        case "link":
            path.symlink_to(outside)
        case "fifo":
            os.mkfifo(path)
        case _:
            path = parent / "nixfetch-other"
            path.mkdir()
    with temporary.directory():
        pass
    assert os.path.lexists(path)
    assert (outside / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_directory_of_another_user_stays(parent: Path) -> None:
    (parent / "nixfetch-docker-abc").mkdir(mode=0o755)
    os.chown(parent / "nixfetch-docker-abc", 65534, 65534)
    with temporary.directory():
        pass
    assert (parent / "nixfetch-docker-abc").exists()
