"""The body of a pull request: the reports on an update in Markdown.

What a stranger wrote stands in code spans, where it is no link, image, HTML or mention. A pull
request's reader sees the URL of a source, and follows it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.faults import told_once
from ..base.markdown import code
from .change import ChangeKind
from .report import Report, real_changes

_HEAD = "| image | before | after | to fetch | from |\n| --- | --- | --- | --- | --- |\n"


def markdown(reports: Iterable[Report]) -> str:
    """The changed images in a table, then passed-by tags and failures."""
    reports = list(reports)
    changed = real_changes(reports)
    text = "Nothing changed.\n"
    if changed:
        text = _HEAD + "".join(f"{_row(report)}\n" for report in changed)
    notes = sorted(
        f"{one.change.name}: {note}"
        for one in reports
        if one.change.kind is ChangeKind.UNCHANGED
        for note in one.change.notes
    )
    if notes:
        text += "\nNewer tags of these images were passed by:\n\n"
        text += "".join(f"- {code(note)}\n" for note in notes)
    errors = list(
        told_once(
            ([one.change.name], one.change.error)
            for one in sorted(reports, key=lambda one: one.change.name)
            if one.change.error is not None
        )
    )
    if errors:
        text += "\nThese images keep the pins that they had:\n\n"
        text += "".join(f"- {code(error)}\n" for error in errors)
    return text


def _row(report: Report) -> str:
    """A row of the table. Bare are the kind of change, and the ends of lines within a cell."""
    change = report.change
    before, after = map(code, report.pins)
    cells = [
        code(change.name),
        before,
        after or change.kind.value,
        "<br>".join(map(code, [*report.news, *change.notes])),
        code(change.origin.text),
    ]
    return f"| {' | '.join(cells)} |"
