"""The selection of the images that a command is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..errors import UsageError
from .images import Images
from .lock import Lock


def all_or_named(images: Images, names: Collection[str]) -> list[str]:
    """The names given, or those of all images, in the order of images.toml.

    Raises `UsageError` for a name that images.toml does not have.
    """
    for name in names:
        if name not in images.requests:
            raise UsageError(f"no image is named {name!r}", hint=choose_from(images.requests))
    return [name for name in images.requests if not names or name in names]


def choose_from(names: Iterable[str]) -> str:
    """The hint of an error for a name that is not among `names`."""
    known = ", ".join(names)
    return f"choose from {known}" if known else "add an image first: nixfetch-docker add"


def out_of_date(images: Images, lock: Lock) -> list[str]:
    """The names of the images whose request in images.toml is not the one in the lock."""
    return [
        name
        for name, request in images.requests.items()
        if name not in lock.images or lock.images[name].request != request
    ]
