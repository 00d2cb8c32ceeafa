"""A terminal of a given width, in which a test runs the program."""

from __future__ import annotations

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
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "nixfetch_docker", *words],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=cwd,
        start_new_session=True,
        # The terminal that Ctrl-C is typed on is that of the program.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": str(cwd), **(env or {})},
    ) as process:
        os.close(follower)
        sent = bytearray()
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # Linux says so where the other end is closed.
                break
            if not piece:
                break
            sent += piece
            for prompt in [one for one in waiting if one.encode() in sent]:
                os.write(leader, waiting.pop(prompt).encode())
        os.close(leader)
    return process.returncode, sent.decode().replace("\r\n", "\n")


def without_colours(sent: str) -> str:
    """The text without the sequences that control a terminal, and without spaces at line ends."""
    return "".join(f"{line.rstrip()}\n" for line in _ESCAPES.sub("", sent).splitlines())
