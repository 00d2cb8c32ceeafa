"""The origin of an image, as its labels give it.

https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md

Whoever built the image wrote the labels, and reports on an update show them. So a value that is not
of its kind is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Self

from ..base.dates import timestamp
from ..base.redact import redact
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError
from .config import ImageConfig

_PREFIX = "org.opencontainers.image."
# Longer values are left out before any expression sees them.
_LIMIT = 300
_REVISION = regex(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,63}(?:/[0-9A-Za-z_-][0-9A-Za-z._-]{0,63})*")
_LONGEST_REVISION = 64
_HASH = regex(r"[0-9a-f]{40,64}")
_HOST = r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?"
# RFC 3986 without userinfo, brackets and quotes: https://www.rfc-editor.org/rfc/rfc3986#appendix-A
_REST = r"[0-9A-Za-z._~!$&*+,;=:@%/?#-]*"
_URL = regex(rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?#]{_REST})?", re.IGNORECASE)
_PROJECT = regex(r"https://(?:github|gitlab)\.com/[0-9A-Za-z._~/-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The URL of an image's source, the revision there, and its date; "" for what is missing.

    `left_out` are the names of the labels whose values are not of their kind.
    """

    source: str = ""
    revision: str = ""
    created: str = ""
    left_out: tuple[str, ...] = ()

    @classmethod
    def from_config(cls, data: bytes) -> Self:
        """The origin in an image's config; a config that cannot be read gives none."""
        try:
            found = ImageConfig.parse(data).labels
        except NixfetchError:
            return cls()
        texts = {name: found.get(f"{_PREFIX}{name}", "") for name in _KINDS}
        valid = {name: text for name, text in texts.items() if text and _KINDS[name](text)}
        if "source" in valid:
            # The query may be a secret.
            valid["source"] = redact(valid["source"])
        left_out = [name for name, text in texts.items() if text and name not in valid]
        return cls(**valid, left_out=tuple(f"{_PREFIX}{name}" for name in left_out))

    @property
    def text(self) -> str:
        """One line for people: `https://github.com/acme/web/tree/1a2b3c4, of 2026-01-02`."""
        where = self.source.removesuffix(".git")
        if _PROJECT.fullmatch(where) and self.revision:
            where = f"{where}/tree/{self.revision}"
        elif self.revision:
            short = self.revision[:12] if _HASH.fullmatch(self.revision) else self.revision
            where = f"{where} at {short}".strip()
        created = f"of {self.created[:10]}" if self.created else ""
        return ", ".join(filter(None, (where, created)))


UNKNOWN = Origin()


def _is_url(text: str) -> bool:
    return len(text) <= _LIMIT and _URL.fullmatch(text) is not None


def _is_revision(text: str) -> bool:
    """Whether this is a hash, a tag or a branch; one that leads elsewhere in a URL is none."""
    return len(text) <= _LONGEST_REVISION and _REVISION.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return timestamp(text) is not None


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "source": _is_url,
    "revision": _is_revision,
    "created": _is_date,
}
