"""A terminal of a given width, in which a test runs the program."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run(
    *words: str,
    cwd: Path,
    columns: int = 80,
    env: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """The exit status of the program, and all that it printed to the terminal, as sent.

    When the terminal shows a key of `answers`, its value is typed, once. Ctrl-C works as "\x03".
    """
    waiting = dict(answers or {})
    sent = ""
    with Terminal(*words, cwd=cwd, columns=columns, env=env) as terminal:
        while piece := terminal.read():
            sent += piece
            for prompt in [one for one in waiting if one in sent]:
                terminal.type(waiting.pop(prompt))
    return terminal.status, sent


class Terminal:
    """A terminal in which the program runs; its `status` is known once the block has ended.

    With `stdout` or `stderr`, that stream is a file, and not the terminal.
    """

    def __init__(
        self,
        *words: str,
        cwd: Path,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        self._leader, follower = pty.openpty()
        self.resize(columns)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nixfetch_docker", *words],
            stdin=follower,
            stdout=stdout or follower,
            stderr=stderr or follower,
            cwd=cwd,
            start_new_session=True,
            # The terminal that Ctrl-C is typed on is that of the program.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
            env={"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": str(cwd), **(env or {})},
        )
        os.close(follower)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._process.kill()
        self.status = self._process.wait()
        os.close(self._leader)

    def resize(self, columns: int) -> None:
        """Give the terminal another width; the program gets SIGWINCH."""
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._leader, keys.encode())

    def read(self) -> str:
        """More of what the program prints, once there is some; "" at its end."""
        while True:
            try:
                piece = os.read(self._leader, 65536)
            except OSError:  # Linux says so where the other end is closed.
                return ""
            if text := self._decoder.decode(piece, final=not piece).replace("\r\n", "\n"):
                return text
            if not piece:
                return ""


def without_colours(sent: str) -> str:
    """The text without the sequences that control a terminal, and without spaces at line ends."""
    return "".join(f"{line.rstrip()}\n" for line in _ESCAPES.sub("", sent).splitlines())
