"""`WWW-Authenticate` challenges.

https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..base.regex import regex
from ..base.values import dataclass, field

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A scheme is a token without "=" behind it, which would make it a parameter's name.
_SCHEME = regex(rf"[\s,]*({_NAME})(?:\s++(?!=)|(?=,)|$)")
# An unquoted value should be a token, but registries have sent URLs without quotes.
_PARAMETER = regex(
    rf'[\s,]*({_NAME})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^\s,"=][^\s,"]*)?)(?=[\s,]|$))'
)
_TOKEN68 = regex(r"[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))")
_ESCAPE = regex(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: a scheme and its parameters, their names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header_lines: Iterable[str]) -> list[Challenge]:
    """The challenges in the values of all `WWW-Authenticate` lines of a response, in order.

    The rest of a line is ignored where it is malformed.
    """
    return [challenge for line in header_lines for challenge in _parse_line(line)]


def _parse_line(line: str) -> Iterator[Challenge]:
    position = 0
    while scheme := _SCHEME.match(line, position):
        position = scheme.end()
        # A lone token68, as Negotiate sends, is of no use here.
        if (token68 := _TOKEN68.match(line, position)) and not _PARAMETER.match(line, position):
            position = token68.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(line, position):
            name, quoted, bare = parameter.groups()
            value = _ESCAPE.sub(r"\1", quoted) if quoted is not None else bare
            # The first of two counts: a proxy may have appended the other.
            parameters.setdefault(name.lower(), value)
            position = parameter.end()
        yield Challenge(scheme[1].lower(), parameters)
