"""Commands that show progress, as processes in a terminal that a test reads and resizes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support import oci, terminal
from support.fake_nix import fake_nix
from support.faults.answers import chain, drip, wrong_bytes
from support.faults.registry import FaultRegistry, faults
from support.screen import Screen
from support.terminal import Terminal

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
SIZE = 400_000
LAYERS = [oci.layer({"large": os.urandom(size)}, "none") for size in (2000, SIZE, 3000)]
IMAGE = oci.image(*LAYERS, platform=HOST)
SLOW = drip(1_000_000)
UTF8 = {"LANG": "en_US.UTF-8"}
LAYER = r"%  cache and 1 more, layer 2 of 3\b"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[FaultRegistry]:
    """A registry with an image that `web` and `cache` in images.toml name, and that is locked."""
    with faults() as running:
        running.add("acme/web:1", IMAGE)
        entry = f'image = "{running.host}/acme/web:1"\n'
        images_toml = f"[images.web]\n{entry}[images.cache]\n{entry}"
        (tmp_path / "images.toml").write_text(images_toml)
        status, sent = terminal.run("update", cwd=tmp_path)
        assert status == 0, sent
        yield running


def slow_down(registry: FaultRegistry, *, is_wrong_at_first: bool) -> None:
    """Let the second layer come slowly, and with `is_wrong_at_first` twice."""
    wrong = [chain(wrong_bytes(-1), SLOW)] if is_wrong_at_first else []
    registry.script("GET", f"/blobs/{oci.digest(LAYERS[1].data)}", *wrong, SLOW)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**UTF8, "PATH": str(fake_nix(tmp_path / "nix", adding_seconds=0.2))}


def percents(frames: list[list[str]], pattern: str) -> list[int]:
    """The percent in the lines that match, one after the other."""
    lines = [line for frame in frames for line in frame if re.search(pattern, line)]
    return [int(number[1]) for line in lines if (number := re.search(r"(\d+)%", line))]


def shown(sent: str, columns: int) -> Screen:
    screen = Screen(columns)
    screen.feed(sent)
    return screen


def assert_only_grows(frames: list[list[str]], pattern: str) -> None:
    found = percents(frames, pattern)
    assert found == sorted(found)
    assert len(set(found)) > 1, f"it moves: {found}"


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        pytest.param(["prefetch"], 40, id="40 columns"),
        pytest.param(["update", "--prefetch"], 80, id="update, 80 columns"),
    ],
)
def test_a_prefetch_says_how_far_it_is(
    words: list[str],
    columns: int,
    registry: FaultRegistry,
    tmp_path: Path,
    env: Mapping[str, str],
) -> None:
    slow_down(registry, is_wrong_at_first=True)
    status, sent = terminal.run(*words, cwd=tmp_path, columns=columns, env=env)
    assert status == 0, sent
    screen = shown(sent, columns)
    assert_only_grows(screen.frames, r"%  all\b")
    assert_only_grows(screen.frames, LAYER)
    assert percents(screen.frames, "all fetched")[-1] == 100
    assert percents(screen.frames, r"adding \d blobs? to the Nix store")
    assert not [line for frame in screen.frames for line in frame if len(line) >= columns + 1]
    assert not [line for line in screen.wraps if "%" in line]
    assert not [line for line in screen.lines if "%" in line], "progress is gone at the end"
    # What stays is whole.
    left = "\n".join(shown(sent, 10_000).lines)
    assert re.search(r"^web: +\S+ fetched 5 blobs, 4\d\d\.\d kB$", left, re.MULTILINE), left
    assert re.search(r"^5 blobs fetched; \d+ requests, \d+\.\d kB received$", left, re.MULTILINE)


def test_a_terminal_that_becomes_narrow_gets_short_lines(
    registry: FaultRegistry, tmp_path: Path, env: Mapping[str, str]
) -> None:
    slow_down(registry, is_wrong_at_first=True)
    with Terminal("prefetch", cwd=tmp_path, columns=120, env=env) as running:
        before = ""
        while "layer 2 of 3" not in before:
            before += running.read()
        running.resize(40)
        after = "".join(iter(running.read, ""))
    assert running.status == 0
    # What was on its way when the terminal changed may still be wide.
    _, *frames = after.split("\x1b[J")
    drawn = [line for frame in frames for line in frame.split("\n") if "%" in line]
    texts = [re.sub(r"\x1b\[[\d?]*[A-Za-z]|\r", "", line) for line in drawn]
    assert len(texts) > 4
    assert max(map(len, texts)) < 40
    assert_only_grows(shown(before + after, 10_000).frames, r"%  all\b")


@pytest.mark.parametrize(
    ("words", "is_wrong_at_first"),
    [
        pytest.param(["image", "-o", "web.tar"], True, id="image to a file"),
        pytest.param(["image", "-o", "/dev/null"], True, id="image to a device"),
        # A decompressor can take no byte back.
        pytest.param(["layer", "2", "--decompress", "-o", "a.tar"], False, id="layer"),
    ],
)
def test_what_is_fetched_of_one_image_only_grows(
    words: list[str], is_wrong_at_first: bool, registry: FaultRegistry, tmp_path: Path
) -> None:
    slow_down(registry, is_wrong_at_first=is_wrong_at_first)
    command, *others = words
    words = [command, f"{registry.host}/acme/web:1", *others]
    status, sent = terminal.run(*words, cwd=tmp_path, columns=40, env=UTF8)
    assert status == 0, sent
    screen = shown(sent, 40)
    assert_only_grows(screen.frames, r"%  127")
    assert not [line for line in screen.wraps if "%" in line]
    assert not [line for line in screen.lines if "%" in line]
