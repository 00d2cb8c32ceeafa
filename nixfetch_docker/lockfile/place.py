"""The place of an image: a repository of a registry, or a file on this machine."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

from ..archives.local_reference import LocalReference
from ..oci.reference import Reference

Place: TypeAlias = Reference | LocalReference


def parse_place(text: str) -> Place:
    """Read a reference of either kind; raises `InvalidReference` or `InvalidLocalReference`."""
    return LocalReference.parse(text) if LocalReference.is_meant(text) else Reference.parse(text)


def in_registry(place: Place) -> TypeGuard[Reference]:
    """Whether the image is in a registry, where it has tags and a repository."""
    return isinstance(place, Reference)


def short_name(place: Place) -> str:
    """The last part of the repository, or the file's name without its suffixes."""
    if isinstance(place, LocalReference):
        return place.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return place.repository.rpartition("/")[2]
