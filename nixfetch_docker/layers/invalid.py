"""The error for a layer that is no tar, or that no engine could unpack."""

from __future__ import annotations

from ..errors import NixfetchError

LOAD = "load the image instead of mounting it, if the engine takes it"


class InvalidLayer(NixfetchError):
    """A layer from which a file system cannot be made."""

    def __init__(self, what: str, *, hint: str = LOAD) -> None:
        super().__init__(what, hint=hint)
