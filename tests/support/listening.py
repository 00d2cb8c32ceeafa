"""Servers that a test runs on loopback ports: started, waited for, and ended with the test."""

from __future__ import annotations

import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 20.0


def free_port() -> int:
    """A port on which no program listened a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def listening(
    command: Sequence[str], port: int, log: Path, *, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server that listens on `port`, with its output in `log`; it ends with the block."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=env or {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def dead(host: str) -> Iterator[list[str]]:
    """Hold the port of a server that is gone; each connection is cut at once, and is in the list.

    `host` is that of the server: `127.0.0.1:PORT`.
    """
    asked: list[str] = []

    class Cut(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(host)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    address, _, port = host.partition(":")
    with Server((address, int(port)), Cut) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server can be reached; `log` has its messages."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, f"the server ended:\n{log.read_text()}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"the server does not answer:\n{log.read_text()}"
        time.sleep(0.02)
