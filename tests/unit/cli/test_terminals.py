"""Commands in terminals of all kinds, and with a stream in a pipe: every message is whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import oci, terminal
from support.fake_nix import fake_nix
from support.faults.registry import faults
from support.screen import Screen
from support.terminal import Terminal

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
TITLE = "Caf\u00e9 \u65e5\u672c"
IMAGE = oci.image(
    oci.layer({"hello": b"hello"}), platform=HOST, labels={"org.opencontainers.image.title": TITLE}
)
DIRECTORY = "B\u00fccher"
FILE = f"{DIRECTORY}/images.toml"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A terminal, and the stream that is a file instead."""

    columns: int
    env: Mapping[str, str]
    piped: str = ""


ALL_SURROUNDINGS = [
    pytest.param(
        Surroundings(columns=40, env={"NO_COLOR": "1", "LC_ALL": "C"}),
        id="40 columns, NO_COLOR, LC_ALL=C",
    ),
    pytest.param(
        Surroundings(columns=80, env={"TERM": "dumb", "LANG": "en_US.UTF-8"}),
        id="80 columns, dumb",
    ),
    pytest.param(
        Surroundings(columns=40, env={"LANG": "C"}, piped="stderr"), id="LANG=C, stderr in a pipe"
    ),
    pytest.param(
        Surroundings(columns=120, env={"LANG": "en_US.UTF-8"}, piped="stdout"),
        id="120 columns, stdout in a pipe",
    ),
]
# The words, the exit status, and a message.
COMMANDS = [
    pytest.param(
        (
            ["update", "-f", FILE],
            0,
            rf"^{DIRECTORY}/images\.lock\.toml is as it was: 1 unchanged; "
            r"\d+ requests?, [\d.]+ k?B received$",
        ),
        id="update",
    ),
    pytest.param(
        (["prefetch", "-f", FILE], 0, rf"^web: {HOST} fetched 3 blobs, [\d.]+ k?B$"), id="prefetch"
    ),
    pytest.param((["image", "{web}", "-o", f"{DIRECTORY}/a.tar"], 0, "^"), id="image"),
    pytest.param(
        (["show", "-f", FILE], 0, r"1 image, \d+ B; \d+ B with shared layers once$"), id="show"
    ),
    pytest.param((["tags", "{web}"], 0, r"^edge\n+1-rc1\n+1\n2-alpine$"), id="tags"),
    pytest.param(
        (["inspect", "{web}"], 0, rf"^labels +org\.opencontainers\.image\.title={TITLE}$"),
        id="inspect",
    ),
    pytest.param((["diff", "-f", FILE], 1, r"^nixfetch-docker: .*\bgit\b.*$"), id="diff"),
    pytest.param(
        (
            ["show", "-f", f"{DIRECTORY}/none.toml"],
            1,
            rf"^nixfetch-docker: {DIRECTORY}/none\.toml: there is no such file; .* with --file$",
        ),
        id="error",
    ),
    pytest.param(
        (["--help"], 0, "(?s)^usage: nixfetch-docker COMMAND .* describes one"), id="help"
    ),
    pytest.param((["prefetch", "--help"], 0, r"--dry-run\s+only say what"), id="help, command"),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with the file `web`, the name of an image that is locked in `DIRECTORY`."""
    directory = tmp_path_factory.mktemp("home")
    (directory / DIRECTORY).mkdir()
    with faults() as registry:
        registry.add("acme/web:1", IMAGE)
        for tag in ("2-alpine", "1-rc1", "edge"):
            registry.add(f"acme/web:{tag}", IMAGE)
        web = f"{registry.host}/acme/web:1"
        (directory / "web").write_text(web)
        (directory / FILE).write_text(f'[images.web]\nimage = "{web}"\n')
        status, sent = terminal.run("update", "-f", FILE, cwd=directory)
        assert status == 0, sent
        yield directory


@pytest.mark.parametrize("around", ALL_SURROUNDINGS)
@pytest.mark.parametrize("case", COMMANDS)
def test_every_message_is_whole(
    case: tuple[list[str], int, str], around: Surroundings, directory: Path, tmp_path: Path
) -> None:
    words, expected_status, expected = case
    web = (directory / "web").read_text()
    words = [word.format(web=web) for word in words]
    env = {"PATH": str(fake_nix(tmp_path / "nix")), **around.env}
    with (tmp_path / "piped").open("wb") as file:
        streams = {around.piped: file} if around.piped else {}
        with Terminal(*words, cwd=directory, columns=around.columns, env=env, **streams) as running:
            sent = "".join(iter(running.read, ""))
    piped = (tmp_path / "piped").read_text("utf-8")
    assert running.status == expected_status, sent + piped
    screen = Screen(around.columns)
    screen.feed(sent)
    # As if no line was wrapped, as a person copies it.
    unwrapped = Screen(10_000)
    unwrapped.feed(sent)
    text = "".join(f"{line}\n" for line in unwrapped.lines) + piped
    assert re.search(expected, text, re.MULTILINE), text
    assert "Traceback" not in text
    assert "\x1b" not in piped
    if around.env.get("TERM") == "dumb":
        assert "\x1b" not in sent
    if "NO_COLOR" in around.env:
        assert not re.search(r"\x1b\[[0-9;]*[34][0-7]", sent)
    drawn = {line for frame in screen.frames for line in frame if re.search(r"\d%", line)}
    assert not [line for line in drawn if len(line) >= around.columns]


def test_on_a_terminal_names_stand_apart_from_releases(directory: Path) -> None:
    web = (directory / "web").read_text()
    status, sent = terminal.run("tags", web, cwd=directory, columns=80)
    assert (status, sent.split()) == (0, ["edge", "1-rc1", "1", "2-alpine"])
    assert sent.splitlines() == ["edge", "", "1-rc1", "", "1", "2-alpine"]
