"""A hook of MkDocs for what the forge and the site read otherwise in a page.

- On the forge `[SECURITY.md](../../SECURITY.md)` leads to the file. The site has no such page, and
  links to the forge there.
- In code in a table, the forge reads `\\|` as a bar that is no border of the table. Python-Markdown
  takes a bar in code for no border, and shows the backslash.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

_RELATIVE = re.compile(r"(?<=\]\()(?:\.\./)+[^)\s]*(?=\))")
_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """The text of a page for the site."""

    def absolute(link: re.Match[str]) -> str:
        folder = posixpath.dirname(page.file.src_uri)
        target = posixpath.normpath(posixpath.join("docs", folder, link[0]))
        inside = target == "docs" or target.startswith("docs/")
        return link[0] if inside else f"{config['extra']['forge']}/blob/main/{target}"

    return _ROW.sub(_plain_bars, _RELATIVE.sub(absolute, markdown))


def _plain_bars(row: re.Match[str]) -> str:
    return _CODE.sub(lambda code: code[0].replace(r"\|", "|"), row[0])
