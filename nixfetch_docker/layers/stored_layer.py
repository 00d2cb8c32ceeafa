"""A layer as an image store mounts it: the directory that the build of a layer makes."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from ..base import files, strict_json
from ..base.values import dataclass
from ..errors import placed
from ..oci.digest import Digest

FILE_SYSTEM = "layer.erofs"
FACTS = "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What podman's storage knows of a layer.

    `diff_id` is the digest of its tar, `size` the tar's size in bytes; `uids` and `gids` are the
    owners of its files.
    """

    diff_id: Digest
    size: int
    uids: tuple[int, ...]
    gids: tuple[int, ...]

    @classmethod
    def read(cls, directory: Path) -> Self:
        """The facts in the directory of a layer; raises `NixfetchError` where there are none."""
        path = directory / FACTS
        with placed(path):
            return cls.parse(files.read(path))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The facts in a JSON text; raises `NixfetchError`."""
        table = strict_json.parse_table(text)
        return cls(
            diff_id=table.parse("diff-id", Digest.parse),
            size=table.size("size"),
            uids=tuple(table.integers("uids") or ()),
            gids=tuple(table.integers("gids") or ()),
        )

    def to_json(self) -> dict[str, object]:
        """The object that `read` reads."""
        return {
            "diff-id": str(self.diff_id),
            "size": self.size,
            "uids": list(self.uids),
            "gids": list(self.gids),
        }
