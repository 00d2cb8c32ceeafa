"""Foreign text made fit for a message: without secrets and control characters, and short.

A text is cut before anything else, so that its length costs nothing. All expressions take time in
proportion to the text, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from .regex import regex
from .userinfo import hide_logins

# What is shown of a text, and what is read of it: secrets in it are struck before it is cut again.
_SHOWN = 200
_READ = 4096
_CREDENTIALS = regex(r"\b(bearer|basic)(?:\s|%20|\+)++[A-Za-z0-9._~+/=%-]{6,}+", re.IGNORECASE)
# A password may hold "@". One slash in place of two is a slip that some programs take.
_USERINFO = regex(r"(//|:/)(?:[^/\s@\"'<>]*+@)++")
_CUT_USERINFO = regex(r"(//|:/)[^/\s@\"'<>]++\Z")
_WORD = regex(r"[^\s\"'<>]++")


def redact(text: str) -> str:
    """`text` without tokens, logins in URLs, and the queries of URLs, which may be presigned."""
    text = _CREDENTIALS.sub(r"\1 …", text)
    return _WORD.sub(_without_query, _USERINFO.sub(r"\1", text))


def quote(text: str, secrets: Collection[str] = (), *, is_cut: bool = False) -> str:
    """A foreign text on one line: redacted, without `secrets`, printable, cut at 200 characters.

    `is_cut` says that the text may end within a secret.
    """
    is_long = len(text) > _READ
    is_cut = is_cut or is_long
    line = " ".join(text[:_READ].split())
    line = "".join(letter for letter in line if letter.isprintable())
    if secrets:
        from .echo import strike

        line = strike(line, secrets, is_cut=is_cut)
    if is_cut:
        line = _CUT_USERINFO.sub(r"\1…", line)
    line = hide_logins(redact(line))
    return line if len(line) <= _SHOWN and not is_long else f"{line[:_SHOWN].rstrip('…')}…"


def literal(text: str, secrets: Collection[str] = ()) -> str:
    """A foreign text as `quote` gives it, in quotation marks and with escapes, as `repr` does."""
    # `quote` knows where this is cut: with its quotation marks it is longer than what is read.
    return quote(repr(text[:_READ]), secrets)


def _without_query(word: re.Match[str]) -> str:
    address, _, query = word[0].partition("?")
    return f"{address}?…" if "=" in query else word[0]
