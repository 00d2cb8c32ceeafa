"""The signatures that stand beside an image in its registry, found while they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .finder import Finder
from .rejected import Rejected
from .signature import Signature

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..oci.reference import Reference
    from ..registry.registries import Registries


class Search:
    """The search for the signatures of one image, each of which is fetched once."""

    def __init__(
        self,
        registries: Registries,
        image: Reference,
        *,
        is_tag_alone: bool = False,
        is_repeated: bool = True,
    ) -> None:
        """With `is_tag_alone`, referrers are not looked at, as podman does not.

        Unless it `is_repeated`, no digest is asked for twice, and no signature is kept.
        """
        self.is_tag_alone = is_tag_alone
        self._is_repeated = is_repeated
        self._places = registries.attachments(image)
        self._found: dict[Digest, _Remembered] = {}

    @property
    def hosts(self) -> list[str]:
        """The names of the registries where signatures are looked for, mirrors first."""
        return list(dict.fromkeys(place.host for place in self._places))

    def of(self, digest: Digest) -> Iterable[Signature | Rejected]:
        """The signatures beside the content with this digest, fetched while they are asked for.

        A `Rejected` stands for one that cannot be read, or is not read because it is too large.
        At the end, where the registry itself could not be searched, an error of its is raised. Of
        a mirror, none is.
        """
        if digest not in self._found:
            items = Finder(digest, is_tag_alone=self.is_tag_alone).find(self._places)
            if not self._is_repeated:
                return items
            self._found[digest] = _Remembered(items)
        return self._found[digest]


class _Remembered:
    """An iterable whose items are made once, however often it is gone through."""

    def __init__(self, items: Iterator[Signature | Rejected]) -> None:
        self._items = items
        self._known: list[Signature | Rejected] = []

    def __iter__(self) -> Iterator[Signature | Rejected]:
        position = 0
        while True:
            if position == len(self._known):
                try:
                    self._known.append(next(self._items))
                except StopIteration:
                    return
            yield self._known[position]
            position += 1
