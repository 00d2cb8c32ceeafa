"""The entries of a lock that a prefetch is about: some images, for some platforms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..base.values import dataclass
from ..errors import NixfetchError
from ..lockfile.contents import Entry
from ..lockfile.lock import Lock
from ..oci.platform import Platform


class NotLocked(NixfetchError):
    """An image that is not locked for a platform asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A locked image, with the platforms that it is locked for, and one that it lacks."""

    name: str
    platform: Platform
    locked: tuple[Platform, ...]

    def error(self, update: str) -> NotLocked:
        """The error for an image that was asked for; `update` is the command that locks others."""
        platforms = ", ".join(f'"{one}"' for one in [*self.locked, self.platform])
        return NotLocked(
            f"it is not locked for {self.platform}, only for {_listed(self.locked)}",
            hint=f"fetch one of these with `--platform`, or write platforms = [{platforms}] for it "
            f"in images.toml and run {update}",
        ).at(self.name)


def wanted_entries(
    lock: Lock, names: Iterable[str], platforms: Sequence[Platform] | None
) -> tuple[list[Entry], list[Lacking]]:
    """The entries of locked images by name, each for `platforms`, or for all where that is None.

    The second list has what the lock lacks of them.
    """
    entries: list[Entry] = []
    lacking: list[Lacking] = []
    for name in sorted(names):
        image = lock.images[name]
        locked_platforms = sorted(image.platforms)
        # Two names of one platform, such as linux/arm64 and linux/arm64/v8, are one.
        asked = {one.normal: one for one in reversed(platforms or locked_platforms)}
        for platform in reversed(asked.values()):
            locked = image.entry(platform)
            if locked is not None:
                entries.append(Entry(name=name, image=image, platform=platform, locked=locked))
                continue
            lacking.append(Lacking(name=name, platform=platform, locked=tuple(locked_platforms)))
    return entries, lacking


def passed_by(lacking: Iterable[Lacking]) -> Iterator[str]:
    """Lines about images that are passed by because this machine's platform is not theirs."""
    by_platforms: dict[tuple[Platform, tuple[Platform, ...]], list[str]] = {}
    for one in lacking:
        by_platforms.setdefault((one.platform, one.locked), []).append(one.name)
    for (platform, locked), names in by_platforms.items():
        are, they = ("is", "it is") if len(names) == 1 else ("are", "they are")
        yield (
            f"{_listed(names)} {are} passed by: {they} locked for {_listed(locked)}, and this "
            f"machine is {platform}; `--all-platforms` takes all"
        )


def _listed(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))
