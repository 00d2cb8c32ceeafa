"""The body of a pull request: the reports on an update in Markdown.

What a stranger wrote stands in code spans, where it is no link, image, HTML or mention. A pull
request's reader sees the URL of a source, and follows it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.faults import told_once
from ..base.markdown import code, fitting
from ..base.units import count
from .change import ChangeKind
from .layer_details import layer_details
from .report import Report, real_changes

# GitHub takes 65,536 characters, and a workflow may add some of its own. GitLab takes more.
LARGEST = 60_000
_HEAD = "| image | before | after | to fetch | from |\n| --- | --- | --- | --- | --- |\n"


def markdown(reports: Iterable[Report], *, largest: int = LARGEST) -> str:
    """The changed images in a table, their layers, then passed-by tags and failures.

    The text has at most `largest` bytes. What finds no room in it is counted.
    """
    reports = list(reports)
    changed = real_changes(reports)
    text = "Nothing changed.\n"
    if changed:
        rows = (f"{_row(report)}\n" for report in changed)
        text = _HEAD + fitting(
            rows,
            largest // 2,
            lambda number: f"| and {count(number, 'more image')} |  |  |  |  |\n",
        )
    lists = [
        _list("Newer tags of these images were passed by", _notes(reports), largest // 8),
        _list("These images keep the pins that they had", _errors(reports), largest // 5),
    ]
    room = largest - sum(len(part.encode()) for part in (text, *lists))
    details = [f"\n{one}" for report in changed if (one := layer_details(report.change))]
    text += fitting(
        details,
        room,
        lambda number: (
            f"\nThere is no room here for the layers of {count(number, 'more image')}.\n"
        ),
    )
    return text + "".join(lists)


def _notes(reports: Iterable[Report]) -> list[str]:
    return sorted(
        f"{one.change.name}: {note}"
        for one in reports
        if one.change.kind is ChangeKind.UNCHANGED
        for note in one.change.notes
    )


def _errors(reports: Iterable[Report]) -> list[str]:
    return list(
        told_once(
            ([one.change.name], one.change.error)
            for one in sorted(reports, key=lambda one: one.change.name)
            if one.change.error is not None
        )
    )


def _list(title: str, items: Iterable[str], room: int) -> str:
    lines = [f"- {code(item)}\n" for item in items]
    text = fitting(lines, room, lambda number: f"- and {number} more\n")
    return f"\n{title}:\n\n{text}" if lines else ""


def _row(report: Report) -> str:
    """A row of the table. Bare are the kind of change, and the ends of lines within a cell."""
    change = report.change
    before, after = map(code, report.pins)
    cells = [
        code(change.name),
        before,
        after or change.kind.value,
        "<br>".join(map(code, [*report.news, *filter(None, [report.signed]), *change.notes])),
        code(change.origin.text),
    ]
    return f"| {' | '.join(cells)} |"
