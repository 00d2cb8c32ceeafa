"""A network on which every message takes half a round trip, and that counts the round trips.

It is a proxy on a loopback port that does not wait for any time: it holds what the clients send
until they send nothing more, passes all of it on, and passes all answers back once they are there.
So a round is what a client can do before it depends on an answer.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# Clients that have sent nothing for so long wait for answers, in seconds.
_QUIET_SECONDS = 0.15
_CHUNK = 64 * 1024


@dataclass(eq=False)
class _Way:
    """A connection of a client, that to the server, and what is on its way to the server."""

    client: socket.socket
    server: socket.socket
    sent: bytearray = field(default_factory=bytearray)


class Rounds:
    """A running network; `rounds` is how many there were, `connections` how many were made."""

    def __init__(self, host: str) -> None:
        """`host` is that of the server: `127.0.0.1:PORT`."""
        address, _, port = host.partition(":")
        self._server = address, int(port)
        self._listener = socket.create_server((address, 0), backlog=256)
        self.host = f"{address}:{self._listener.getsockname()[1]}"
        self.rounds = 0
        self.connections = 0
        self._ways: list[_Way] = []
        self._is_closed = threading.Event()

    def run(self) -> None:
        """Pass rounds on, until the network is closed."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._is_closed.is_set():
                self._gather(selector)
                asking = [way for way in self._ways if way.sent]
                if asking:
                    self.rounds += 1
                    for way in asking:
                        way.server.sendall(way.sent)
                        way.sent.clear()
                    for way in asking:
                        _pass_answer(way)
            for way in self._ways:
                way.client.close()
                way.server.close()
            self._listener.close()

    def close(self) -> None:
        """Let `run` return."""
        self._is_closed.set()

    def _gather(self, selector: selectors.BaseSelector) -> None:
        """Take what clients send, until all are quiet."""
        last = time.monotonic()
        while not self._is_closed.is_set() and time.monotonic() - last < _QUIET_SECONDS:
            for key, _ in selector.select(0.01):
                last = time.monotonic()
                if key.fileobj is self._listener:
                    self._accept(selector)
                else:
                    self._take(selector, key.data)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        client, _ = self._listener.accept()
        way = _Way(client, socket.create_connection(self._server))
        self.connections += 1
        self._ways.append(way)
        selector.register(client, selectors.EVENT_READ, way)

    def _take(self, selector: selectors.BaseSelector, way: _Way) -> None:
        data = b""
        with suppress(OSError):
            data = way.client.recv(_CHUNK)
        way.sent += data
        if not data:
            selector.unregister(way.client)
            self._ways.remove(way)
            way.client.close()
            way.server.close()


def _pass_answer(way: _Way) -> None:
    """Pass one whole answer to the client; its head says how long it is."""
    received = bytearray()
    while b"\r\n\r\n" not in received:
        received += _some(way.server)
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.lower().splitlines()[1:])
    size = int(fields[b"content-length"])
    while len(body) < size:
        body += _some(way.server)
    with suppress(OSError):
        way.client.sendall(head + b"\r\n\r\n" + body)


def _some(server: socket.socket) -> bytes:
    data = server.recv(_CHUNK)
    assert data, "the server ended a connection before its answer"
    return data


@contextmanager
def rounds(host: str) -> Iterator[Rounds]:
    """A network before the server `host`, for the block."""
    network = Rounds(host)
    thread = threading.Thread(target=network.run, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        network.close()
        thread.join()
