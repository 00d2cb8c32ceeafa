"""The tags of a repository, from however many pages a registry spreads them over.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx

from ..base import strict_json
from ..errors import NixfetchError, RegistryError
from ..oci.reference import is_tag
from .body import read
from .links import next_page
from .repository import Repository
from .urls import display, follow

_PAGE_LIMIT = 16 * 1024 * 1024
_PAGES_LIMIT = 10_000


def list_tags(repository: Repository) -> list[str]:
    """All tags, each once, in the registry's order; raises `RegistryError`.

    Pages are followed by their `Link` alone, to the letter: it may carry what only the registry
    understands, and neither a short page nor an empty one is the last for that.
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
                raise RegistryError(
                    "the list of tags never ends", hint="tell the registry's operator"
                )
    return list(tags)


def _page(body: bytes) -> Iterator[str]:
    try:
        document = strict_json.parse(body)
    except strict_json.InvalidJson:
        document = None
    if not isinstance(document, Mapping):
        raise RegistryError("the list of tags is not a JSON object")
    # null for none, nulls among them, and digests: all of it has been seen.
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
            hint="tell the registry's operator",
        )
    return following
