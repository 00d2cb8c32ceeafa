"""Reports on an update: a line for people, JSON for programs, Markdown for a pull request."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.units import count, size
from ..oci.digest import Digest
from .change import Change, ChangeKind
from .lock import LockedImage, LockedPlatform


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report on one image's change.

    `had` are the digests of all blobs that any image of the lock had before. A build need not fetch
    these.
    """

    change: Change
    had: Collection[Digest]

    @property
    def line(self) -> str:
        """One line for people: the name, the kind of change, the pins, the layers to fetch."""
        change, details = self.change, ""
        match change.kind:
            case ChangeKind.ADDED:
                details = f" {_pin(change.after)} ({'; '.join(_weights(change.after))})"
            case ChangeKind.UPDATED:
                details = f" {_pin(change.before)} -> {_pin(change.after)}"
                details += f" ({'; '.join(self._news())})"
                details += f"; {change.origin.text}" if change.origin.text else ""
            case ChangeKind.UNCHANGED | ChangeKind.FAILED:
                details = f" {_pin(change.after)}" if change.after is not None else ""
        notes = "".join(f"; {note}" for note in change.notes)
        return f"{change.name}: {change.kind.value}{details}{notes}"

    @property
    def title(self) -> str:
        """A title of a commit, as nix-update writes it: `redis: 7.4.1 -> 7.4.2`."""
        before, after = self.change.before, self.change.after
        if before is None or after is None:
            return f"{self.change.name}: {self.change.kind.value}"
        if before.tag != after.tag:
            return f"{self.change.name}: {before.tag} -> {after.tag}"
        return f"{self.change.name}: {_pin(before)} -> {after.digest.short}"

    @property
    def document(self) -> dict[str, Any]:
        """The report for programs, as docs/update.schema.json describes it."""
        change = self.change
        return {
            "name": change.name,
            "change": change.kind.value,
            "error": str(change.error) if change.error is not None else None,
            **({"notes": list(change.notes)} if change.notes else {}),
            "before": _pin_document(change.before),
            "after": _pin_document(change.after),
            "origin": dataclasses.asdict(change.origin),
            "platforms": {
                platform: {
                    "manifest": str(locked.manifest.digest),
                    "layers": len(locked.layers),
                    "newLayers": self._new_layers(locked),
                    "size": sum(blob.size for blob in set(locked.blobs())),
                    "fetchSize": self._fetch_size(locked),
                }
                for platform, locked in _platforms(change.after)
            },
        }

    @property
    def row(self) -> str:
        """A row of the table that `markdown` writes."""
        before, after = self.change.before, self.change.after
        cells = [
            self.change.name,
            f"`{_pin(before)}`" if before is not None else "",
            f"`{_pin(after)}`" if after is not None else self.change.kind.value,
            "<br>".join([*self._news(), *map(_code, self.change.notes)]),
            self.change.origin.text.replace("|", "\\|"),
        ]
        return f"| {' | '.join(cells)} |"

    def _news(self) -> Iterator[str]:
        """For each platform the number of new layers, and the bytes that a build has to fetch."""
        for platform, locked in _platforms(self.change.after):
            yield (
                f"{platform}: {self._new_layers(locked)} of "
                f"{count(len(locked.layers), 'layer')} new, "
                f"{size(self._fetch_size(locked))} to fetch"
            )

    def _new_layers(self, locked: LockedPlatform) -> int:
        return sum(layer.digest not in self.had for layer in locked.layers)

    def _fetch_size(self, locked: LockedPlatform) -> int:
        return sum(blob.size for blob in set(locked.blobs()) if blob.digest not in self.had)


def document(reports: Iterable[Report], *, changed: bool) -> dict[str, Any]:
    """All reports for programs, by name, as docs/update.schema.json describes it.

    `changed` tells whether the lock's text is another one.
    """
    images = sorted((report.document for report in reports), key=lambda image: image["name"])
    return {"version": 1, "changed": changed, "images": images}


def markdown(reports: Iterable[Report]) -> str:
    """The body of a pull request: changed images in a table, then passed-by tags and failures."""
    reports = list(reports)
    changed = _changed(reports)
    text = "Nothing changed.\n"
    if changed:
        text = "| image | before | after | to fetch | from |\n| --- | --- | --- | --- | --- |\n"
        text += "".join(f"{report.row}\n" for report in changed)
    notes = sorted(
        f"{one.change.name}: {note}"
        for one in reports
        if one.change.kind is ChangeKind.UNCHANGED
        for note in one.change.notes
    )
    if notes:
        text += "\nNewer tags of these images were passed by:\n\n"
        text += "".join(f"- {_code(note)}\n" for note in notes)
    errors = sorted(str(one.change.error) for one in reports if one.change.error is not None)
    if errors:
        text += "\nThese images keep the pins that they had:\n\n"
        text += "".join(f"- {_code(error)}\n" for error in errors)
    return text


def commit_message(reports: Iterable[Report]) -> str:
    """The message of a commit; its first line names the image where only one changed."""
    changed = _changed(reports)
    if not changed:
        return "Write the lock in its current form\n"
    if len(changed) == 1:
        return f"{changed[0].title}\n\n{changed[0].line}\n"
    lines = "".join(f"{report.line}\n" for report in changed)
    return f"{count(len(changed), 'image')}: update\n\n{lines}"


def _changed(reports: Iterable[Report]) -> list[Report]:
    changed = (report for report in reports if report.change.is_real)
    return sorted(changed, key=lambda report: report.change.name)


def _code(text: str) -> str:
    """A text in Markdown that nothing in it can end or format."""
    plain = text.replace("`", "'").replace("|", "/")
    return f"`{plain}`"


def _pin(image: LockedImage | None) -> str:
    """The tag, where there is one, and the digest in short."""
    if image is None:
        return ""
    return " ".join(filter(None, [image.tag, image.digest.short]))


def _platforms(image: LockedImage | None) -> Sequence[tuple[str, LockedPlatform]]:
    if image is None:
        return ()
    return [(str(platform), locked) for platform, locked in sorted(image.platforms.items())]


def _weights(image: LockedImage | None) -> Iterator[str]:
    """For each platform the number of layers, and the bytes that a build of it fetches."""
    for platform, locked in _platforms(image):
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
