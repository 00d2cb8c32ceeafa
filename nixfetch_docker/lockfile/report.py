"""Reports on an update: the pins and the layers to fetch, and JSON for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..base.units import count, size
from ..base.values import dataclass
from ..oci.digest import Digest
from .change import Change
from .lock import LockedImage, LockedPlatform
from .vouchers import document as signed_by
from .vouchers import signed_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report on one image's change.

    `had` are the digests of all blobs that any image of the lock had before. A build need not fetch
    these.
    """

    change: Change
    had: Collection[Digest]

    @property
    def pins(self) -> tuple[str, str]:
        """The tag and the short digest before and after, "" for an image that is not locked."""
        return _pin(self.change.before), _pin(self.change.after)

    @property
    def news(self) -> list[str]:
        """For each platform the number of new layers, and the bytes that a build has to fetch."""
        return [
            f"{platform}: {self._new_layers(locked)} of {count(len(locked.layers), 'layer')} new, "
            f"{size(self._fetch_size(locked))} to fetch"
            for platform, locked in _platforms(self.change.after)
        ]

    @property
    def signed(self) -> str:
        """Who signed the new image, and who signed the old one where that is another.

        "" where nobody was demanded.
        """
        before, after = (
            signed_text(image.vouchers) if image is not None else ""
            for image in (self.change.before, self.change.after)
        )
        if not before or before == after:
            return after
        if not after:
            return f"it no longer has to be signed, and was {before}"
        return f"{after}, and before {before.removeprefix('signed ')}"

    @property
    def document(self) -> dict[str, Any]:
        """The report for programs, as docs/reference/update.schema.json describes it."""
        change = self.change
        return {
            "name": change.name,
            "change": change.kind.value,
            "error": str(change.error) if change.error is not None else None,
            **({"notes": list(change.notes)} if change.notes else {}),
            "before": _pin_document(change.before),
            "after": _pin_document(change.after),
            "origin": {
                "source": change.origin.source,
                "revision": change.origin.revision,
                "created": change.origin.created,
            },
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

    def _new_layers(self, locked: LockedPlatform) -> int:
        return sum(layer.digest not in self.had for layer in locked.layers)

    def _fetch_size(self, locked: LockedPlatform) -> int:
        return sum(blob.size for blob in set(locked.blobs()) if blob.digest not in self.had)


def document(reports: Iterable[Report], *, changed: bool) -> dict[str, Any]:
    """All reports for programs, by name, as docs/reference/update.schema.json describes it.

    `changed` tells whether the lock's text is another one.
    """
    images = sorted((report.document for report in reports), key=lambda image: image["name"])
    return {"version": 1, "changed": changed, "images": images}


def real_changes(reports: Iterable[Report]) -> list[Report]:
    """The reports on images whose entry is another one, by name."""
    changed = (report for report in reports if report.change.is_real)
    return sorted(changed, key=lambda report: report.change.name)


def _pin(image: LockedImage | None) -> str:
    """The tag, where there is one, and the digest in short."""
    if image is None:
        return ""
    return " ".join(filter(None, [image.tag, image.digest.short]))


def _platforms(image: LockedImage | None) -> Sequence[tuple[str, LockedPlatform]]:
    if image is None:
        return ()
    return [(str(platform), locked) for platform, locked in sorted(image.platforms.items())]


def _pin_document(image: LockedImage | None) -> Mapping[str, Any] | None:
    if image is None:
        return None
    return {
        "repository": str(image.repository),
        "tag": image.tag,
        "digest": str(image.digest),
        **signed_by(image.vouchers),
    }
