"""The lines of a terminal about blobs that are fetched and added to the Nix store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..base import units
from .progress import Progress, Rate, Stopwatch, part_line, total_line

if TYPE_CHECKING:
    from ..lockfile.blob_label import BlobLabel
    from ..nix.fetch_progress import Arrival, FetchProgress
    from ..oci.digest import Digest

# More blobs than this are in one line, so that the lines fit into any terminal.
_MOST_ROWS = 10


class FetchLines(Progress):
    """A line for each blob under way, one about the Nix store, and one for all bytes.

    `show` takes how far the fetch is.
    """

    def __init__(self, labels: Mapping[Digest, BlobLabel]) -> None:
        super().__init__()
        self._labels = labels
        self._progress: FetchProgress | None = None
        self._rate = Rate()
        self._adding = Stopwatch()
        self._stored = -1

    def show(self, progress: FetchProgress) -> None:
        """Show the fetch like this from now on."""
        self._progress = progress

    def lines(self, width: int) -> Sequence[str]:
        """The lines, with the one for all bytes at the end."""
        progress = self._progress
        if progress is None:
            return []
        lines = [self._blob(arrival, width) for arrival in islice(progress.under_way, _MOST_ROWS)]
        if more := len(progress.under_way) - len(lines):
            lines.append(f"and {units.count(more, 'blob')} more"[:width])
        lines += self._store(progress, width)
        rate = self._rate.of(progress.received - progress.kept)
        is_all = progress.received >= progress.total
        name = "all fetched" if is_all else "all"
        lines.append(
            total_line(name, progress.received, progress.total, width, rate=0 if is_all else rate)
        )
        return lines

    def _blob(self, arrival: Arrival, width: int) -> str:
        blob = arrival.blob
        label = self._labels[blob.digest].text
        size = units.size(blob.size)
        texts = [f"{label}, {size}", label]
        if arrival.is_checked:
            texts = [f"checking {text}" for text in texts]
        elif arrival.here < arrival.received:
            again = f"{texts[0]}, again {units.part(arrival.here, blob.size)}"
            texts = [again, f"again {label}", label]
        return part_line(texts, arrival.received, blob.size, width)

    def _store(self, progress: FetchProgress, width: int) -> Iterator[str]:
        if self._stored != progress.stored:
            self._stored, self._adding = progress.stored, Stopwatch()
        if progress.waiting:
            text = f"adding {units.count(progress.waiting, 'blob')} to the Nix store"
            # Nix does not say how far it is with a large blob: the seconds show that it works.
            texts = [f"{text}, {self._adding.text}", text] if self._adding.text else [text]
            yield part_line(texts, progress.stored, progress.total, width)
