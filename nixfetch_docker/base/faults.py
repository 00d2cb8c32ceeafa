"""Faults: errors in short, for people, and those of several images told once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..errors import LocalNetworkError, NixfetchError
from . import units
from .request_line import host_of, starts_with_request, without_urls

# Of more images than these, some are named.
_MOST_NAMES = 4
_SHOWN_NAMES = 3

Failure = tuple[Sequence[str], NixfetchError]


def brief(error: NixfetchError) -> str:
    """The text of an error with the host in place of each request's URL."""
    return _text(error.subjects, _places(error), error)


def told_once(failures: Iterable[Failure]) -> Iterator[str]:
    """A line about each fault in short, after the names of the images that have it.

    A failure is the names of the images, and the error. Equal faults are one, whatever image they
    are about; the line about several does not say what each image is.
    """
    groups: dict[Hashable, list[Failure]] = {}
    for names, error in failures:
        what = without_urls(error.what)
        groups.setdefault((*_shared_places(error), what, error.hint), []).append((names, error))
    for group in groups.values():
        names = list(dict.fromkeys(name for images, _ in group for name in images))
        error = group[0][1]
        if len(group) == 1:
            own = [subject for subject in error.subjects if subject not in names]
            yield _text([listed(names), *own], _places(error), error)
        else:
            hosts = {tuple(_places(one)) for _, one in group}
            places = _places(error) if len(hosts) == 1 else _shared_places(error)
            yield _text([listed(names)], places, error)


def listed(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    return units.first(names, _SHOWN_NAMES if len(names) > _MOST_NAMES else len(names))


def _text(subjects: Iterable[str], places: Iterable[str], error: NixfetchError) -> str:
    named = list(filter(None, subjects))
    # The name of an image in that registry has the host already.
    places = [one for one in places if not any(name.startswith(f"{one}/") for name in named)]
    text = ": ".join([*named, *places, without_urls(error.what)])
    return f"{text}; {error.hint}" if error.hint else text


def _places(error: NixfetchError) -> list[str]:
    return [_place(place) for place in error.places]


def _place(place: str) -> str:
    # Also the place of what a registry's answer means, which names the answer.
    return host_of(place) if starts_with_request(place) else without_urls(place)


def _shared_places(error: NixfetchError) -> list[str]:
    """The places that all errors with one cause share."""
    is_local = isinstance(error, LocalNetworkError)
    return [
        _place(place) for place in error.places if not (is_local and starts_with_request(place))
    ]
