"""Signatures that do not vouch for an image."""

from __future__ import annotations

from ..errors import NixfetchError


class Rejected(NixfetchError):
    """A signature that does not vouch for an image.

    Its text says what was found, as one of it, such as `a signature by another key`; `several` is
    the same for more than one, behind their number: `signatures by other keys`.
    """

    def __init__(self, one: str, several: str) -> None:
        super().__init__(one)
        self.several = several
