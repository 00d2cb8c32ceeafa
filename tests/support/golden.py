"""Golden pages: what the program shows, as text files that a reviewer reads in a diff."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

RENEW = "RENEW_GOLDEN"


def check(page: Path, text: str, normal: Callable[[str], str] = str) -> None:
    """Compare a text with its golden page; with RENEW_GOLDEN=1 in the environment, write it.

    `normal` takes away in what the versions of Python differ.
    """
    if os.environ.get(RENEW) == "1":
        page.parent.mkdir(exist_ok=True)
        page.write_text(text)
    assert page.is_file(), f"there is no {page}; make it with {RENEW}=1"
    assert normal(text) == normal(page.read_text()), f"renew {page} with {RENEW}=1"


def help_text(text: str) -> str:
    """A help without what Python 3.13 changed: ends of lines, and `--file PATH, -f PATH`."""
    return " ".join(re.sub(r"(--[a-z]+) [A-Z]+, (-[a-z] [A-Z]+)", r"\1, \2", text).split())
