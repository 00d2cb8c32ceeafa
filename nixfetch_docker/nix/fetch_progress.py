"""How far a fetch of several blobs is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..base.values import dataclass, replace
from ..lockfile.locked_blobs import LockedBlob
from ..oci.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A blob that comes, with the most bytes of it that ever were here.

    `here` are fewer where bytes come a second time. Where `is_checked`, bytes that an earlier run
    has fetched are read, before the others come.
    """

    blob: LockedBlob
    received: int
    here: int
    is_checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchProgress:
    """All numbers are bytes, except `waiting`. None of them falls but `waiting` and `total`.

    `received` of the `total` are here, and `kept` of those are of an earlier run. `under_way` are
    the blobs that come. `waiting` blobs are here and not in the store yet, which has `stored`.
    `total` falls by what has not come of a blob that failed.
    """

    total: int
    received: int = 0
    kept: int = 0
    stored: int = 0
    waiting: int = 0
    under_way: tuple[Arrival, ...] = ()


class Tally:
    """Counts what has come of several blobs.

    Bytes that are thrown away, because a transfer begins again or goes to another place, stay
    counted: those that come in their place count once there are more of them.
    """

    def __init__(self, blobs: Iterable[LockedBlob]) -> None:
        self._missing = {blob.digest: blob.size for blob in blobs}
        self._reached: dict[Digest, int] = {}
        self._stored = 0

    def reach(self, blob: LockedBlob, received: int) -> int:
        """Note that so many bytes of a blob are here; returns the most that ever were."""
        most = max(self._reached.get(blob.digest, 0), min(received, blob.size))
        self._reached[blob.digest] = most
        self._missing[blob.digest] = blob.size - most
        return most

    def store(self, blob: LockedBlob) -> None:
        """Note that a blob is in the store."""
        self.reach(blob, blob.size)
        self._stored += blob.size

    def fail(self, blob: LockedBlob) -> None:
        """Note that no more of a blob will come."""
        self._missing[blob.digest] = 0

    def progress(
        self, under_way: Iterable[Arrival] = (), *, waiting: int = 0, kept: int = 0
    ) -> FetchProgress:
        """How far the fetch is; the parameters are those of `FetchProgress`."""
        arrivals = tuple(replace(one, received=self.reach(one.blob, one.here)) for one in under_way)
        received = sum(self._reached.values())
        return FetchProgress(
            total=received + sum(self._missing.values()),
            received=received,
            kept=min(kept, received),
            stored=self._stored,
            waiting=waiting,
            under_way=arrivals,
        )


OnProgress = Callable[[FetchProgress], None]
