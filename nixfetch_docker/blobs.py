"""Content on its way: verified while it streams, whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .digest import Digest
from .errors import NixfetchError

_HINT = "the registry, or something on the way, sends wrong bytes"


class WrongContent(NixfetchError):
    """Bytes that are not those that a digest and a size name."""


def verify(chunks: Iterable[bytes], digest: Digest, size: int) -> Iterator[bytes]:
    """Pass `chunks` on while hashing them.

    Raises `WrongContent` as soon as there are more than `size` bytes, and at the end where
    there were fewer or where their digest is another.
    """
    hasher = digest.hasher()
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > size:
            raise WrongContent(f"more than the {size} bytes of {digest} came", hint=_HINT)
        hasher.update(chunk)
        yield chunk
    if received < size:
        raise WrongContent(f"{received} of the {size} bytes of {digest} came", hint="try again")
    if hasher.hexdigest() != digest.hex:
        found = f"{digest.algorithm}:{hasher.hexdigest()}"
        raise WrongContent(f"asked for {digest}, got {found}", hint=_HINT)
