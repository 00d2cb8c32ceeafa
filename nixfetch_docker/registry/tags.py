"""The tags of a repository, from all pages of its registry's list.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import httpx

from ..base import strict_json
from ..errors import NixfetchError, RegistryError
from ..oci.reference import is_tag
from .body import read
from .repository import Repository
from .urls import display, follow

_PAGE_LIMIT = 16 * 1024 * 1024
_PAGES_LIMIT = 10_000
_HINT = "tell the registry's operator"

# `Link` headers (RFC 8288). Possessive, so that a hostile header cannot make the match backtrack.
_VALUE = r'"(?:[^"\\]|\\.)*+"|[^\s;,"]*+'
_PARAMETER = rf"\s*+;\s*+([^\s;,=]++)\s*+(?:=\s*+({_VALUE}))?+"
_LINK = re.compile(rf"[\s,]*+<([^<>]*+)>((?:{_PARAMETER})*+)")
_PARAMETERS = re.compile(_PARAMETER)


def list_tags(repository: Repository) -> list[str]:
    """All tags, each once, in the registry's order; raises `RegistryError`.

    The next page is the one that the `Link` header names, unchanged: its query may mean something
    to the registry alone. A page without such a link is the last; a short or empty one need not be.
    """
    url: httpx.URL | None = httpx.URL(repository.url("tags/list"))
    seen: set[str] = set()
    tags: dict[str, None] = {}
    while url is not None:
        with repository.open("GET", url) as response:
            body = read(response, _PAGE_LIMIT, repository.patience)
            tags.update(dict.fromkeys(_page(body)))
            seen.add(str(url))
            url = _next(url, response)
            if str(url) in seen or len(seen) == _PAGES_LIMIT:
                raise RegistryError("the list of tags never ends", hint=_HINT)
    return list(tags)


def _page(body: bytes) -> Iterator[str]:
    try:
        document = strict_json.parse(body)
    except strict_json.InvalidJson:
        document = None
    if not isinstance(document, Mapping):
        raise RegistryError("the list of tags is not a JSON object", hint=_HINT)
    # Registries have sent null for no tags, and nulls and digests among the tags.
    tags = document.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, str) and is_tag(tag):
            yield tag


def _next(url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
    target = next_page(response.headers.get_list("link"))
    if target is None:
        return None
    try:
        following = follow(url, target)
    except NixfetchError as error:
        error.what = f"for more tags {error.what}"
        raise
    if (following.scheme, following.netloc) != (url.scheme, url.netloc):
        raise RegistryError(
            f"for more tags it sends us to {display(following)}, another host",
            hint=_HINT,
        )
    return following


def next_page(header_lines: Iterable[str]) -> str | None:
    """The target of the first link with the relation `next`, verbatim, or None.

    The rest of a header line is ignored where it is malformed.
    """
    for line in header_lines:
        position = 0
        while link := _LINK.match(line, position):
            position = link.end()
            if "next" in _relations(link[2]):
                return link[1]
    return None


def _relations(parameters: str) -> list[str]:
    """The words of the first `rel`, in lower case; RFC 8288 has further ones ignored."""
    for name, value in _PARAMETERS.findall(parameters):
        if name.lower() == "rel":
            return str(value).strip('"').lower().split()
    return []
