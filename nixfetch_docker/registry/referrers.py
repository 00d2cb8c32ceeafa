"""The manifests that refer to an image, such as those of its signatures.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
"""

from __future__ import annotations

import time

from ..base.values import replace
from ..errors import DeniedError, NotFoundError, RegistryError, WrongContent, placed
from ..oci.artifact import Attached, parse_referrers
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT
from ..oci.media_types import OCI_INDEX
from ..oci.reference import Reference
from .body import read
from .links import following
from .manifests import fetch_manifest
from .repository import Repository
from .url import Url

_PAGES_LIMIT = 100
_ENTRIES_LIMIT = 2000
# It bounds the memory: an entry may have annotations of any length.
_TOTAL_MIB = 32
_TOTAL_LIMIT = _TOTAL_MIB * 1024 * 1024
_HINT = "tell the registry's operator"
_ACCEPTED = {"Accept": OCI_INDEX}
# The answers of registries and proxies that do not know the API. The spec has 404 alone.
_NO_API = (400, 403, 404, 405, 406, 410, 501)
# https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
_ALGORITHM_LENGTH = 32
_HEX_LENGTH = 64


def list_referrers(repository: Repository, name: Reference, subject: Digest) -> list[Attached]:
    """All manifests that refer to `subject`, each once, in the registry's order.

    `name` is that of the image's repository. Where the registry has no API for them, they are
    those of the fallback tag. Raises `RegistryError`, also for a list without end, `WrongContent`
    and `InvalidManifest`.
    """
    url: Url | None = Url.parse(repository.url(f"referrers/{subject}"))
    seen: set[str] = set()
    found: dict[Digest, Attached] = {}
    total = 0
    end = time.monotonic() + repository.patience.list
    while url is not None:
        page = _fetch_page(repository, url, is_first=not seen)
        if page is None:
            return _by_tag(repository, replace(name, tag=fallback_tag(subject)))
        entries, size, target = page
        total += size
        found.update((entry.digest, entry) for entry in entries)
        seen.add(str(url))
        url = target
        if str(url) in seen:
            raise RegistryError(
                "the list of referrers never ends: its Link header names an earlier page",
                hint=_HINT,
            )
        if len(found) > _ENTRIES_LIMIT or (url and len(seen) >= _PAGES_LIMIT):
            raise RegistryError(
                f"the list of referrers has more than {_ENTRIES_LIMIT} entries or {_PAGES_LIMIT} "
                "pages",
                hint=_HINT,
            )
        if total > _TOTAL_LIMIT:
            raise RegistryError(f"the list of referrers has more than {_TOTAL_MIB} MiB", hint=_HINT)
        if url and time.monotonic() >= end:
            raise RegistryError(
                f"the list of referrers has not ended after {len(seen)} pages and "
                f"{repository.patience.list:.0f} s",
                hint="try again later",
            )
    return list(found.values())


def fallback_tag(subject: Digest) -> str:
    """The tag of the referrers of `subject` in a registry without the API for them."""
    return f"{subject.algorithm[:_ALGORITHM_LENGTH]}-{subject.hex[:_HEX_LENGTH]}"


_Page = tuple[tuple[Attached, ...], int, Url | None]


def _fetch_page(repository: Repository, url: Url, *, is_first: bool) -> _Page | None:
    """The entries of a page, its bytes and the URL of the next; None where there is no such API."""
    statuses = (200, *_NO_API) if is_first else (200,)
    try:
        with repository.open("GET", url, headers=_ACCEPTED, statuses=statuses) as response:
            is_html = "html" in response.headers.get("content-type", "")
            if response.status != 200 or (is_first and is_html):
                return None
            data = read(response, MANIFEST_LIMIT, repository.patience)
            if len(data) > MANIFEST_LIMIT:
                raise WrongContent(
                    f"the list of referrers has a page of more than {MANIFEST_LIMIT} bytes",
                    hint=_HINT,
                )
            return _parse(data), len(data), following(url, response)
    except DeniedError:
        # A 401 after the login, for a path that the registry does not know.
        if not is_first:
            raise
        return None


def _by_tag(repository: Repository, tagged: Reference) -> list[Attached]:
    try:
        content = fetch_manifest(repository, tagged, None, is_image=False)
    except NotFoundError:
        return []
    found = {entry.digest: entry for entry in _parse(content.data)}
    if len(found) > _ENTRIES_LIMIT:
        raise RegistryError(
            f"the list of referrers has more than {_ENTRIES_LIMIT} entries", hint=_HINT
        )
    return list(found.values())


def _parse(data: bytes) -> tuple[Attached, ...]:
    with placed("the list of referrers"):
        return parse_referrers(data)
