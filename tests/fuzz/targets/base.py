"""Targets of the room base/: JSON, TOML, foreign text in messages, gzip."""

from __future__ import annotations

import gzip as standard
import json
import zlib
from typing import Any

import tomli
from fuzz.text import of, said

from nixfetch_docker.base import strict_json, toml, toml_writer
from nixfetch_docker.base.echo import secrets_of, strike
from nixfetch_docker.base.gzip import Gunzip
from nixfetch_docker.base.redact import quote, redact

_HIDDEN = "correct-horse-battery"
_MOST = 32 * 1024 * 1024


def strict(data: bytes) -> None:
    """JSON that is accepted has the value that Python's own parser gives, but for nulls."""
    said(strict_json.parse_table, data, "x", allow_duplicates_in_unread=True)
    found = strict_json.parse(data)
    # As texts, because NaN, which is let through as well, is not equal to itself.
    assert repr(found) == repr(_without_nulls(json.loads(data.decode())))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def document(data: bytes) -> None:
    """A TOML document has the values that tomli gives, and texts survive being written."""
    text = data.decode(errors="replace")
    if text.isprintable():
        lines = f"{toml_writer.key(text)} = {toml_writer.strings([text, text])}\n"
        assert tomli.loads(lines) == {text: [text, text]}
        table = f"a = {toml_writer.inline_table([(text, toml_writer.string(text))])}\n"
        assert tomli.loads(table) == {"a": {text: text}}
    assert toml.parse(text).values == tomli.loads(text.replace("\r\n", "\n"))


def message(data: bytes) -> None:
    """What is quoted is one short printable line, without the secrets that are known."""
    text = of(data)
    redact(text[:2000])
    strike(text[:2000], secrets_of(text[:200]))
    for shown in (quote(text), quote(text, secrets_of(text[:200])), quote(text, [_HIDDEN])):
        assert shown.isprintable()
        assert len(shown) <= 250
    assert _HIDDEN not in quote(text, [_HIDDEN])
    if _HIDDEN not in "".join(filter(str.isprintable, text)):
        assert _HIDDEN not in quote(f"https://ann:{_HIDDEN}@example.org/ {text}")


def gunzip(data: bytes) -> None:
    """A stream has the content that Python's own module gives, in pieces of at most 1 MiB."""
    stream, size, content = Gunzip(), 0, bytearray()
    try:
        for start in range(0, len(data), 1000):
            for piece in stream.decompress(data[start : start + 1000]):
                assert len(piece) <= 1024 * 1024
                size += len(piece)
                content += piece[: _MOST - len(content)]
    except zlib.error:
        return
    if stream.is_complete and size <= _MOST:
        assert standard.decompress(data) == content


TARGETS = {"json": strict, "toml": document, "message": message, "gzip": gunzip}
