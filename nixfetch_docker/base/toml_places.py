"""The lines and columns of keys and values by their paths, in a document that a parser has read."""

from __future__ import annotations

from collections.abc import Mapping

from . import toml_spans, toml_writer
from .table import Path
from .toml_spans import Entry, Kind


class Places:
    """The places in one document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._entries: dict[Path, Entry] = {}
        for entry in toml_spans.entries(text):
            for length in range(1, len(entry.path) + 1):
                self._entries.setdefault(entry.path[:length], entry)

    def entry(self, path: Path) -> Entry | None:
        """The first key or header with this path, or with one that begins with it."""
        return self._entries.get(path)

    def header(self, path: Path) -> str:
        """The text of the header that first names a path, "" where it is in none."""
        entry = self._entries.get(path)
        if entry is None or entry.value is not None:
            return ""
        return self._text[entry.start : entry.end]

    def key(self, path: Path) -> str:
        """The key at a path as it is written, in quotes or dotted; "" for an item of an array."""
        if not path or isinstance(path[-1], int):
            return ""
        entry = self._entries.get(path)
        if entry is None or entry.value is None or entry.path != path:
            return toml_writer.key(path[-1])
        return self._text[entry.start : entry.value].rpartition("=")[0].strip()

    def with_headers(self, headers: Mapping[Path, str]) -> str:
        """The document with other headers in place of those that first name these paths."""
        text = self._text
        entries = {
            self._entries[path].start: (self._entries[path], headers[path]) for path in headers
        }
        for _, (entry, header) in sorted(entries.items(), reverse=True):
            text = text[: entry.start] + header + text[entry.end :]
        return text

    def find(self, path: Path, *, is_of_key: bool) -> tuple[int, int]:
        """The line and the column, from 1, of the value or the key at a path, or of what it is in.

        Where no path names it, as in an array of tables, the table around it is found.
        """
        own = path
        while own and own not in self._entries:
            own = own[:-1]
        entry = self._entries.get(own)
        if entry is None:
            return 1, 1
        start = entry.start
        if not is_of_key and entry.value is not None and entry.path == own:
            start = entry.value
            if own != path and isinstance(position := path[len(own)], int):
                start = self._item(start, position)
        return toml_spans.place_of(self._text, start)

    def _item(self, start: int, position: int) -> int:
        """The place of an item of the array that begins at `start`."""
        depth = 0
        is_next = True
        for token in toml_spans.tokens(self._text[start:]):
            if token.kind in (Kind.SPACE, Kind.NEWLINE, Kind.COMMENT):
                continue
            if depth == 1 and is_next and token.text != "]":
                if position == 0:
                    return start + token.start
                position -= 1
            is_next = depth == 0 or (depth == 1 and token.text == ",")
            if token.kind is Kind.MARK:
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.text, 0)
            if depth == 0:
                break
        return start
