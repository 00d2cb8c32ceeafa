"""Images that lie in files: `oci:./web`, `docker-archive:./web.tar`, as skopeo names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

from ..errors import NixfetchError

# A path must be told from a tag: "oci:latest" is an image named "oci".
_LOCAL = re.compile(
    r"(?P<kind>oci|docker-archive):(?P<path>(?:/|\.{1,2}/)[^:]+)(?::(?P<name>\S+))?"
)
_KIND = re.compile(r"(oci|docker-archive):(/|\.)")


class InvalidLocalReference(NixfetchError):
    """A text that means an image in a file, and names none."""


class Kind(Enum):
    """The forms in which an image can lie in files."""

    OCI = "oci"
    DOCKER_ARCHIVE = "docker-archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalReference:
    """An image in a file or a directory.

    `path` is absolute or relative to where images.toml is; `name` tells images apart where there
    are several: the tag of an OCI layout, the name and tag of a docker-archive.
    """

    kind: Kind
    path: str
    name: str | None = None

    @classmethod
    def is_meant(cls, text: str) -> bool:
        """Whether a text is for `parse`, and not for the reference of an image in a registry."""
        return _KIND.match(text) is not None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `KIND:PATH[:NAME]`; raises `InvalidLocalReference`."""
        match = _LOCAL.fullmatch(text)
        if match is None:
            raise InvalidLocalReference(
                f"{text!r} names no image in a file",
                hint="write it as oci:./PATH or docker-archive:./FILE, with :NAME behind it where "
                "there are several images",
            )
        return cls(kind=Kind(match["kind"]), path=match["path"], name=match["name"])

    def __str__(self) -> str:
        return ":".join(filter(None, (self.kind.value, self.path, self.name)))
