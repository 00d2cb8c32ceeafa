"""The two forms of text in which an input holds several documents: files, and answers.

Digests and sizes in them would break with every mutation, and a broken digest is where each parser
stops. So a document may stand for those of another: `@hex:NAME@` is the sha256 of the document
NAME, and `@size:NAME@` its size in bytes. They are filled in after the mutation.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_FILE = re.compile(rb"^=== (?P<name>[^\n]*)\n", re.MULTILINE)
_NAMED = re.compile(rb"@(?P<what>hex|size):(?P<name>[^@\s]{1,64})@")
_MOST_DOCUMENTS = 64


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer of a registry: status, header lines, body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def files(data: bytes) -> list[tuple[str, bytes]]:
    """The paths and contents of the files in `data`, in order; a line `=== NAME` begins each.

    The line may give a path of its own behind the name: `=== NAME = PATH`.
    """
    _, *parts = _FILE.split(data)
    lines = [part.decode("utf-8", "replace") for part in parts[::2]][:_MOST_DOCUMENTS]
    # The line break before the next name is not part of the document.
    contents = [part.removesuffix(b"\n") for part in parts[1::2]]
    known: dict[str, bytes] = {}
    made: list[tuple[str, bytes]] = []
    # A document names others that come after it, as an index names manifests.
    for line, content in reversed(list(zip(lines, contents, strict=False))):
        name, _, path = line.partition(" = ")
        filled = known.setdefault(name, _filled(content, known))
        made.append((_filled_text(path or name, known), filled))
    return made[::-1]


def answers(data: bytes) -> list[Answer]:
    """The answers in `data`: documents of a status, header lines, an empty line and a body.

    What is named is the body of a document.
    """
    _, *parts = _FILE.split(data)
    names = [part.decode("utf-8", "replace") for part in parts[::2]][:_MOST_DOCUMENTS]
    bodies: dict[str, bytes] = {}
    made: list[Answer] = []
    for name, content in reversed(list(zip(names, parts[1::2], strict=False))):
        head, _, body = content.removesuffix(b"\n").partition(b"\n\n")
        body = bodies.setdefault(name, _filled(body, bodies))
        status, *lines = _filled(head, bodies).split(b"\n")
        headers = [
            (key.strip(), value.strip())
            for key, colon, value in (line.partition(b":") for line in lines)
            if colon and key.strip()
        ]
        made.append(Answer(status=_status(status), headers=headers, body=body))
    return made[::-1]


def _status(line: bytes) -> int:
    """The number that a line begins with, as far as HTTP can send it; else 200."""
    digits = re.match(rb"[1-9][0-9]{2}", line)
    return int(digits[0]) if digits else 200


def _filled_text(text: str, known: dict[str, bytes]) -> str:
    return _filled(text.encode(errors="replace"), known).decode(errors="replace")


def _filled(content: bytes, known: dict[str, bytes]) -> bytes:
    def fill(match: re.Match[bytes]) -> bytes:
        named = known.get(match["name"].decode("utf-8", "replace"), b"")
        if match["what"] == b"size":
            return b"%d" % len(named)
        return hashlib.sha256(named).hexdigest().encode()

    return _NAMED.sub(fill, content)
