"""Advice where versions fit a constraint, but only with suffixes that it does not ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..base.nearest import nearest
from ..base.redact import quote
from ..base.regex import regex
from ..base.values import replace
from .constraint import Constraint, InvalidConstraint
from .version import Version, natural

_SHOWN_SUFFIXES = 8
# A commit's hash or a number, which change from version to version.
_CHANGING = regex(
    r"(?<![0-9A-Za-z])(?P<git>g?)(?P<hash>(?=[0-9a-f]*\d)[0-9a-f]{7,64}(?![0-9A-Za-z]))|\d+",
    re.ASCII,
)
# A word before the version: release-1.2.3.
_PREFIXED = regex(r"(?P<prefix>[A-Za-z][A-Za-z0-9]*[-_])v?(?P<version>\d+(?:\.\d+)+)", re.ASCII)
# The name that a suffix begins with: the "alpine" of alpine3.20, the "debian" of debian-12-r9.
_NAME = regex(r"[A-Za-z]{2,}", re.ASCII)


class _Fit(NamedTuple):
    """A tag that fits, whatever its suffix."""

    tag: str
    version: Version


def _advise_key(suffix: str) -> str:
    """What to write in images.toml to follow a suffix."""
    return f'write suffix = "{quote(suffix)}"'


def advise(
    constraint: Constraint,
    tags: Mapping[str, str],
    advise_suffix: Callable[[str], str] = _advise_key,
) -> str:
    """The hint to follow one of the suffixes, or the pre-releases, that the fitting versions have.

    `tags` are given with the version in each; `advise_suffix` says how to ask for a suffix. Gives
    "" where no version fits.
    """
    fits = [
        _Fit(tag, version)
        for tag, text in tags.items()
        if (version := Version.parse(text)) is not None
        and constraint.allows_in_any_variant(version)
    ]
    if not fits:
        return _advise_pre_releases(constraint, tags)
    suffixes = sorted({fit.version.suffix for fit in fits if _NAME.match(fit.version.suffix)})
    near = nearest(constraint.suffix, suffixes) if constraint.suffix else None
    newest = _newest([fit for fit in fits if near is None or fit.version.suffix == near])
    remedy = advise_suffix(near) if near is not None else _remedy(newest, fits, advise_suffix)
    kind = f"with {quote(near)}" if near is not None else "that fits"
    advice = f"the newest {kind} is {quote(newest.tag)}: {remedy}"
    if any(not fit.version.suffix for fit in fits):
        suffixes.insert(0, "none")
    if len(suffixes) > 1:
        shown = quote(", ".join(suffixes[:_SHOWN_SUFFIXES]))
        more = f" and {len(suffixes) - _SHOWN_SUFFIXES} more" if suffixes[_SHOWN_SUFFIXES:] else ""
        advice += f"; suffixes that fit: {shown}{more} (`nixfetch-docker tags` lists all tags)"
    return advice


def _advise_pre_releases(constraint: Constraint, tags: Mapping[str, str]) -> str:
    with_pre = replace(constraint, pre=True)
    fits = [
        _Fit(tag, version)
        for tag, text in tags.items()
        if (version := Version.parse(text)) is not None and with_pre.allows(version)
    ]
    if not fits:
        return ""
    newest = _newest(fits)
    hint = f"only pre-releases fit, such as {quote(newest.tag)}"
    plain = constraint.text.removesuffix(f"-{constraint.suffix}")
    written = f"{plain}-rc{constraint.text[len(plain) :]}"
    try:
        takes_it = Constraint.parse(written).allows_in_any_variant(newest.version)
    except InvalidConstraint:
        takes_it = False
    return f'{hint}: write version = "{quote(written)}" to follow them' if takes_it else hint


def _newest(fits: Sequence[_Fit]) -> _Fit:
    # The whole key takes long for 150,000 tags.
    highest = max(fit.version.significant for fit in fits)
    return max(
        (fit for fit in fits if fit.version.significant == highest),
        key=lambda fit: (fit.version.age, natural(fit.tag)),
    )


def advise_prefix(tags: Iterable[str]) -> str:
    """The tag-pattern for tags such as release-1.2.3, or "" where there are none."""
    found = [match for tag in tags if (match := _PREFIXED.fullmatch(tag)) is not None]
    if not found:
        return ""
    highest = max(found, key=lambda match: natural(match["version"]))
    return f"; for {quote(highest[0])}, add tag-pattern = '^{highest['prefix']}(?P<version>.+)$'"


def _remedy(newest: _Fit, fits: list[_Fit], advise_suffix: Callable[[str], str]) -> str:
    suffix = newest.version.suffix
    if not suffix:
        return "leave the suffix out"
    if len({fit.version.numbers for fit in fits if fit.version.suffix == suffix}) > 1:
        return advise_suffix(suffix)
    name = _NAME.match(suffix)
    if name is not None and newest.version.has_suffix(name[0]) and not _CHANGING.match(suffix):
        return advise_suffix(name[0])
    pattern = _CHANGING.sub(
        lambda found: f"{found['git']}[0-9a-f]+" if found["hash"] else r"\d+",
        suffix.replace(".", r"\."),
    )
    separator = newest.tag[: -len(suffix)][-1:]
    return f"add tag-pattern = '^(?P<version>[^-]+){separator}{quote(pattern)}$'"
