"""The selection of the images that a command is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..base.nearest import did_you_mean
from ..errors import UsageError
from .images import Images
from .lock import Lock

_SHOWN_NAMES = 20


def all_or_named(images: Images, names: Collection[str]) -> list[str]:
    """The names given, or those of all images, in the order of images.toml.

    Raises `UsageError` for a name that images.toml does not have.
    """
    for name in names:
        if name not in images.requests:
            raise UsageError(f"no image is named {name!r}", hint=choose_from(images.requests, name))
    return [name for name in images.requests if not names or name in names]


def choose_from(names: Iterable[str], asked: str) -> str:
    """The hint of an error for the name `asked`, which is not among `names`."""
    known = list(names)
    if not known:
        return "add an image first: nixfetch-docker add"
    close = did_you_mean(asked, known)
    shown = ", ".join(known[:_SHOWN_NAMES])
    more = f" and {len(known) - _SHOWN_NAMES} more" if known[_SHOWN_NAMES:] else ""
    return f"{close}{' ' if close else ''}choose from {shown}{more}"


def out_of_date(images: Images, lock: Lock) -> list[str]:
    """The names of the images whose request in images.toml is not the one in the lock."""
    return [
        name
        for name, request in images.requests.items()
        if name not in lock.images or lock.images[name].request != request
    ]
