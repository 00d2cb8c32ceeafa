"""Completion and the manual page, by the programs that read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import PROGRAM
from support.process import output, run


@pytest.fixture(params=["bash", "zsh", "fish"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / f"{request.param}-script"
    file.write_text(output([PROGRAM, "completion", request.param]))
    return file


def test_the_script_is_one_of_its_shell(script: Path) -> None:
    shell = script.name.partition("-")[0]
    done = run([shell, "--no-execute" if shell == "fish" else "-n", script])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["pre"], ["prefetch"]),
        (["show", "--h"], ["--help", "--history"]),
        (["prefetch", "--all"], ["--all-platforms"]),
    ],
)
def test_bash_completes(words: list[str], completed: list[str], tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text(output([PROGRAM, "completion", "bash"]))
    asked = " ".join(["nixfetch-docker", *words])
    commands = (
        f"source {file}; COMP_WORDS=({asked}); COMP_CWORD={len(words)}; _nixfetch_docker; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert sorted(output(["bash", "-c", commands]).split()) == completed


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("nixfetch-docker pre", ["prefetch"]),
        ("nixfetch-docker show --hi", ["--history"]),
        ("nixfetch-docker prefetch --all", ["--all-platforms"]),
    ],
)
def test_fish_completes(line: str, completed: list[str], tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text(output([PROGRAM, "completion", "fish"]))
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb"}
    found = output(["fish", "-c", f"source {file}; complete -C '{line}'"], env=env)
    assert [each.split("\t")[0] for each in found.splitlines()] == completed


def test_the_manual_page_is_one(tmp_path: Path) -> None:
    file = tmp_path / "nixfetch-docker.1"
    file.write_text(output([PROGRAM, "manual"]))
    done = run(["groff", "-man", "-Tutf8", "-ww", file])
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.sub(".\b", "", done.stdout)  # bold is a letter over itself
    assert "update [NAME...]" in shown
    for name in ("add", "check", "fetch-blob", "lock", "prefetch", "show"):
        assert name in shown
