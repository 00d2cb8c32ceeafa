"""Which lines of the package an input reaches, so that inputs that reach new ones are kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import nixfetch_docker

_ROOT = str(Path(nixfetch_docker.__file__).parent)
# A function that has shown nothing new for so many calls is watched only now and then.
_PATIENCE = 100
_SAMPLE = 16


class Lines:
    """The lines and the functions of the package that were reached so far."""

    def __init__(self) -> None:
        self._lines: set[tuple[CodeType, int]] = set()
        self._stale: dict[CodeType, int] = {}
        self._before = 0

    @property
    def count(self) -> int:
        """The number of lines."""
        return len(self._lines)

    @property
    def functions(self) -> set[str]:
        """The names of all functions, as `room/module.Class.method`."""
        return {
            f"{Path(code.co_filename).relative_to(_ROOT).with_suffix('')}.{code.co_qualname}"
            for code in self._stale
        }

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the block; `are_new` tells about it afterwards."""
        self._before = len(self._lines)
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(before)

    @property
    def are_new(self) -> bool:
        """Whether the last block reached a line that none before it did."""
        return len(self._lines) > self._before

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        stale = self._stale.get(code)
        if stale is None:
            if not code.co_filename.startswith(_ROOT):
                return None
            stale = self._stale[code] = 0
        self._stale[code] = stale + 1
        if stale > _PATIENCE and stale % _SAMPLE:
            return None
        return self._line

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and (place := (frame.f_code, frame.f_lineno)) not in self._lines:
            self._lines.add(place)
            self._stale[frame.f_code] = 0
        return self._line
