"""Regular expressions that are compiled when they are first used.

A command uses a tenth of those in the modules that it imports. To compile them all takes longer
than anything else that a small command does.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import compile as regex
    from typing import Any


class _Late:
    """What `re.compile(pattern, flags)` returns, compiled when something asks it for anything."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # A copy asks for special methods, before there is anything to compile.
        if name not in _ATTRIBUTES:
            raise AttributeError(name)
        compiled = re.compile(self._pattern, self._flags)
        # From now on they are found without this method.
        vars(self).update({one: getattr(compiled, one) for one in _ATTRIBUTES})
        return getattr(compiled, name)


_ATTRIBUTES = {name for name in dir(re.Pattern) if not name.startswith("_")}

if not TYPE_CHECKING:
    regex = _Late

__all__ = ["regex"]
