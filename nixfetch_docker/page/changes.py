"""What changed since a revision, for the page that `show --html` writes."""

from __future__ import annotations

from ..base import units
from ..base.markup import Markup, element, joined
from ..lockfile.before_after import BeforeAfter, befores_and_afters, total
from ..lockfile.report import Report
from ..lockfile.since import Since
from .bars import moved_bar, swatch


def changes(since: Since) -> Markup:
    """A card for each image that is another one than in the revision."""
    text = ""
    if not since.has_lock:
        text = f"{since.revision} has no lock: all images are new."
    elif not since.reports:
        text = f"The same images are locked as in {since.revision}."
    cards = joined(*map(_card, since.reports))
    return joined(
        element("h2", None, f"Changed since {since.revision}"),
        element("p", {"class": "soft"}, text) if text else "",
        cards,
        _legend() if "<svg" in cards else "",
    )


def _legend() -> Markup:
    lines = (("", "", "stays"), ("gone", "\u2212", "gone"), ("new", "+", "new"))
    items = (
        element("li", None, swatch(kind, letter), element("span", None, word))
        for kind, letter, word in lines
    )
    return element("ul", {"class": "legend"}, *items)


def _card(report: Report) -> Markup:
    change = report.change
    before, after = report.pins
    pins = [element("code", None, pin) for pin in (before, after) if pin]
    return element(
        "section",
        {"class": "card"},
        element("h3", None, f"{change.name}: {change.kind.value}"),
        element("p", None, pins[0], " \u2192 " if pins[1:] else "", *pins[1:]) if pins else "",
        element("p", {"class": "soft"}, "; ".join(report.news)) if report.news else "",
        *(_bars(one) for one in befores_and_afters(change) if one.differs),
    )


def _bars(one: BeforeAfter) -> Markup:
    """The layers before and after, to one scale."""
    both = (("before", one.before), ("after", one.after))
    whole = max(total(layers) for _, layers in both)
    return joined(
        element("h4", None, f"{one.platform}"),
        *(
            element(
                "div",
                {"class": "row"},
                element(
                    "div",
                    {"class": "label"},
                    word,
                    element("span", {"class": "soft"}, units.size(total(layers))),
                ),
                moved_bar(
                    f"{one.platform} {word}: {units.size(total(layers))}", layers, whole=whole
                ),
            )
            for word, layers in both
        ),
    )
