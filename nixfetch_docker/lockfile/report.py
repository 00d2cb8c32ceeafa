"""What an update changes, for people, for programs and for pull requests."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.units import count, size
from ..oci.digest import Digest
from ..oci.labels import UNKNOWN, Origin
from .lock import LockedImage, LockedPlatform
from .update import Change, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One image's outcome; `had` are the blobs that were locked before, in any image.

    `origin` is where an image that changed comes from, as far as that is known.
    """

    outcome: Outcome
    had: Collection[Digest]
    origin: Origin = UNKNOWN

    @property
    def line(self) -> str:
        """One line for people."""
        outcome = self.outcome
        details = ""
        if outcome.after is not None:
            details = f" {pin(outcome.after)}"
            if outcome.change is Change.UPDATED and outcome.before is not None:
                details = f" {pin(outcome.before)} -> {pin(outcome.after)}"
                details += f" ({'; '.join(self._news())})"
                details += f"; {self.origin.text}" if self.origin.text else ""
            if outcome.change is Change.ADDED:
                details += f" ({'; '.join(_weights(outcome.after))})"
        return f"{outcome.name}: {outcome.change.value}{details}"

    @property
    def title(self) -> str:
        """As nix-update would call a commit: `redis: 7.4.1 -> 7.4.2`."""
        before, after = self.outcome.before, self.outcome.after
        if before is None or after is None:
            return f"{self.outcome.name}: {self.outcome.change.value}"
        if before.tag != after.tag:
            return f"{self.outcome.name}: {before.tag} -> {after.tag}"
        return f"{self.outcome.name}: {pin(before)} -> {after.digest.short}"

    @property
    def document(self) -> dict[str, Any]:
        """The same for programs, as docs/update.schema.json describes it."""
        outcome = self.outcome
        platforms = outcome.after.platforms if outcome.after is not None else {}
        return {
            "name": outcome.name,
            "change": outcome.change.value,
            "error": str(outcome.error) if outcome.error is not None else None,
            "before": _pin_document(outcome.before),
            "after": _pin_document(outcome.after),
            "origin": dataclasses.asdict(self.origin),
            "platforms": {
                str(platform): {
                    "manifest": str(locked.manifest.digest),
                    "layers": len(locked.layers),
                    "newLayers": self._new_layers(locked),
                    "size": sum(blob.size for blob in set(locked.blobs())),
                    "fetchSize": self._fetch_size(locked),
                }
                for platform, locked in sorted(platforms.items())
            },
        }

    @property
    def row(self) -> str:
        """A row of a Markdown table."""
        before, after = self.outcome.before, self.outcome.after
        cells = [
            self.outcome.name,
            f"`{pin(before)}`" if before is not None else "",
            f"`{pin(after)}`" if after is not None else self.outcome.change.value,
            "<br>".join(self._news()) if after is not None else "",
            self.origin.text.replace("|", "\\|"),
        ]
        return f"| {' | '.join(cells)} |"

    def _news(self) -> Iterator[str]:
        """For each platform the layers that are new, and what a build has to fetch."""
        for platform, locked in sorted(_platforms(self.outcome.after)):
            yield (
                f"{platform}: {self._new_layers(locked)} of "
                f"{count(len(locked.layers), 'layer')} new, "
                f"{size(self._fetch_size(locked))} to fetch"
            )

    def _new_layers(self, locked: LockedPlatform) -> int:
        return sum(layer.digest not in self.had for layer in locked.layers)

    def _fetch_size(self, locked: LockedPlatform) -> int:
        return sum(blob.size for blob in set(locked.blobs()) if blob.digest not in self.had)


def markdown(reports: Iterable[Report]) -> str:
    """The body of a pull request."""
    changed = _changed(reports)
    if not changed:
        return "Nothing changed.\n"
    head = "| image | before | after | to fetch | from |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(f"{one.row}\n" for one in changed)


def commit_message(reports: Iterable[Report]) -> str:
    """The message of a commit: what changed, in its first line where that is one image."""
    changed = _changed(reports)
    if len(changed) == 1:
        return f"{changed[0].title}\n\n{changed[0].line}\n"
    lines = "".join(f"{one.line}\n" for one in changed)
    return f"{count(len(changed), 'image')}: update\n\n{lines}"


def pin(image: LockedImage) -> str:
    """The tag and the digest, short."""
    tag = f"{image.tag} " if image.tag is not None else ""
    return f"{tag}{image.digest.short}"


def _changed(reports: Iterable[Report]) -> list[Report]:
    """Those of images whose entry is another one now, by their names."""
    same = {Change.UNCHANGED, Change.FAILED}
    changed = (report for report in reports if report.outcome.change not in same)
    return sorted(changed, key=lambda report: report.outcome.name)


def _platforms(image: LockedImage | None) -> Iterable[tuple[Any, LockedPlatform]]:
    return image.platforms.items() if image is not None else ()


def _weights(image: LockedImage) -> Iterator[str]:
    """For each platform what a build of it fetches."""
    for platform, locked in sorted(image.platforms.items()):
        weight = size(sum(blob.size for blob in set(locked.blobs())))
        yield f"{platform}: {count(len(locked.layers), 'layer')}, {weight}"


def _pin_document(image: LockedImage | None) -> Mapping[str, str | None] | None:
    if image is None:
        return None
    return {
        "repository": str(image.repository),
        "tag": image.tag,
        "digest": str(image.digest),
    }
