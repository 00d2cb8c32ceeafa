from __future__ import annotations

import os
from pathlib import Path

import pytest

from nixfetch_docker.lockfile.search import find_images

HERE = Path("images.toml")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param([".git/", "images.toml", "a/b/"], "../../images.toml", id="at the root"),
        pytest.param(
            [".git/", "images.toml", "a/images.toml", "a/b/"], "../images.toml", id="near"
        ),
        pytest.param([".git/", "images.toml", "a/b/images.toml"], "images.toml", id="here"),
        pytest.param([".git", "images.toml", "a/b/"], "../../images.toml", id="a git worktree"),
        pytest.param([".jj/", "images.toml", "a/b/"], "../../images.toml", id="another system"),
        pytest.param(["images.toml", "a/.git/", "a/b/"], "images.toml", id="above the root"),
        pytest.param(["images.toml", "a/b/.git/"], "images.toml", id="above a root here"),
        pytest.param(["images.toml", "a/b/"], "images.toml", id="no repository"),
        pytest.param([".git/", "images.toml/", "a/b/"], "images.toml", id="a directory"),
        pytest.param([".git/", "a/b/"], "images.toml", id="none"),
    ],
)
def test_the_nearest_file_up_to_the_root_of_the_repository(
    files: list[str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text("")
    monkeypatch.chdir(tmp_path / "a/b")
    assert find_images() == Path(found)


def test_a_dangling_link_here_is_the_one_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "images.toml").write_text("")
    here = tmp_path / "here"
    here.mkdir()
    (here / "images.toml").symlink_to("missing")
    monkeypatch.chdir(here)
    assert find_images() == HERE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
@pytest.mark.parametrize(
    ("owner_above", "owner_here", "found"),
    [
        pytest.param(0, 1000, "../images.toml", id="root's is taken by root"),
        pytest.param(1000, 1000, "../images.toml", id="the owner of this directory"),
        pytest.param(1001, 1000, "images.toml", id="somebody else's"),
        pytest.param(1001, 0, "images.toml", id="somebody else's, in a directory of this user"),
    ],
)
def test_a_file_above_that_is_another_users_is_not_taken(
    owner_above: int,
    owner_here: int,
    found: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "images.toml").write_text("")
    here = tmp_path / "here"
    here.mkdir()
    os.chown(tmp_path, owner_above, -1)
    os.chown(here, owner_here, -1)
    monkeypatch.chdir(here)
    assert find_images() == Path(found)
    os.chown(tmp_path, 0, -1)


def test_a_directory_that_is_gone_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_images() == HERE
