"""The one exception that every failure of this package derives from."""

from __future__ import annotations

from typing import Self


class NixfetchError(Exception):
    """Something that the person at the keyboard can act on.

    Its text is one line: where it happened (outermost place first), what
    happened, and what to try.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.places: list[str] = []

    def at(self, place: str) -> Self:
        """Name a place around those already named; returns the error itself, to be raised."""
        self.places.insert(0, place)
        return self

    def __str__(self) -> str:
        text = ": ".join([*self.places, self.what])
        return f"{text}; {self.hint}" if self.hint else text


class UsageError(NixfetchError):
    """The command line asks for something that there is not."""
