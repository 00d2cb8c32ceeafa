"""What a terminal shows of the text that a program sends, with the few controls that ours uses."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"\x1b\[(?P<number>[0-9;?]*)(?P<control>[A-Za-z])|(?P<text>[^\x1b\r\n]+)|[\r\n]"
)


class Screen:
    """A screen of some columns, as xterm has it: it wraps lines, and never wraps them anew.

    `wraps` are the lines that were longer than it is wide. `frames` are the contents whenever the
    program had drawn lines anew, which ends with the cursor at their start.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines = [""]
        self.wraps: list[str] = []
        self.frames: list[list[str]] = []
        self._row = 0
        self._column = 0
        self._wraps = True

    def feed(self, sent: str) -> None:
        """Show more text; it may end anywhere but within a control sequence."""
        position = 0
        for piece in _PIECE.finditer(sent):
            assert piece.start() == position, f"unknown control: {sent[position:][:9]!r}"
            position = piece.end()
            if text := piece["text"]:
                self._write(text)
            elif control := piece["control"]:
                self._control(control, piece["number"])
            elif piece[0] == "\r":
                self._column = 0
            else:
                self._down()
        assert position == len(sent)

    def _write(self, text: str) -> None:
        if not self._wraps:
            text = text[: max(self.columns - self._column, 0)]
        if self._column + len(text) > self.columns:
            self.wraps.append(self.lines[self._row][: self._column] + text)
        for letter in text:
            if self._column == self.columns:
                self._down()
            line = self.lines[self._row].ljust(self._column)
            self.lines[self._row] = line[: self._column] + letter + line[self._column + 1 :]
            self._column += 1

    def _down(self) -> None:
        self._row, self._column = self._row + 1, 0
        if self._row == len(self.lines):
            self.lines.append("")

    def _control(self, control: str, number: str) -> None:
        if control == "K":
            self.lines[self._row] = self.lines[self._row][: self._column]
        elif control == "J":
            self.frames.append([line.rstrip() for line in self.lines[: self._row + 1]])
            self.lines[self._row :] = [self.lines[self._row][: self._column]]
        elif control == "A":
            self._row = max(self._row - int(number), 0)
        elif number == "?7":
            self._wraps = control == "h"
        else:
            assert control == "m", f"unknown control {control}"
