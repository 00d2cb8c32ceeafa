"""The origin of an image, as its labels give it.

https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ..base.redact import quote
from ..errors import NixfetchError
from .config import ImageConfig

_PREFIX = "org.opencontainers.image."
_URL = re.compile(r"https?://[^\s<>\"'`]+")
_HASH = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The URL of an image's source, the revision there, and its date; "" for what is missing."""

    source: str = ""
    revision: str = ""
    created: str = ""

    @classmethod
    def from_config(cls, data: bytes) -> Self:
        """The origin in an image's config; a config that cannot be read gives none."""
        try:
            found = ImageConfig.parse(data).labels
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
