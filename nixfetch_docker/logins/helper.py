"""Credential helpers: the programs docker-credential-NAME, which keep logins.

The protocol is that of
https://github.com/docker/docker-credential-helpers/blob/v0.9.3/README.md#development
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, cast

from ..base import strict_json
from ..base.redact import quote
from ..base.regex import regex
from ..errors import Cancelled, NixfetchError
from .login import Login, unicode_text

if TYPE_CHECKING:
    from subprocess import Popen

_NOT_FOUND = b"credentials not found in native keychain"
_IDENTITY_TOKEN_USER = "<token>"  # noqa: S105 - a name
_OUTPUT_LIMIT = 1024 * 1024
_PIECE = 64 * 1024
_TICK = 0.1
_ANONYMOUS = "for a public image, pass --anonymous"

# A failing helper may print secrets: the values of keys with such words in their names, long words,
# and quoted words, as an answer's values are. A path such as /nix/store/… is none, nor a helper.
_NAMED = regex(
    r"\b(?=\w*(?:secret|password|passwd|token))(\w++)([\s\"']*+[:=]\s*+)\S++", re.IGNORECASE
)
_QUOTED = regex(r'"(?!docker-credential-)[^\s"/]{16,}+"')
_OPAQUE = regex(r"(?<![\w/+=-])[\w+=][\w/+=-]{39,}", re.ASCII)


class HelperError(NixfetchError):
    """A helper that is missing, fails, hangs, or gives a malformed answer."""


class Running:
    """The helpers that run now, for all threads that ask one; they can be ended all at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[Popen[bytes]] = set()
        self._is_ended = False

    @contextmanager
    def started(self, start: Callable[[], Popen[bytes]]) -> Iterator[Popen[bytes]]:
        """A helper that `start` starts and the block talks to; raises `Cancelled` after `end`."""
        with self._lock:
            if self._is_ended:
                raise Cancelled
            process = start()
            self._processes.add(process)
        try:
            with process:
                yield process
        finally:
            with self._lock:
                self._processes.discard(process)
        if self._is_ended:
            raise Cancelled

    def end(self) -> None:
        """End the helpers, with all processes that they started, and let no other begin."""
        with self._lock:
            self._is_ended = True
            for process in self._processes:
                _end(process)


def ask(
    name: str,
    server: str,
    environment: Mapping[str, str],
    *,
    time_limit: float,
    running: Running | None = None,
) -> Login | None:
    """The login that docker-credential-`name` has for the URL or host `server`, or None.

    The helper is found on the PATH of `environment`, runs with it, and is ended after `time_limit`
    seconds, or where `running` is ended; then this raises `Cancelled`. Raises `HelperError`,
    `InvalidJson` and `InvalidField`, none of which shows a secret.
    """
    program = f"docker-credential-{name}"
    path = shutil.which(program, path=environment.get("PATH", ""))
    if path is None:
        raise HelperError(
            f"{program} is not on PATH",
            hint=f"install it, or remove its name there; {_ANONYMOUS}",
        )
    try:
        running = running or Running()
        status, output, errors = _run(path, server, environment, time_limit, running)
        if status == 0:
            return _login(output, program)
        if _NOT_FOUND in output + errors:
            return None
        raise _failure(status, output, errors)
    except NixfetchError as error:
        error.hint = error.hint or f"run it yourself: echo {server} | {program} get"
        raise error.at(f"{program} for {server}") from None


def _login(output: bytes, program: str) -> Login | None:
    # Docker and podman take these keys in any case.
    answer = strict_json.as_struct(strict_json.parse_table(output), "Username", "Secret")
    username, secret = unicode_text(answer, "Username"), unicode_text(answer, "Secret")
    if not secret:
        return None
    if not username:
        raise HelperError("its answer has a secret, but no user name")
    if username == _IDENTITY_TOKEN_USER:
        return Login(identity_token=secret, source=program)
    return Login(username=username, password=secret, source=program)


def _failure(status: int, output: bytes, errors: bytes) -> HelperError:
    ended = (
        f"it was ended by signal {-status}" if status < 0 else f"it ended with exit status {status}"
    )
    said = " ".join(filter(None, map(_public, (output, errors))))
    return HelperError(f"{ended} ({said})" if said else ended)


def _public(said: bytes) -> str:
    """A helper's output on one line, without words that may be secrets."""
    # A brace begins an answer with a secret, or the answer of a server to the helper.
    plain = said[:_PIECE].decode(errors="replace").partition("{")[0]
    return quote(_OPAQUE.sub("…", _QUOTED.sub('"…"', _NAMED.sub(r"\1\2…", plain))))


def _run(
    path: str, server: str, environment: Mapping[str, str], time_limit: float, running: Running
) -> tuple[int, bytes, bytes]:
    """The exit status, the output and the errors of `path get`, which has ended on return.

    Raises `HelperError` where it cannot be started, prints too much or takes too long.
    """
    from subprocess import PIPE, Popen, TimeoutExpired

    deadline = time.monotonic() + time_limit

    def start() -> Popen[bytes]:
        try:
            # In a session of its own, a helper is a process group that can be ended, and it cannot
            # wait for input from a terminal.
            return Popen(  # noqa: S603 - the user's configuration names it
                [path, "get"],
                bufsize=0,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise HelperError(f"it cannot be started ({error.strerror})") from None

    with running.started(start) as process:
        try:
            output, errors = _converse(process, server, deadline)
            return process.wait(max(0.0, deadline - time.monotonic())), output, errors
        except (TimeoutError, TimeoutExpired):
            _end(process)
            raise HelperError(
                f"it gave no answer within {time_limit:g} s, and was ended",
                hint=f"unlock it, if it is locked; {_ANONYMOUS}",
            ) from None
        except BaseException:
            _end(process)
            raise


def _converse(process: Popen[bytes], server: str, deadline: float) -> tuple[bytes, bytes]:
    """Write the question, and read output and errors; raises `TimeoutError`, `HelperError`."""
    import selectors

    pipes = (process.stdin, process.stdout, process.stderr)
    question, output, errors = cast("tuple[IO[bytes], IO[bytes], IO[bytes]]", pipes)
    with question, suppress(BrokenPipeError):
        question.write(server.encode())
    received = {output: bytearray(), errors: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream, buffer in received.items():
            selector.register(stream, selectors.EVENT_READ, buffer)
        while selector.get_map():
            if time.monotonic() > deadline:
                raise TimeoutError
            is_gone = process.poll() is not None
            ready = selector.select(_TICK)
            if is_gone and not ready:
                # A process that the helper has started lives on, and keeps its output open.
                break
            for key, _ in ready:
                chunk = os.read(key.fd, _PIECE)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
                if len(key.data) > _OUTPUT_LIMIT:
                    raise HelperError(f"its output is larger than {_OUTPUT_LIMIT} bytes")
    return bytes(received[output]), bytes(received[errors])


def _end(process: Popen[bytes]) -> None:
    """End a helper, and the processes that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
