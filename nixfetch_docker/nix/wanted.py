"""The entries of a lock that a prefetch is about: some images, for some platforms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import NixfetchError
from ..lockfile.contents import Entry
from ..lockfile.lock import Lock
from ..oci.platform import Platform


class NotLocked(NixfetchError):
    """An image that is not locked for a platform asked for."""


def wanted_entries(
    lock: Lock, names: Iterable[str], platforms: Sequence[Platform] | None
) -> tuple[list[Entry], list[NotLocked]]:
    """The entries of locked images by name, each for `platforms`, or for all where that is None.

    The second list has an error for every entry that the lock does not have.
    """
    entries: list[Entry] = []
    errors: list[NotLocked] = []
    for name in sorted(names):
        image = lock.images[name]
        locked_platforms = sorted(image.platforms)
        for platform in locked_platforms if platforms is None else platforms:
            locked = image.entry(platform)
            if locked is not None:
                entries.append(Entry(name=name, image=image, platform=platform, locked=locked))
                continue
            errors.append(_not_locked(platform, locked_platforms).at(name))
    return entries, errors


def _not_locked(platform: Platform, locked: Sequence[Platform]) -> NotLocked:
    platforms = ", ".join(f'"{one}"' for one in [*locked, platform])
    return NotLocked(
        f"it is not locked for {platform}, only for {', '.join(map(str, locked))}",
        hint=f"write platforms = [{platforms}] for it in images.toml and run "
        "`nixfetch-docker update`",
    )
