"""`diff` with a real git, without a registry."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.builders import locked_image, request

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

REDIS, WEB = (locked_image(request(one), content=one) for one in ("redis:7", "acme/web:1"))
NEW = locked_image(request("redis:8"), content="redis:8")


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def write(**images: object) -> None:
    Path("images.lock.toml").write_text(Lock(images=images).to_toml())  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "ann")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ann@lab.example")
    (tmp_path / "a host").mkdir()
    monkeypatch.chdir(tmp_path / "a host")
    Path("images.toml").touch()
    git("init", "--quiet", "..")
    git("add", ".")
    git("commit", "--quiet", "-m", "no lock")
    write(redis=REDIS, web=WEB)
    git("add", ".")
    git("commit", "--quiet", "-m", "lock")


def test_what_is_added_removed_and_changed_with_layers_and_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(redis=NEW, db=WEB)
    assert main(["diff"]) == 0
    assert capsys.readouterr() == (
        f"db:    added   1 {WEB.digest.short} (linux/amd64: 2 layers, 89 B)\n"
        "redis: updated 7 -> 8 (linux/amd64: 1 of 2 layers new, 76 B to fetch)\n"
        "web:   removed\n",
        "",
    )
    assert main(["diff", "HEAD", "--json"]) == 0
    images = json.loads(capsys.readouterr().out)["images"]
    assert [image["change"] for image in images] == ["added", "updated", "removed"]


def test_the_same_and_a_revision_without_a_lock(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff"]) == 0
    assert capsys.readouterr() == ("", "images.lock.toml has the same images as in HEAD\n")
    assert main(["diff", "HEAD~1"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[1] for line in out.splitlines()] == ["added", "added"]
    assert err == "HEAD~1 has no images.lock.toml: all images are new\n"


@pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:images.toml", "HEAD..HEAD~1", ""])
def test_what_is_no_commit_is_refused(revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--", revision]) == 1
    assert f"git has no commit '{revision}'" in capsys.readouterr().err


def test_a_repository_without_a_commit_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    git("init", "--quiet")
    Path("images.toml").touch()
    write(web=WEB)
    assert main(["diff"]) == 1
    assert "git has no commit 'HEAD': nothing is committed yet" in capsys.readouterr().err


def test_a_lock_that_git_has_with_faults_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("images.lock.toml").write_text("version = 9\n")
    git("commit", "--quiet", "--all", "-m", "newer")
    write()
    assert main(["diff"]) == 1
    assert "images.lock.toml in HEAD: its version is 9" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["garbage [", "<<<<<<< HEAD\n", "", "version = 1\n[images.a]"])
def test_no_other_lock_is_advised_for_one_that_git_has_with_faults(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("images.lock.toml").write_text(text)
    git("commit", "--quiet", "--all", "-m", "faults")
    write()
    assert main(["diff"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("nixfetch-docker: images.lock.toml in HEAD: ")
    assert err.endswith("; name another revision\n")


def test_a_directory_that_git_has_in_its_place_is_no_lock(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lock = Path("images.lock.toml")
    lock.unlink()
    lock.mkdir()
    (lock / "else").touch()
    git("add", ".")
    git("commit", "--quiet", "-m", "a directory")
    (lock / "else").unlink()
    lock.rmdir()
    write(web=WEB)
    assert main(["diff"]) == 0
    assert capsys.readouterr().err == "HEAD has no images.lock.toml: all images are new\n"


def test_a_page_of_one_image_has_its_own_changes_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(redis=NEW, db=WEB)
    assert main(["show", "redis", "--html", "-", "--since", "HEAD"]) == 0
    page = capsys.readouterr().out
    assert "<h3>redis: updated</h3>" in page
    assert "db: added" not in page
    assert "web: removed" not in page
    assert main(["show", "--html", "-", "--since", "HEAD"]) == 0
    page = capsys.readouterr().out
    assert "<h3>db: added</h3>" in page
    assert "<h3>web: removed</h3>" in page


def _blob_file() -> Path:
    """The file of the committed lock in git's storage."""
    command = ["git", "rev-parse", "HEAD:./images.lock.toml"]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return Path("../.git/objects", name[:2], name[2:])


def _cut(file: Path) -> None:
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(Path.unlink, id="gone"),
        pytest.param(_cut, id="cut"),
        pytest.param(lambda file: (file.unlink(), file.write_bytes(b"x")), id="something else"),
    ],
)
def test_a_lock_that_git_has_lost_is_no_lock_that_was_not_there(
    damage: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(_blob_file())
    assert main(["diff"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "images.lock.toml in HEAD: git cat-file failed" in err
    assert "git fsck tells more" in err


def test_without_a_repository_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").rename(tmp_path / "gone")
    assert main(["diff"]) == 1
    err = capsys.readouterr().err
    assert "not a git repository" in err
    assert "run it in a work tree" in err
