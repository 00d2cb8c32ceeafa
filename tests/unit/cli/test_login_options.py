from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support import terminal
from support.faults.registry import faults

from nixfetch_docker.cli.main import main

SECRET = "hunter2-hunter2"  # noqa: S105
PROMPT = "Password for ann: "


def test_a_terminal_is_asked_for_the_password_and_does_not_show_it(tmp_path: Path) -> None:
    with faults() as registry:
        registry.require_basic("ann", SECRET)
        words = ["tags", f"{registry.host}/web", "-u", "ann"]
        _, shown = terminal.run(*words, cwd=tmp_path, answers={PROMPT: f"{SECRET}\n"})
    assert shown.startswith(f"{PROMPT}\nnixfetch-docker: {registry.host}/web: ")
    # The registry answers 401 to any other password, before it looks for the repository.
    assert "there is no repository web" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        pytest.param("\x03", -2, "interrupted; no file was left half-written", id="Ctrl-C"),
        pytest.param(
            "\x04", 2, "no password was typed; type it, or pass --password-stdin", id="Ctrl-D"
        ),
        pytest.param(
            "\n", 2, "no password was typed; type it, or pass --password-stdin", id="nothing"
        ),
    ],
)
def test_a_password_that_is_not_typed_asks_no_registry(
    typed: str, status: int, said: str, tmp_path: Path
) -> None:
    words = ["digest", "registry.invalid/web:1", "-u", "ann"]
    found, shown = terminal.run(*words, cwd=tmp_path, answers={PROMPT: typed})
    assert (found, shown.splitlines()[-1]) == (status, f"nixfetch-docker: {said}")


@pytest.mark.parametrize("options", [["-u", "ann"], ["--password-stdin"]])
def test_without_a_terminal_both_options_are_needed(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert main(["digest", "registry.invalid/web:1", *options]) == 2
    assert capsys.readouterr().err == (
        "nixfetch-docker: --username and --password-stdin go together; pass both\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["inspect", "registry.invalid/web:1"],
        ["layer", "registry.invalid/web:1", "1"],
        ["nix", "registry.invalid/web:1"],
        ["update", "--prefetch"],
        ["lock", "--prefetch"],
        ["prefetch"],
        ["add", "registry.invalid/web:1"],
    ],
    ids=lambda words: words[0],
)
def test_a_misspelt_platform_is_wrong_usage(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("images.toml").write_text("")
    Path("images.lock.toml").write_text("version = 1\n")
    assert main([*words, "--platform", "linux/amd46"]) == 2
    assert capsys.readouterr().err == (
        "nixfetch-docker: --platform: 'linux/amd46' is no platform that is known; "
        "did you mean linux/amd64?\n"
    )
