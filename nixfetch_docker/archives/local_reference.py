"""References of images in files: `oci:./web`, `docker-archive:./web.tar`.

The form is that of containers-transports,
https://github.com/containers/image/blob/main/docs/containers-transports.5.md, with a path that
begins with "/", "./" or "../".
"""

from __future__ import annotations

from enum import Enum
from typing import Self

from ..base import userinfo
from ..base.redact import literal
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

# A path must begin so, to differ from a tag: "oci:latest" is an image named "oci".
_LOCAL = regex(r"(?P<kind>oci|docker-archive):(?P<path>(?:/|\.{1,2}/)[^:]+)(?::(?P<name>\S+))?")
# A URL with a host, as helm has it for charts.
_URL = regex(r"(oci|docker-archive)://[^/]")
_KIND = regex(r"(oci|docker-archive):(/|\.)")


class InvalidLocalReference(NixfetchError):
    """A text that begins like a local reference, and is none."""


class Kind(Enum):
    """The formats of images in files."""

    OCI = "oci"
    DOCKER_ARCHIVE = "docker-archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalReference:
    """An image in a file or a directory.

    `path` is absolute, or relative to the directory of images.toml. `name` chooses one of several
    images: by its tag in an OCI layout, by its name and tag in a docker-archive.
    """

    kind: Kind
    path: str
    name: str | None = None

    @classmethod
    def is_meant(cls, text: str) -> bool:
        """Whether a text begins like a local reference; other texts name images in registries."""
        return _KIND.match(text) is not None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `KIND:PATH[:NAME]`; raises `InvalidLocalReference`."""
        match = _LOCAL.fullmatch(text)
        name = match["name"] or "" if match is not None else text
        if userinfo.has_login(text if _URL.match(text) else name):
            raise InvalidLocalReference(
                "a reference has no login, and this kind of reference names a file",
                hint=f"write oci:./PATH for a file; for a registry, {userinfo.HINT}",
            )
        if match is None or not text.isprintable():
            raise InvalidLocalReference(
                f"{literal(text)} does not name an image in a file",
                hint="write oci:./PATH or docker-archive:./FILE, followed by :NAME if there are "
                "several images in it",
            )
        return cls(kind=Kind(match["kind"]), path=match["path"], name=match["name"])

    def __str__(self) -> str:
        return ":".join(filter(None, (self.kind.value, self.path, self.name)))
