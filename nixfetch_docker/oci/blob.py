"""Blobs: content that a registry stores under its digest.

https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
"""

from __future__ import annotations

from typing import Self

from ..base import toml_writer
from ..base.table import Table
from ..base.values import dataclass
from .digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A blob of `size` bytes, as the lock records it."""

    digest: Digest
    size: int

    @classmethod
    def from_table(cls, table: Table, *more: str) -> Self:
        """Read a blob as `to_toml` writes it; `more` names the keys that may stand beside it.

        Raises `InvalidField` or `InvalidDigest`.
        """
        algorithm = "sha512" if "sha512" in table else "sha256"
        table.only(algorithm, "size", *more)
        digest = table.parse(algorithm, lambda encoded: Digest.parse(f"{algorithm}:{encoded}"))
        return cls(digest=digest, size=table.size("size"))

    def to_toml(self, *more: tuple[str, str]) -> str:
        """The blob as an inline table of TOML, with `more` pairs of key and value at its end."""
        values = [
            (self.digest.algorithm, toml_writer.string(self.digest.hex)),
            ("size", str(self.size)),
        ]
        return toml_writer.inline_table([*values, *more])
