"""The pages of the help and of `update` at 80 columns, in golden/*.txt.

CONTRIBUTING.md says how to renew them.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import golden, oci
from support.faults.registry import FaultRegistry, faults

from nixfetch_docker.cli.main import main

PAGES = Path(__file__).parent / "golden"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _at_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "NIXFETCH_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        yield running


@pytest.mark.parametrize(
    ("page", "words"),
    [("help", ["--help"]), ("help-update", ["help", "update"])],
)
def test_the_help(page: str, words: list[str], capsys: Capture) -> None:
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80
    golden.check(PAGES / f"{page}.txt", out, golden.help_text)


def image(name: str, platform: str = "linux/amd64") -> oci.Image:
    """An image whose bytes are the same on every machine."""
    layers = [oci.layer({"base": b"base"}, "none"), oci.layer({name: name.encode()}, "none")]
    labels = {
        "org.opencontainers.image.source": "https://github.com/acme/web",
        "org.opencontainers.image.revision": "5f3a" * 10,
    }
    return oci.image(*layers, platform=platform, labels=labels)


def free_host() -> str:
    """The host of a registry that is down."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


class Fleet:
    """Images of all kinds of change, and what `update` shows about them."""

    def __init__(self, registry: FaultRegistry, capsys: Capture) -> None:
        self._registry = registry
        self._capsys = capsys
        self._down = free_host()

    def push(self, name: str, content: str, *platforms: str) -> None:
        """Push an image, of several platforms or of one."""
        made = [image(content, platform) for platform in platforms or ["linux/amd64"]]
        self._registry.add(name, *made)

    def ask(self, **images: str) -> None:
        """Write images.toml; HOST is the registry, DOWN one that is down."""
        text = "".join(f"[images.{name}]\n{entry}\n" for name, entry in images.items())
        text = text.replace("HOST", self._registry.host).replace("DOWN", self._down)
        Path("images.toml").write_text(text)

    def page(self, *words: str) -> tuple[int, str]:
        """The exit status of a command, and all that it shows, under the names of two hosts."""
        status = main(list(words))
        out, err = self._capsys.readouterr()
        text = f"$ nixfetch-docker {' '.join(words)}\n{err}{out}"
        # As many letters as the hosts have, so that lines break where they do.
        named = {self._registry.host: "registry.lab:50", self._down: "down.lab:500000"}
        for host, name in named.items():
            text = text.replace(host, name.ljust(len(host), "0"))
        return status, text


@pytest.fixture
def fleet(registry: FaultRegistry, capsys: Capture) -> Fleet:
    both = ("linux/amd64", "linux/arm64")
    made = Fleet(registry, capsys)
    made.push("web:2.1.0", "web 2.1", *both)
    made.push("floating:latest", "floating", *both)
    made.push("release:1.4.2", "release")
    made.push("same:1", "same")
    made.push("gone:1", "gone")
    made.ask(
        web='image = "HOST/web"\nversion = "^2"',
        floating='image = "HOST/floating"',
        release='image = "HOST/release:1.4.2"',
        same='image = "HOST/same:1"',
        gone='image = "HOST/gone:1"',
    )
    return made


def test_update(fleet: Fleet) -> None:
    status, first = fleet.page("update", "-j", "1")
    assert status == 0
    both = ("linux/amd64", "linux/arm64")
    fleet.push("web:2.2.0", "web 2.2", *both)
    fleet.push("floating:latest", "floating, later", *both)
    fleet.push("release:1.4.2", "release, pushed again")
    fleet.push("new:3", "new")
    fleet.push("redis:7.4-alpine", "redis")
    fleet.push("redis:7.4", "redis")
    names = ("api", "cache", "db", "mail", "queue", "search")
    fleet.ask(
        web='image = "HOST/web"\nversion = "^2"',
        floating='image = "HOST/floating"',
        release='image = "HOST/release:1.4.2"',
        same='image = "HOST/same:1"',
        new='image = "HOST/new:3"',
        redis='image = "HOST/redis:7.4-alpin"',
        typo='image = "HOST/nwe:3"',
        arm='image = "HOST/new:3"\nplatforms = ["linux/arm64"]',
        **{name: f'image = "DOWN/{name}:1"' for name in names},
    )
    status, second = fleet.page("update", "-j", "1")
    assert status == 1
    status, verbose = fleet.page("update", "same", "web", "-j", "1", "--verbose")
    assert status == 0
    golden.check(PAGES / "update.txt", f"{first}\n{second}\n{verbose}")
