"""The name of an image in images.toml and its lock."""

from __future__ import annotations

from ..base.regex import regex
from ..base.table import InvalidField

_LONGEST = 128
_NAME = regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def parse_image_name(text: str) -> str:
    """Read the name of an image; raises `InvalidField`."""
    if len(text) > _LONGEST:
        raise InvalidField("this cannot name an image", hint=f"use at most {_LONGEST} characters")
    if not _NAME.fullmatch(text):
        raise InvalidField(
            "this cannot name an image",
            hint="use letters, digits, '_', '-', '.' and '+', and start with a letter, a digit "
            "or '_'",
        )
    return text
