"""What `update`, `lock` and `add` print about the images that they changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import units
from ..base.printable import one_line
from ..base.values import replace
from ..lockfile.change import Change, ChangeKind
from ..lockfile.lock import LockedImage
from ..lockfile.report import Report
from . import console, short_form, terminal

# Names that are longer than this do not move the columns of the others.
_LONGEST_NAME = 24
_COLOURS = {
    ChangeKind.ADDED: "32",
    ChangeKind.UPDATED: "33",
    ChangeKind.REMOVED: "31",
    ChangeKind.UNCHANGED: "2",
}


def show(reports: Sequence[Report]) -> None:
    """Print the lines about some images to stdout; raises `FileError`."""
    for report, text in zip(reports, texts(reports, width=terminal.width()), strict=True):
        kind = report.change.kind
        console.result(text, word=kind.value, colour=_COLOURS.get(kind, ""))


def texts(reports: Sequence[Report], *, width: int) -> Iterator[str]:
    """The text about each image: name, kind of change and pins in columns, and then details.

    Details that do not fit into `width` characters beside them stand on lines of their own.
    """
    names = [len(report.change.name) for report in reports]
    # One more than a name is the colon behind it.
    margin = max((length for length in names if length <= _LONGEST_NAME), default=0) + 1
    kinds = max((len(report.change.kind.value) for report in reports), default=0)
    for report in reports:
        change = report.change
        kind = change.kind.value
        name = f"{change.name}:".ljust(margin)
        head = " ".join([name, kind.ljust(kinds), _pins(change)]).rstrip()
        details = [one_line(short_form.shown(detail)) for detail in _details(report)]
        line = f"{head} ({'; '.join(details)})" if details else head
        if len(line) <= width or not details:
            yield line
        else:
            yield "\n".join([head, *_wrapped(details, width, " " * (margin + 1))])


def _wrapped(details: Sequence[str], width: int, indent: str) -> list[str]:
    from textwrap import wrap

    return [
        line
        for detail in details
        for line in wrap(
            detail,
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _pins(change: Change) -> str:
    """The tags where another one is locked, else the tag and its digests."""
    before, after = change.before, change.after
    if before is None or after is None or change.kind is ChangeKind.UNCHANGED:
        only = after or before
        return "" if only is None or change.kind is ChangeKind.REMOVED else _pin(only)
    if before.repository != after.repository:
        return f"{_familiar(before)} -> {_familiar(after)}"
    if before.tag != after.tag:
        return f"{before.tag or before.digest.short} -> {after.tag or after.digest.short}"
    if before.digest != after.digest:
        return f"{_pin(before)} -> {after.digest.short}"
    return _pin(after)


def _pin(image: LockedImage) -> str:
    return " ".join(filter(None, [image.tag, image.digest.short]))


def _familiar(image: LockedImage) -> str:
    named = replace(image.repository, tag=image.tag) if image.tag else image.repository
    return named.familiar if image.tag else f"{named.familiar}@{image.digest.short}"


def _details(report: Report) -> Iterator[str]:
    change = report.change
    if change.kind in {ChangeKind.ADDED, ChangeKind.UPDATED}:
        if report.signed:
            yield report.signed
        yield from _what_else_changed(change)
        yield from _platforms(report)
        if change.origin.text:
            yield change.origin.text
    yield from change.notes


def _what_else_changed(change: Change) -> Iterator[str]:
    """What is new in an entry whose image is the one that was locked."""
    before, after = change.before, change.after
    if before is None or after is None or before.digest != after.digest:
        return
    gone = sorted(before.platforms.keys() - after.platforms.keys())
    new = sorted(after.platforms.keys() - before.platforms.keys())
    if new:
        yield f"now also for {', '.join(map(str, new))}"
    if gone:
        yield f"not for {', '.join(map(str, gone))} any more"
    if not new and not gone and before.request != after.request:
        yield "the same image, asked for in another way"


def _platforms(report: Report) -> Iterator[str]:
    """The layers and bytes of each platform, and once those of platforms that have the same."""
    by_text: dict[str, list[str]] = {}
    for platform, has in report.document["platforms"].items():
        layers = units.count(has["layers"], "layer")
        if report.change.kind is ChangeKind.ADDED:
            text = f"{layers}, {units.size(has['size'])}"
        else:
            text = f"{has['newLayers']} of {layers} new, {units.size(has['fetchSize'])} to fetch"
        by_text.setdefault(text, []).append(platform)
    for text, platforms in by_text.items():
        yield f"{', '.join(platforms)}: {text}"
