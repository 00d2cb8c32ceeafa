"""An HTTP/1.1 server on real sockets whose answers can break the protocol at any byte."""

from __future__ import annotations

import fcntl
import re
import socket
import ssl
import struct
import termios
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, parse_headers
from itertools import count
from types import TracebackType
from typing import Self

from .messages import Headers, Recorded, Reply

_STOP_SECONDS = 10.0


class _TlsSocket(ssl.SSLSocket):
    """A socket that closes itself where the client leaves early; ssl would leave it open."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        try:
            return super().recv(buflen, flags)
        except OSError:
            self.close()
            raise


class Connection:
    """A client's connection. Its methods raise OSError once the client or the server is gone."""

    def __init__(self, sock: socket.socket, number: int, stopping: threading.Event) -> None:
        self.number = number
        self.open = True
        self.used = False
        self._socket = sock
        self._stopping = stopping
        self._reader = sock.makefile("rb")

    def read(self) -> Recorded | None:
        """The next request, or None at the end of the connection.

        Raises `ValueError` for bytes that are not HTTP.
        """
        self.used = False
        first = self._reader.peek(1)[:1]
        if first and not first.isalpha():  # perhaps TLS, in which no line ends
            raise ValueError(first)
        line = self._reader.readline(65537).decode("latin-1")
        if not line:
            return None
        method, path, _ = line.split()
        try:
            headers = Headers(parse_headers(self._reader).items())
        except HTTPException as error:
            raise ValueError(line) from error
        body = self._reader.read(int(headers.get("Content-Length") or 0))
        return Recorded(
            method=method, path=path, headers=headers, body=body, connection=self.number
        )

    def send(self, data: bytes) -> None:
        self.used = True
        self._socket.sendall(data)

    def wait(self, seconds: float) -> None:
        """Sleep; raises `ConnectionAbortedError` once the server stops."""
        if self._stopping.wait(seconds):
            raise ConnectionAbortedError

    def close(self) -> None:
        """Close in order: the client gets all that was sent, and under TLS a notice of the end."""
        if self.open and isinstance(self._socket, ssl.SSLSocket):
            self._socket.setblocking(False)
            with suppress(OSError, ValueError):  # notify the client, but do not wait for its reply
                self._socket.unwrap()
        self.cut()

    def cut(self) -> None:
        """Close without the notice of the end that TLS has."""
        self.open, self.used = False, True
        self._reader.close()
        self._socket.close()

    def reset(self) -> None:
        """Send RST, once the client's kernel has all bytes that were sent before."""
        while struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4))[0]:
            self.wait(0.001)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.cut()

    def handshake(self) -> None:
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.do_handshake()

    def abort(self) -> None:
        """End a read or write that another thread waits for."""
        with suppress(OSError):  # SSLSocket.shutdown would take TLS off under the other thread
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Exchange:
    """A request and its reply, which answers may change, or send in their own way."""

    def __init__(
        self, request: Recorded, connection: Connection, serve: Callable[[Recorded], Reply]
    ) -> None:
        self.request = request
        self.connection = connection
        self.serve = serve

    @cached_property
    def reply(self) -> Reply:
        """The reply to be sent: the faithful one, unless an answer replaces it."""
        return self.serve(self.request)

    @property
    def payload(self) -> bytes:
        """The bytes after the head: none for HEAD."""
        return b"" if self.request.method == "HEAD" else self.reply.body

    def begin(self) -> None:
        """Send the head."""
        self.connection.send(self.reply.head)

    def finish(self) -> None:
        """Send the whole reply."""
        self.begin()
        self.connection.send(self.payload)
        self.end()

    def end(self) -> None:
        """Close where the client asked for it, or where only that shows the end of the body."""
        sent, asked = self.reply.headers, self.request.headers
        framed = (
            self.request.method == "HEAD"
            or "Transfer-Encoding" in sent
            or sent.get("Content-Length") == str(len(self.payload))
        )
        if not framed or (asked.get("Connection") or "").lower() == "close":
            self.connection.close()


# Changes the reply, or sends bytes itself. Where it sent none, the server sends the reply.
Answer = Callable[[Exchange], None]


@dataclass(kw_only=True)
class _Script:
    method: str
    path: str | re.Pattern[str]
    answers: list[Answer]
    repeat: bool
    taken: int = 0

    def matches(self, request: Recorded) -> bool:
        if self.method != request.method or not (self.repeat or self.unspent):
            return False
        if isinstance(self.path, str):
            return request.path.endswith(self.path) or request.route.endswith(self.path)
        return self.path.search(request.path) is not None

    def take(self) -> Answer:
        self.taken += 1
        return self.answers[min(self.taken, len(self.answers)) - 1]

    @property
    def unspent(self) -> int:
        return max(0, len(self.answers) - self.taken)


class FaultServer(ABC):
    """A server that listens during its `with` block, with a thread for each connection.

    It records requests, and answers them faithfully or as scripted.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", prefix: str = ""
    ) -> None:
        """`prefix` is a path before all paths of the server."""
        self.prefix = prefix
        self.connections = 0
        self.peak = 0  # the most requests that were under way at once
        self.tls_errors: list[str] = []
        self._tls = tls
        if tls is not None:
            tls.sslsocket_class = _TlsSocket
        self._address = address
        self._requests: list[Recorded] = []
        self._scripts: list[_Script] = []
        self._busy = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[tuple[threading.Thread, Connection]] = []

    @abstractmethod
    def serve(self, request: Recorded) -> Reply:
        """The faithful reply."""

    def refuse(self, _: Recorded) -> Reply | None:
        """The refusal of a request that is not authorized, or None."""
        return None

    @property
    def requests(self) -> list[Recorded]:
        with self._lock:
            return list(self._requests)

    def lines(self) -> list[str]:
        """The requests so far, as `GET /v2/web/manifests/1`."""
        return [f"{one.method} {one.path}" for one in self.requests]

    def script(
        self, method: str, path: str | re.Pattern[str], *answers: Answer, repeat: bool = False
    ) -> None:
        """Give the n-th matching request the n-th answer, and later ones the faithful reply.

        `path` is the end of a path, with or without its query, or a pattern to search for.
        With `repeat` the last answer stays. Requests without the login that they need do not count.
        """
        script = _Script(method=method, path=path, answers=list(answers), repeat=repeat)
        with self._lock:
            self._scripts.append(script)

    def forget_scripts(self) -> None:
        """Answer every request faithfully from now on."""
        with self._lock:
            self._scripts.clear()

    @property
    def unspent(self) -> int:
        """The number of scripted answers that no request got."""
        with self._lock:
            return sum(script.unspent for script in self._scripts)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.host}{self.prefix}"

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        self._listener = socket.create_server((self._address, 0), family=family, backlog=128)
        name = f"[{self._address}]" if family == socket.AF_INET6 else self._address
        self.host = f"{name}:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True, name=self.host)
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # on Linux, this wakes accept()
        self._acceptor.join()
        self._listener.close()
        for _, connection in self._threads:
            connection.abort()
        for thread, _ in self._threads:
            thread.join(_STOP_SECONDS)
            assert not thread.is_alive(), "an answer waits by other means than Connection.wait"

    def _accept(self) -> None:
        for number in count(1):
            try:
                sock = self._listener.accept()[0]
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                try:
                    sock = self._tls.wrap_socket(
                        sock, server_side=True, do_handshake_on_connect=False
                    )
                except OSError:  # the client is gone already
                    continue
            self.connections = number
            connection = Connection(sock, number, self._stopping)
            thread = threading.Thread(
                target=self._converse, args=[connection], daemon=True, name=f"{self.host}-{number}"
            )
            self._threads.append((thread, connection))
            thread.start()

    def _converse(self, connection: Connection) -> None:
        with closing(connection), suppress(OSError):  # the client or the server is gone
            try:
                connection.handshake()
            except ssl.SSLError as error:
                self.tls_errors.append(str(error))
                return
            while connection.open:
                try:
                    request = connection.read()
                except ValueError:
                    connection.send(Reply.of(400, headers={"Connection": "close"}).head)
                    return
                if request is None:
                    return
                self._answer(request, connection)

    def _answer(self, request: Recorded, connection: Connection) -> None:
        refusal = self.refuse(request)
        answer: Answer | None = None
        with self._lock:
            self._requests.append(request)
            self._busy += 1
            self.peak = max(self.peak, self._busy)
            if refusal is None:
                script = next((one for one in self._scripts if one.matches(request)), None)
                answer = script.take() if script else None
        try:
            exchange = Exchange(request, connection, self.serve)
            if refusal is not None:
                exchange.reply = refusal
            if answer is not None:
                answer(exchange)
            if not connection.used:
                exchange.finish()
        finally:
            with self._lock:
                self._busy -= 1
