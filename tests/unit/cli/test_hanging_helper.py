"""A command that is interrupted while a credential helper hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.faults.registry import faults


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux lists processes so")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_an_interrupted_update_leaves_no_helper(number: signal.Signals, tmp_path: Path) -> None:
    helper = tmp_path / "docker-credential-hang"
    helper.write_text(
        '#!/bin/sh\nsleep 600 &\necho $$ $! > "$HOME/new"; mv "$HOME/new" "$HOME/pids"; wait\n'
    )
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "hang"}))
    with faults() as registry:
        registry.require_basic("ann", "secret")
        interrupt(number, registry.url.removeprefix("http://"), tmp_path)


def interrupt(number: signal.Signals, host: str, tmp_path: Path) -> None:
    (tmp_path / "images.toml").write_text(
        f'[images.web]\nimage = "{host}/web:1"\n[registries."{host}"]\nplain-http = true\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "nixfetch_docker", "update"],
        cwd=tmp_path,
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "DOCKER_CONFIG": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 30
    while not (tmp_path / "pids").exists() and time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == -number
    assert b"interrupted" in errors
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(is_running, pids))
    assert not (tmp_path / "images.lock.toml").exists()
