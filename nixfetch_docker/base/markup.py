"""HTML made of elements: every text and every value in it is escaped, and no link is a script.

https://html.spec.whatwg.org/multipage/syntax.html
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from .printable import visible
from .regex import regex

# https://html.spec.whatwg.org/multipage/syntax.html#void-elements, those that are used here.
_VOID = {"meta"}
_WEB = regex(r"https?://[!-~]{1,2000}")


class Markup(str):
    """A text that is HTML already. Of a text of others only this module makes one."""

    __slots__ = ()


def text(foreign: str) -> Markup:
    """A text as it is to be read, with escapes for what would not be seen."""
    return Markup(escape(visible(foreign)))


def joined(*children: str) -> Markup:
    """Markup and texts one after the other."""
    return Markup(
        "".join(child if isinstance(child, Markup) else text(child) for child in children)
    )


def element(name: str, attributes: Mapping[str, str] | None = None, *children: str) -> Markup:
    """An element; a child that is no `Markup` is text. `name` and the attributes' are ours."""
    given = "".join(f' {key}="{text(value)}"' for key, value in (attributes or {}).items())
    start = f"<{name}{given}>"
    return Markup(start if name in _VOID else f"{start}{joined(*children)}</{name}>")


def link(url: str) -> Markup:
    """A link to a foreign URL, which is its own text; what is no URL of the web is text alone."""
    if not _WEB.fullmatch(url):
        return text(url)
    return element("a", {"href": url, "rel": "nofollow noopener noreferrer"}, url)
