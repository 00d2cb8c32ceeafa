"""The newer tags of a repository that an image does not follow, each with the reason."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from ..base.redact import quote
from ..base.values import dataclass
from .follow import FindVersions, Follow, NoSuchVersion
from .version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBy:
    """A tag that is newer than the locked one, and the reason why it is not taken."""

    tag: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerTags:
    """The tags that name a newer version than the locked one, each list with the newest first.

    `wanted` are those that the image follows, and `passed_by` the others.
    """

    wanted: tuple[str, ...] = ()
    passed_by: tuple[PassedBy, ...] = ()


def newer_tags(
    follow: Follow, tags: Sequence[str], locked: str, find_versions: FindVersions
) -> NewerTags:
    """The tags that are newer than `locked`, as `find_versions` reads them for a pattern.

    Tags that name no version, such as `latest`, are neither newer nor older.
    """
    texts = dict(find_versions(follow.pattern, [*tags, locked])) if follow.pattern else {}
    try:
        candidates = follow.candidates(
            tags, locked, lambda _, offered: {tag: texts[tag] for tag in offered if tag in texts}
        )
    except NoSuchVersion:
        candidates = []
    wanted = candidates[: candidates.index(locked)] if locked in candidates else candidates
    current = Version.parse(texts.get(locked, locked))
    if current is None:
        return NewerTags(wanted=tuple(wanted))
    newer = [
        (tag, version)
        for tag in dict.fromkeys(tags)
        if tag not in candidates
        and (version := Version.parse(texts.get(tag, tag))) is not None
        and (version.significant, not version.pre) > (current.significant, not current.pre)
    ]
    newer.sort(key=lambda one: (one[1].age, one[0]), reverse=True)
    return NewerTags(
        wanted=tuple(wanted),
        passed_by=tuple(
            PassedBy(tag=tag, reason=_reason(follow, tag, version, current, tag in texts))
            for tag, version in newer
        ),
    )


def _reason(
    follow: Follow, tag: str, version: Version, current: Version, is_in_pattern: bool
) -> str:
    """Why a tag is not taken: the first of the rules of images.toml that it does not fit."""
    constraint = follow.constraint
    glob = next((glob for glob in follow.ignore if fnmatch.fnmatchcase(tag, glob)), None)
    suffix = quote(version.suffix)
    rules = {
        f"ignore has {glob!r}": glob is not None,
        "it is not in the tag-pattern": follow.pattern is not None and not is_in_pattern,
        "it is a pre-release": version.pre and not (constraint and constraint.pre),
    }
    if constraint is not None:
        lacks = f"it does not have the suffix {constraint.suffix!r}"
        rules |= {
            lacks
            if constraint.suffix
            else f"it has the suffix {suffix!r}, and none is asked for": not version.has_suffix(
                constraint.suffix
            ),
            f"it is not in version {constraint.text!r}": not constraint.allows_in_any_variant(
                version
            ),
        }
    lengths = f"the locked tag has {current.precision} numbers, and this has {version.precision}"
    rules |= {
        lengths: version.precision != current.precision,
        f"its suffix is {suffix!r}, and a tag with the very suffix comes first": True,
    }
    return next(reason for reason, applies in rules.items() if applies)
