"""`WWW-Authenticate` challenges (RFC 9110, section 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A scheme is a token that no "=" makes the name of a parameter.
_SCHEME = re.compile(rf"[\s,]*({_NAME})(?:\s++(?!=)|(?=,)|$)")
# An unquoted value is a token, but registries have sent URLs without their quotes.
_PARAMETER = re.compile(
    rf'[\s,]*({_NAME})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^\s,"=][^\s,"]*)?)(?=[\s,]|$))'
)
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: its scheme and its parameters, both with names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header_lines: Iterable[str]) -> list[Challenge]:
    """The challenges of a response, in order, from the values of all its header lines.

    A line that turns malformed gives what came before that point.
    """
    return [challenge for line in header_lines for challenge in _parse_line(line)]


def _parse_line(line: str) -> Iterator[Challenge]:
    position = 0
    while scheme := _SCHEME.match(line, position):
        position = scheme.end()
        # A lone token68 (as Negotiate sends) says nothing that we could use.
        if (token68 := _TOKEN68.match(line, position)) and not _PARAMETER.match(line, position):
            position = token68.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(line, position):
            name, quoted, bare = parameter.groups()
            value = _ESCAPE.sub(r"\1", quoted) if quoted is not None else bare
            # The first of two counts: what came later may have been appended on the way.
            parameters.setdefault(name.lower(), value)
            position = parameter.end()
        yield Challenge(scheme[1].lower(), parameters)
