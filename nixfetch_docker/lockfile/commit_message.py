"""The message of a commit of the lock.

Forges, CI and git act on words in it: keys of issues behind `closes`, `[skip ci]`, trailers such as
`Co-authored-by:`, types such as `feat:`. So it has no foreign text but tags, which have a grammar,
and a person's names of images; every line begins with words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..base.regex import regex
from .change import Change
from .report import Report, real_changes

# The usual width of a subject is 72 characters, and what is longer is folded by forges.
_SUBJECT_WIDTH = 72
_LONGEST_WORD = 128
# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
# and https://docs.gitlab.com/user/project/issues/managing_issues/#default-closing-pattern
_CLOSING = regex(
    r"(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)$",
    re.IGNORECASE,
)
# An issue, as GitHub takes it without a sign, and an option that has a CI skip the commit.
_ACTED_ON = regex(r"\bgh-[0-9]|--(?:skip|ci)-(?:ci|skip)", re.IGNORECASE)
# The file of a key.
_PLAIN = regex(r"[A-Za-z0-9_./-]{1,100}")


def commit_message(reports: Iterable[Report]) -> str:
    """The subject `images: redis 7.4.1 -> 7.4.2, web 2.1 -> 2.2`, and a line for each image."""
    changed = real_changes(reports)
    if not changed:
        return "images: write the lock in its current form\n"
    body = "".join(f"- {_line(report)}\n" for report in changed)
    return f"{_subject([report.change for report in changed])}\n\n{body}"


def _subject(changes: list[Change]) -> str:
    """The changes as far as they fit into a line; the first is always there."""
    parts = list(map(_part, changes))
    for shown in range(len(parts), 1, -1):
        more = f" and {len(parts) - shown} more" if shown < len(parts) else ""
        subject = f"images: {', '.join(parts[:shown])}{more}"
        if len(subject) <= _SUBJECT_WIDTH:
            return subject
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"images: {parts[0]}{more}"


def _part(change: Change) -> str:
    name, before, after = _word(change.name) or "an image", change.before, change.after
    if after is None:
        return f"{name} removed"
    new = _word(after.tag or "") or after.digest.short
    if before is None:
        return f"{name} {new} added"
    old = _word(before.tag or "") or before.digest.short
    if before.digest == after.digest and before.vouchers != after.vouchers:
        return f"{name} {old} vouched for"
    if old != new:
        return f"{name} {old} -> {new}"
    return f"{name} {old} {before.digest.short} -> {after.digest.short}"


def _line(report: Report) -> str:
    """Who signed, and what a build will have to fetch.

    It is without the origin and the notes, which strangers write.
    """
    news = "; ".join([*_signed(report.change), *report.news])
    details = f" ({news})" if news and not _ACTED_ON.search(news) else ""
    return f"{_part(report.change)}{details}"


def _signed(change: Change) -> Iterator[str]:
    """The keys that vouched for the new image, by names that no forge acts on."""
    vouchers = change.after.vouchers if change.after is not None else ()
    for one in dict.fromkeys((one.signer, one.issuer is None) for one in vouchers):
        signer, is_key = one
        if is_key and _PLAIN.fullmatch(signer) and _word(signer) == signer:
            yield f"signed by {signer}"
        else:
            yield f"signed by {'a key' if is_key else 'an identity'}, which the lock names"


def _word(text: str) -> str:
    """A name or a tag; in quotes where a forge may take it for a command about the next word.

    "" for one that is acted on by itself.
    """
    if _ACTED_ON.search(text):
        return ""
    text = text[:_LONGEST_WORD]
    return f"'{text}'" if _CLOSING.search(text) else text
