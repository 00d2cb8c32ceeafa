"""The pages that are sections of the manual page, docs/nixfetch-docker.1.scd.

Tests hold the manual page to the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from . import markdown

_PAGE = Path(__file__).parents[2] / "docs/nixfetch-docker.1.scd"

_ENVIRONMENT = f"""\
# Environment and files
{markdown.NOTE}

## Variables

The program reads these variables of its environment, and no other; `import` also those that a compose file names.

"""
_STATUS = f"""\
# Exit status
{markdown.NOTE}

"""


def environment() -> str:
    """The page of variables and files."""
    variables = markdown.table(["variable", "means"], _entries("ENVIRONMENT"))
    files = markdown.table(["file", "is"], _entries("FILES"))
    return f"{_ENVIRONMENT}{variables}\n## Files\n\n{files}"


def exit_status() -> str:
    """The page of exit statuses."""
    return f"{_STATUS}{markdown.table(['status', 'means'], _entries('EXIT STATUS'))}"


def commands() -> dict[str, str]:
    """What the manual page says of each command, by its name."""
    return {head.split("`")[1]: text for head, text in _entries("COMMANDS")}


def _section(name: str) -> str:
    text = _PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^# {name}\n(.*?)(?=^# |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{_PAGE} has no section {name}"
    return found[1]


def _entries(section: str) -> Iterator[tuple[str, str]]:
    """The entries of a section: a line that names something, and lines with a tab below it."""
    for head, text in re.findall(r"^(\S.*)\n((?:\t.*\n)+)", _section(section), re.MULTILINE):
        yield _text(head), _text(" ".join(text.split()))


def _text(scdoc: str) -> str:
    """A text of scdoc as Markdown: what is underlined or bold there is code here.

    scdoc(5): "_" and "*" stand around words, and a backslash takes its meaning from a character.
    """
    kept = re.sub(r"\\(.)", lambda found: f"\0{ord(found[1])}\0", scdoc)
    kept = re.sub(r"(?<!\w)_([^_]+(?:_[^_\s]+)*)_(?!\w)", r"`\1`", kept)
    kept = re.sub(r"\*([^*]+)\*", r"`\1`", kept)
    text = re.sub(r"\0(\d+)\0", lambda found: chr(int(found[1])), kept)
    return markdown.escaped(text)
