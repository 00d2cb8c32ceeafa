"""Explanations of a 404 for a reference: its tag, its digest or its repository is missing."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import takewhile

from ..base.nearest import all_nearest
from ..errors import NixfetchError, NotFoundError
from ..oci.reference import Reference
from .tags import SomeTags

# So many tags with the longest common start are compared with the one that is missing.
_COMPARED = 1000
_SHOWN = 3
_CHECK = "is its name right? If it is private, log in with docker login or podman login"


def no_repository(error: NotFoundError, image: Reference) -> NotFoundError:
    """The error for a repository that the registry does not know, as its answer `error` says."""
    return _explained(error, f"there is no repository {image.repository}", _CHECK)


def missing(
    error: NotFoundError, image: Reference, list_tags: Callable[[], SomeTags]
) -> NotFoundError:
    """The error for a tag or a digest of a reference that the registry answers 404 to.

    `list_tags` asks for the tags; it is called unless `error` says that the repository is missing.
    Where that fails too, the error says what may be missing.
    """
    if error.is_of_repository:
        return no_repository(error, image)
    try:
        tags = list_tags()
    except NotFoundError:
        return no_repository(error, image)
    except NixfetchError:
        return _explained(error, f"there is no {_wanted(image)}, or no such repository", _CHECK)
    there = f"the repository {image.repository}"
    if image.digest is not None:
        hint = "a registry may delete what no tag points at; name a tag instead, and lock it again"
        return _explained(error, f"{there} has no {_wanted(image)}", hint)
    if image.tag in tags.names:
        what = f"{there} lists the {_wanted(image)}, and has no manifest for it"
        return _explained(error, what, "push the image again")
    return _explained(error, f"{there} has no {_wanted(image)}", _hint(image, tags))


def _explained(error: NotFoundError, what: str, hint: str) -> NotFoundError:
    return NotFoundError(what, hint=hint).at(error.cause)


def _wanted(image: Reference) -> str:
    return f"tag {image.tag}" if image.digest is None else f"manifest {image.digest.short}"


def _hint(image: Reference, tags: SomeTags) -> str:
    if not tags.names:
        return "push the image first" if tags.is_all else _list(image)
    near = _near(image.tag or "", tags.names)
    if not near:
        return f"{_some(tags.names)}; {_list(image)}"
    among = "" if tags.is_all else f" of the first {len(tags.names)}"
    verb = "is" if len(near) == 1 else "are"
    return f"the nearest{among} {verb} {', '.join(near)}; {_list(image)}"


def _some(tags: Sequence[str]) -> str:
    """The newest of the tags, in words."""
    from ..versions.version import by_version

    newest = by_version(tags)[::-1][:_SHOWN]
    more = " and others" if len(newest) < len(tags) else ""
    return f"it has {', '.join(newest)}{more}"


def _near(tag: str, tags: Sequence[str]) -> list[str]:
    def shared(other: str) -> int:
        """The number of letters that both begin with."""
        return sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(tag, other, strict=False))
        )

    return all_nearest(tag, heapq.nlargest(_COMPARED, tags, key=shared), _SHOWN)


def _list(image: Reference) -> str:
    return f"`nixfetch-docker tags {image.name.familiar}` lists all"
