"""`Link` headers, as far as registries page their lists with them (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Possessive, as a hostile header must not make us backtrack.
_VALUE = r'"(?:[^"\\]|\\.)*+"|[^\s;,"]*+'
_PARAMETER = rf"\s*+;\s*+([^\s;,=]++)\s*+(?:=\s*+({_VALUE}))?+"
_LINK = re.compile(rf"[\s,]*+<([^<>]*+)>((?:{_PARAMETER})*+)")
_PARAMETERS = re.compile(_PARAMETER)


def next_page(header_lines: Iterable[str]) -> str | None:
    """The target of the first link that leads on, verbatim, or None.

    A line that turns malformed gives what came before that point.
    """
    for line in header_lines:
        position = 0
        while link := _LINK.match(line, position):
            position = link.end()
            if "next" in _relations(link[2]):
                return link[1]
    return None


def _relations(parameters: str) -> list[str]:
    """The words of the first `rel`, in lower case; further ones do not count."""
    for name, value in _PARAMETERS.findall(parameters):
        if name.lower() == "rel":
            return str(value).strip('"').lower().split()
    return []
