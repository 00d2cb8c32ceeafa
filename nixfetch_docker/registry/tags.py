"""The tags of a repository, from all pages of its registry's list.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..base.letter_case import fold
from ..base.redact import literal
from ..base.values import dataclass, replace
from ..errors import NotFoundError, RegistryError
from ..oci.reference import is_tag
from .body import read
from .links import following, next_page
from .repository import Repository
from .url import Url

# GCR describes every manifest beside the tags, in some 350 bytes.
_PAGE_MIB = 64
_PAGE_LIMIT = _PAGE_MIB * 1024 * 1024
# These bound the memory: a value of two bytes may take a hundred, the version of a tag a thousand.
_VALUES_LIMIT = 2_000_000
_TAGS_LIMIT = 300_000
_PAGES_LIMIT = 10_000
_NAMES_MIB = 64
_NAMES_LIMIT = _NAMES_MIB * 1024 * 1024

# The pages that ghcr.io sends by itself have 100 tags; with the `n` that crane sends, they have
# 1000, and the links stay right. It is not asked of others: with `n`, the links of Artifactory lead
# nowhere (https://github.com/renovatebot/renovate/issues/15080), and registries that send all tags
# at once by themselves would send many pages.
_PAGE_SIZES = {"ghcr.io": 1000}
# Of the page that a message is made of.
_SOME_LIMIT = 4 * 1024 * 1024
_SOME_SECONDS = 15.0
_KEY = "tags"
_HINT = "tell the registry's operator"


def list_tags(repository: Repository) -> list[str]:
    """All tags, each once, in the registry's order; raises `RegistryError`.

    The next page is the one that the `Link` header names, with its query unchanged, because that
    may mean something to the registry alone. A page without such a header is the last; a short or
    empty one need not be.
    """
    url: Url | None = first_page(Url.parse(repository.url("tags/list")))
    seen: set[str] = set()
    tags: dict[str, None] = {}
    names = 0
    end = time.monotonic() + repository.patience.list
    while url is not None:
        with _linked(bool(seen)), repository.open("GET", url) as response:
            for tag in _page(read(response, _PAGE_LIMIT, repository.patience)):
                names += 0 if tag in tags else len(tag)
                tags[tag] = None
            seen.add(str(url))
            names += len(str(url))
            url = following(url, response)
            if str(url) in seen:
                raise RegistryError(
                    "the list of tags never ends: its Link header names an earlier page", hint=_HINT
                )
            if len(tags) > _TAGS_LIMIT or (url and len(seen) == _PAGES_LIMIT):
                raise RegistryError(
                    f"the list of tags has more than {_TAGS_LIMIT} tags or {_PAGES_LIMIT} pages",
                    hint=_HINT,
                )
            if names > _NAMES_LIMIT:
                raise RegistryError(
                    f"the names and links of the list of tags have more than {_NAMES_MIB} MiB",
                    hint=_HINT,
                )
            if url and time.monotonic() >= end:
                raise RegistryError(
                    f"the list of tags has not ended after {len(seen)} pages and "
                    f"{repository.patience.list:.0f} s",
                    hint="try again later, or name a tag instead of a version",
                )
    return list(tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeTags:
    """Tags of a repository, in the registry's order; `is_all` says that there are no others."""

    names: list[str]
    is_all: bool


def list_some(repository: Repository) -> SomeTags:
    """The tags of the first page, by one request; raises `RegistryError`.

    A page that is large or slow is refused, as its tags only make a message better.
    """
    patience = replace(repository.patience, document=_SOME_SECONDS)
    with repository.open("GET", first_page(Url.parse(repository.url("tags/list")))) as response:
        body = read(response, _SOME_LIMIT, patience)
        if len(body) > _SOME_LIMIT:
            raise RegistryError("the list of tags is long", hint=_HINT)
        names = list(_page(body))
        return SomeTags(names=names, is_all=next_page(response.headers.get_list("link")) is None)


def first_page(url: Url) -> Url:
    """The URL of the first page of a list, with a page size where its host is known to take one."""
    size = _PAGE_SIZES.get(url.netloc)
    return url if size is None else url.with_parameter("n", size)


@contextmanager
def _linked(is_linked: bool) -> Iterator[None]:
    """The block asks for a page that, where it `is_linked`, the page before names."""
    try:
        yield
    except NotFoundError as error:
        if not is_linked:
            raise
        raise RegistryError(
            f"{error.cause}, though the registry's own Link header leads there", hint=_HINT
        ) from None


def _page(body: bytes) -> Iterator[str]:
    if len(body) > _PAGE_LIMIT:
        raise RegistryError(f"the list of tags has a page of more than {_PAGE_MIB} MiB", hint=_HINT)
    if body.count(b",") > _VALUES_LIMIT:
        raise RegistryError(
            f"the list of tags has a page of more than {_VALUES_LIMIT} values", hint=_HINT
        )
    try:
        document = json.loads(body.decode(), object_pairs_hook=_only_tags)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, Mapping):
        raise RegistryError("the list of tags is not a JSON object", hint=_HINT)
    # Registries have sent null for no tags, and nulls and digests among the tags.
    for key in document.keys() - {_KEY}:
        raise RegistryError(
            f"the list of tags has {literal(key)}, which other clients take for 'tags'", hint=_HINT
        )
    tags = document.get(_KEY)
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, str) and is_tag(tag):
            yield tag


def _only_tags(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without what else it holds, which may be a hundred times as much."""
    found = [(key, value) for key, value in pairs if fold(key) == _KEY]
    if len(found) > 1:
        raise RegistryError("the list of tags has its key 'tags' twice", hint=_HINT)
    return dict(found)
