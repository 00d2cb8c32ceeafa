"""Content digests, the names of blobs: `sha256:<hex>`.

https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ..base.redact import literal
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

if TYPE_CHECKING:
    from hashlib import _Hash

# The algorithms that the OCI image spec registers, with the length of their hex form:
# https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#registered-algorithms
_HEX_LENGTHS = {"sha256": 64, "sha512": 128}
_HEX = regex(r"[0-9a-f]+")


class InvalidDigest(NixfetchError):
    """A text that is not a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The hash of content, which names it.

    Every value is well-formed, so it is safe in a path and in a URL.
    """

    algorithm: str
    hex: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `algorithm:hex`.

        Raises `InvalidDigest` for an algorithm other than sha256 and sha512, for upper case, and
        for the wrong length.
        """
        algorithm, colon, encoded = text.partition(":")
        length = _HEX_LENGTHS.get(algorithm)
        if not colon or length is None:
            raise InvalidDigest(
                f"{literal(text)} is not a digest",
                hint="a digest is sha256:… or sha512:…, in hexadecimal",
            )
        if len(encoded) != length or not _HEX.fullmatch(encoded):
            raise InvalidDigest(
                f"{literal(text)} is not a digest",
                hint=f"{algorithm}: is followed by {length} lower-case hexadecimal digits",
            )
        return cls(algorithm=algorithm, hex=encoded)

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Self:
        """The digest of `data`."""
        import hashlib

        return cls(algorithm=algorithm, hex=hashlib.new(algorithm, data).hexdigest())

    def hasher(self) -> _Hash:
        """A new hash object of this algorithm, to verify a stream with."""
        import hashlib

        return hashlib.new(self.algorithm)

    def matches(self, data: bytes) -> bool:
        """Whether `data` is the content that this digest names."""
        return Digest.of(data, self.algorithm) == self

    @property
    def short(self) -> str:
        """The algorithm and the first 12 hexadecimal digits, as docker prints IDs."""
        return f"{self.algorithm}:{self.hex[:12]}"

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
