"""Connections over real sockets: addresses in turn, dripped handshakes, TLS within TLS."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from support.certificates import Authority

from nixfetch_docker.registry.exchange import ConnectFailed, ConnectTimedOut, EndlessHead
from nixfetch_docker.registry.pace import Pace
from nixfetch_docker.registry.retry import Patience
from nixfetch_docker.registry.wire import Network, Wire

PATIENCE = Patience(connect=0.3, silence=0.3, head=0.3)
LONG = Patience(connect=5, silence=5, head=5)
# The beginning of a TLS record of 16 KiB, as a server's first one could be.
RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that serves one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        assert not thread.is_alive()


def drip(connection: socket.socket) -> None:
    """Send a record that never ends, until the client leaves."""
    connection.sendall(RECORD)
    for _ in range(100):
        connection.sendall(b"\0")
        if select.select([connection], [], [], 0.05)[0] and not connection.recv(65536):
            return


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def relay(connection: socket.socket, port: int) -> None:
    """Pass bytes on between a client and another server on this machine."""
    with socket.create_connection(("127.0.0.1", port)) as other:
        other_way = {connection: other, other: connection}
        while True:
            for one in select.select(list(other_way), [], [])[0]:
                data = one.recv(65536)
                if not data:
                    return
                other_way[one].sendall(data)


def connect(port: int, patience: Patience) -> Wire:
    return Network(Pace(patience), patience).connect_tcp("127.0.0.1", port)


@contextmanager
def closing(wire: Wire) -> Iterator[Wire]:
    try:
        yield wire
    finally:
        wire.close()


def under_tls(authority: Authority, serve: Callable[[socket.socket], None]) -> Any:
    context = authority.server_context()

    def run(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            serve(secured)

    return run


def test_a_dripped_handshake_is_given_up(authority: Authority) -> None:
    with (
        serving(drip) as port,
        closing(connect(port, PATIENCE)) as wire,
        pytest.raises(ConnectTimedOut, match="no connection within"),
    ):
        wire.start_tls(authority.client_context(), "127.0.0.1")


def test_a_dripped_handshake_within_tls_is_given_up(authority: Authority) -> None:
    with (
        serving(under_tls(authority, drip)) as port,
        closing(connect(port, LONG)) as outer,
        closing(outer.start_tls(authority.client_context(), "127.0.0.1")) as wire,
    ):
        wire._patience = PATIENCE  # noqa: SLF001 - the outer handshake may take longer
        wire._pace = Pace(PATIENCE)  # noqa: SLF001
        with pytest.raises(ConnectTimedOut, match="no connection within"):
            wire.start_tls(authority.client_context(), "127.0.0.1")


def test_tls_within_tls(authority: Authority) -> None:
    data = bytes(range(256)) * 400
    with (
        serving(under_tls(authority, echo)) as inner,
        serving(under_tls(authority, lambda connection: relay(connection, inner))) as port,
        closing(connect(port, LONG)) as wire,
        closing(wire.start_tls(authority.client_context(), "127.0.0.1")) as outer,
        closing(outer.start_tls(authority.client_context(), "127.0.0.1")) as within,
    ):
        sender = threading.Thread(target=within.write, args=[data[:5000]])
        sender.start()
        sender.join()
        received = b""
        while len(received) < 5000:
            received += within.read(65536)
        assert received == data[:5000]


def test_a_wrong_certificate_within_tls_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    with (
        serving(under_tls(other, echo)) as inner,
        serving(under_tls(authority, lambda connection: relay(connection, inner))) as port,
        closing(connect(port, LONG)) as wire,
        closing(wire.start_tls(authority.client_context(), "127.0.0.1")) as outer,
        pytest.raises(ConnectFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        outer.start_tls(authority.client_context(), "127.0.0.1")


def test_addresses_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two families by turns, so that one which leads nowhere does not take all the time."""
    tried: list[str] = []

    class Socket:
        def __init__(self, *_: object) -> None:
            pass

        def settimeout(self, _: float) -> None:
            pass

        def connect(self, address: tuple[str, int]) -> None:
            tried.append(address[0])
            raise ConnectionRefusedError(111, "Connection refused")

        def close(self) -> None:
            pass

    def addresses(*_: object, **__: object) -> list[tuple[Any, ...]]:
        six = [(socket.AF_INET6, 1, 6, "", (f"::{n}", 1, 0, 0)) for n in range(3)]
        return [*six, (socket.AF_INET, 1, 6, "", ("192.0.2.1", 1))]

    monkeypatch.setattr(socket, "socket", Socket)
    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    with pytest.raises(ConnectFailed, match="Connection refused"):
        connect(1, PATIENCE)
    assert tried == ["::0", "192.0.2.1", "::1", "::2"]


def test_any_number_of_addresses_has_the_time_of_one_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = [(socket.AF_INET, 1, 6, "", ("127.0.0.1", 1))] * 1000
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    now = iter(range(100_000))
    pace = Pace(Patience(head=60), clock=lambda: next(now))
    with pytest.raises(ConnectTimedOut):
        Network(pace, LONG).connect_tcp("a.test", 1)
    assert next(now) < 2000


def test_an_idle_connection_that_was_closed_is_readable() -> None:
    with serving(socket.socket.close) as port, closing(connect(port, LONG)) as wire:
        assert wire.read(1) == b""
        assert wire.get_extra_info("is_readable")
    assert wire.get_extra_info("is_readable")


def test_informational_answers_behind_that_of_a_proxy_are_counted(authority: Authority) -> None:
    context = authority.server_context()

    def proxy(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.recv(1)
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3)
            secured.recv(1)

    patience = Patience(connect=5, silence=5, head=5, informational=2)
    with serving(proxy) as port, closing(connect(port, patience)) as outer:
        outer.read(65536)
        outer.write(b"x")
        with (
            closing(outer.start_tls(authority.client_context(), "127.0.0.1")) as wire,
            pytest.raises(EndlessHead, match="more than 2 informational answers"),
        ):
            wire.read(65536)
