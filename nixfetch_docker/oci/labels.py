"""Where an image comes from, as its labels say.

https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ..base.redact import quote
from ..errors import NixfetchError
from .manifest import labels

_PREFIX = "org.opencontainers.image."
_URL = re.compile(r"https?://[^\s<>\"'`]+")
_HASH = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The URL of its source, the revision there, and when it was made; "" where nothing is said."""

    source: str = ""
    revision: str = ""
    created: str = ""

    @classmethod
    def from_config(cls, data: bytes) -> Self:
        """Read an image's config; one that makes no sense says nothing."""
        try:
            found = labels(data)
        except NixfetchError:
            return cls()
        texts = {
            name: quote(found.get(f"{_PREFIX}{name}", ""))
            for name in ("source", "revision", "created")
        }
        if not _URL.fullmatch(texts["source"]):
            texts["source"] = ""
        return cls(**texts)

    @property
    def text(self) -> str:
        """One line for people: `https://github.com/acme/web/tree/1a2b3c4, of 2026-01-02`."""
        where = self.source.removesuffix(".git")
        if where.startswith(("https://github.com/", "https://gitlab.com/")) and self.revision:
            where = f"{where}/tree/{self.revision}"
        elif self.revision:
            short = self.revision[:12] if _HASH.fullmatch(self.revision) else self.revision
            where = f"{where} at {short}".strip()
        created = f"of {self.created[:10]}" if self.created else ""
        return ", ".join(filter(None, (where, created)))


UNKNOWN = Origin()
