"""The pages of a list, each of which names the next by a `Link` header (RFC 8288).

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags and
https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.redact import quote
from ..base.regex import regex
from ..errors import RegistryError
from .exchange import Response
from .url import InvalidUrl, Url

_HINT = "tell the registry's operator"

# `Link` headers (RFC 8288). Possessive, so that a hostile header cannot make the match backtrack.
# Zot left out the brackets for years: https://github.com/project-zot/zot/pull/2116
_VALUE = r'"(?:[^"\\]|\\.)*+"|[^\s;,"]*+'
_PARAMETER = rf"\s*+;\s*+([^\s;,=]++)\s*+(?:=\s*+({_VALUE}))?+"
_BARE = r"(?:https?://|[/?])[^\s<>;,\"]*+"
_LINK = regex(rf"[\s,]*+(?:<([^<>]*+)>|({_BARE}))((?:{_PARAMETER})*+)")
_PARAMETERS = regex(_PARAMETER.removeprefix(r"\s*+"))


def following(url: Url, response: Response) -> Url | None:
    """The URL of the page after `url`, always at the same host.

    Behind a reverse proxy, registries put their internal host or another scheme into the link.
    Only its path and query count, as for skopeo:
    https://github.com/containers/image/blob/v5.34.2/docker/docker_image.go
    """
    target = next_page(response.headers.get_list("link"))
    if target is None:
        return None
    try:
        link = url.join(target)
        if link.scheme in {"http", "https"}:
            return link.at_host_of(url)
    except InvalidUrl:
        pass
    raise _unreadable(target)


def next_page(header_lines: Iterable[str]) -> str | None:
    """The target of the first link with the relation `next`, verbatim; None for other relations.

    A link without any relation is the next page too, as for skopeo and crane. Raises
    `RegistryError` for a header that cannot be read, so that it does not end a list in silence.
    """
    unlabelled: list[str] = []
    unread: list[str] = []
    for line in header_lines:
        position = 0
        while link := _LINK.match(line, position):
            position = link.end()
            target = link[1] if link[1] is not None else link[2]
            relations = _relations(link[3])
            if "next" in relations:
                return str(target)
            if not relations:
                unlabelled.append(target)
        if rest := line[position:].strip(", \t"):
            unread.append(rest)
    if unlabelled:
        return unlabelled[0]
    if unread:
        raise _unreadable(unread[0])
    return None


def _relations(parameters: str) -> list[str]:
    """The words of the first `rel`, in lower case; RFC 8288 has further ones ignored."""
    for name, value in _PARAMETERS.findall(parameters):
        if name.lower() == "rel":
            return str(value).strip('"').lower().split()
    return []


def _unreadable(text: str) -> RegistryError:
    # The query of a link may hold a secret.
    shown = quote(text.partition("?")[0])
    return RegistryError(
        f"its Link header, which should name the next page, cannot be read ({shown})", hint=_HINT
    )
