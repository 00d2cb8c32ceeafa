"""Signals that come while the program treats a text of a megabyte."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import oci, program, terminal
from support.faults.answers import as_usual, delay, headers, json_error
from support.faults.registry import FaultRegistry, faults
from support.faults.server import Answer, Exchange
from support.screen import Screen

# What an expression that is not linear would take hours for, of each kind that it may see.
LONG = "https://h.invalid/?x=" + "a=&" * 350_000
BIG, SLOW = (re.compile(f"/{name}/manifests/") for name in ("big", "slow"))
Script = Callable[[FaultRegistry, Callable[[Answer], Answer]], object]


def _add(registry: FaultRegistry, config: dict[str, Any], **layer: str) -> str:
    """Serve an image with this config, and with these fields of its layer; its config's digest."""
    image = oci.image(oci.layer({"a": b"a"}))
    whole = oci.encode({**json.loads(image.config), **config})
    manifest = json.loads(image.manifest)
    manifest["config"] = oci.descriptor(whole, manifest["config"]["mediaType"])
    manifest["layers"][0].update(layer)
    registry.add_manifest("big:1", oci.encode(manifest), oci.MANIFEST)
    return registry.add_blob(whole)


def _label(registry: FaultRegistry, told: Callable[[Answer], Answer]) -> None:
    labels = {"org.opencontainers.image.source": LONG, "org.opencontainers.image.revision": LONG}
    registry.script("GET", _add(registry, {"config": {"Labels": labels}}), told(as_usual))


def _history(registry: FaultRegistry, told: Callable[[Answer], Answer]) -> None:
    registry.script("GET", _add(registry, {"history": [{"created_by": LONG}]}), told(as_usual))


def _media_type(registry: FaultRegistry, told: Callable[[Answer], Answer]) -> None:
    _add(registry, {}, mediaType=LONG)
    registry.script("GET", BIG, told(as_usual))


def _header(registry: FaultRegistry, told: Callable[[Answer], Answer]) -> None:
    _add(registry, {})
    registry.script("GET", BIG, told(headers({"Docker-Content-Digest": LONG})))


def _error(registry: FaultRegistry, told: Callable[[Answer], Answer]) -> None:
    registry.script("GET", BIG, told(json_error(404, "MANIFEST_UNKNOWN", LONG)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
@pytest.mark.parametrize("script", [_label, _history, _media_type, _header, _error])
def test_a_signal_is_heard_while_a_long_text_is_treated(
    script: Script, number: signal.Signals, tmp_path: Path
) -> None:
    is_sent, is_treated = threading.Event(), threading.Event()

    def told(answer: Answer) -> Answer:
        def tell(exchange: Exchange) -> None:
            answer(exchange)
            is_sent.set()

        return tell

    def hang(exchange: Exchange) -> None:
        is_treated.set()
        delay(60)(exchange)

    with faults() as registry:
        script(registry, told)
        # It keeps the program from ending before the signal comes.
        registry.script("GET", SLOW, hang, repeat=True)
        (tmp_path / "images.toml").write_text(
            f'[images.big]\nimage = "{registry.host}/big:1"\n'
            f'[images.slow]\nimage = "{registry.host}/slow:1"\n'
            f'[registries."{registry.host}"]\nplain-http = true\n'
        )
        before = set(tmp_path.iterdir())
        with program.start(tmp_path, "update", "--jobs", "1") as process:
            try:
                assert is_sent.wait(20)
                is_treated.wait(0.5)  # It may take long, and is under way then.
                process.send_signal(number)
                _, errors = process.communicate(timeout=20)
            finally:
                process.kill()
    assert process.returncode == -number
    assert "interrupted; no file was left half-written" in errors
    assert "Traceback" not in errors
    assert set(tmp_path.iterdir()) - before <= {tmp_path / "images.lock.toml"}


@pytest.mark.parametrize("command", ["digest", "tags", "update"])
def test_ctrl_c_on_a_terminal_leaves_whole_lines(command: str, tmp_path: Path) -> None:
    """The terminal itself shows ^C where the cursor is."""
    is_asked = threading.Event()

    def hang(exchange: Exchange) -> None:
        is_asked.set()
        delay(60)(exchange)

    with faults() as registry:
        registry.script("GET", "/v2/", hang, repeat=True)
        registry.script("GET", re.compile("/web/"), hang, repeat=True)
        registry.script("HEAD", re.compile("/web/"), hang, repeat=True)
        image = f"{registry.host}/web:1"
        (tmp_path / "images.toml").write_text(f'[images.web]\nimage = "{image}"\n')
        words = [command] if command == "update" else [command, image]
        screen = Screen(80)
        with terminal.Terminal(*words, cwd=tmp_path) as shown:
            assert is_asked.wait(20)
            shown.type("\x03")
            while piece := shown.read():
                screen.feed(piece)
    assert shown.status == -signal.SIGINT
    lines = [line.rstrip() for line in screen.lines if line.strip()]
    assert lines[-1] == "nixfetch-docker: interrupted; no file was left half-written"
    assert not any("^C" in line for line in lines)
