"""The selection of the images that a command is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..base import units
from ..base.nearest import did_you_mean
from ..errors import UsageError
from .images import Images, Request
from .lock import Lock, LockedImage
from .place import in_registry

_SHOWN_NAMES = 20
# As in nix/lib/text.nix, in characters.
_LONGEST_VALUE = 200


def all_or_named(images: Images, names: Collection[str]) -> list[str]:
    """The names given, or those of all images, in the order of images.toml.

    Raises `UsageError` for a name that images.toml does not have.
    """
    unknown = list(dict.fromkeys(name for name in names if name not in images.requests))
    if unknown:
        raise UsageError(
            f"no image is named {units.first(list(map(repr, unknown)), _SHOWN_NAMES)}",
            hint=choose_from(images.requests, *unknown[:_SHOWN_NAMES]),
        )
    return [name for name in images.requests if not names or name in names]


def choose_from(names: Iterable[str], *asked: str) -> str:
    """The hint of an error for the names `asked`, which are not among `names`."""
    known = list(names)
    if not known:
        return "add an image first: nixfetch-docker add"
    close = " ".join(filter(None, (did_you_mean(one, known) for one in asked)))
    shown = units.first(known, _SHOWN_NAMES)
    return f"{close}{' ' if close else ''}choose from {shown}"


def out_of_date(images: Images, lock: Lock) -> list[str]:
    """The names of the images whose request in images.toml is not the one in the lock."""
    return [
        name
        for name, request in images.requests.items()
        if name not in lock.images or lock.images[name].request != request
    ]


def to_lock(images: Images, lock: Lock) -> list[str]:
    """The names of the images that `lock` resolves, in the order of images.toml.

    They are those that are out of date, and those without a signer whom their registry's table
    names, who are no part of the request.
    """
    old = {*out_of_date(images, lock)}
    return [
        name for name in images.requests if name in old or lacks_signers(images, lock.images[name])
    ]


def lacks_signers(images: Images, image: LockedImage) -> bool:
    """Whether the lock has none of those who must have signed, by the table of the registry.

    They are compared by name: no key file is read.
    """
    wanted = images.demand_of(image.repository.registry)
    if wanted is None or not wanted.items or not in_registry(image.place):
        return False
    if image.request.signed_by is not None:
        return False
    signed = {voucher.signer for voucher in image.vouchers}
    named = [item.name in signed for item in wanted.items]
    return not (all(named) if wanted.every else any(named))


def difference(request: Request, locked: Request) -> str:
    """What differs between a request and the locked one: 'version from "^1" to "^2"'.

    nix/lib/request.nix does the same on purpose: an evaluation by Nix starts no program.
    """
    before, after = dict(locked.entries), dict(request.entries)
    return ", ".join(
        f"{key} from {_cut(before.get(key, 'nothing'))} to {_cut(after.get(key, 'nothing'))}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    )


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
