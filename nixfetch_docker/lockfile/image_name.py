"""The name of an image in images.toml and its lock."""

from __future__ import annotations

import re

from ..base.table import InvalidField

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def image_name(text: str) -> str:
    """The name of an image in both files; raises `InvalidField`."""
    if not _NAME.fullmatch(text):
        raise InvalidField(
            "this cannot name an image",
            hint="use letters, digits, '_', '-', '.' and '+', the first of them no sign but '_'",
        )
    return text
