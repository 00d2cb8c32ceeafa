"""The pages of docs/answers, and the messages that they quote.

A message stands in a block of text behind a mark that says where it comes from:

    <!-- said: CASE -->         what a run of the program prints, by `scene` and its neighbours
    <!-- evaluated: CASE -->    what Nix prints, by tests/end_to_end/test_answers.py
    <!-- written: FILE -->      a text of a file of this project, with "…" for what varies
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
ANSWERS = ROOT / "docs/answers"
_BLOCK = re.compile(
    r"(?:^<!-- (?P<kind>[a-z]+): (?P<source>[^\n]+) -->\n)?^```text\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_PART = re.compile(r"^<!-- part: (.+) -->$", re.MULTILINE)
_SHORTEST = 5
# The parts of the index, in order.
PARTS = [
    "images.toml and its lock",
    "Evaluation by Nix",
    "update, add and prefetch",
    "Builds",
    "NixOS and Home Manager",
    "Containers",
    "import",
    "git",
    "The command line",
    "Files",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A block of text on a page; `kind` and `source` are those of its mark, "" without one."""

    page: Path
    kind: str
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}: {self.source}"

    def lacks(self, output: str) -> list[str]:
        """The lines of the block that are no lines of an output; "…" stands for any text."""
        lines = [line.strip() for line in output.splitlines()]
        return [
            line
            for line in self.text.splitlines()
            if not any(_pattern(line.strip()).fullmatch(one) for one in lines)
        ]

    @property
    def in_source(self) -> list[str]:
        """The parts of the block that the text of a file has: those between what varies."""
        parts = re.split(r"…|; |: (?=…|$)|^: |\n", self.text)
        return [part for part in (one.strip(": ") for one in parts) if len(part) >= _SHORTEST]


def quotes(*kinds: str) -> list[Quote]:
    """The blocks of all pages with these kinds of marks, without kinds all blocks."""
    found = [
        Quote(page=page, kind=one["kind"] or "", source=one["source"] or "", text=one["text"])
        for page in pages()
        for one in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]
    return [quote for quote in found if not kinds or quote.kind in kinds]


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.split("…"))))


def source_text(path: str) -> str:
    """The text of a file, with texts that it has in several lines of Python joined."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.sub(r'"\s*\n\s*f?"', "", text)


def pages() -> list[Path]:
    """The pages, without the index."""
    return [page for page in sorted(ANSWERS.glob("*.md")) if page.name != "index.md"]


def index_text(head: str) -> str:
    """The index behind its `head`: every page, in parts, with the messages that it quotes."""
    lines: list[str] = []
    for part in PARTS:
        lines += ["", f"## {part}", ""]
        for page in _pages_of(part):
            title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            lines.append(f"- [{title}]({page.name})")
            heads = [quote.text.split("\n")[0] for quote in quotes() if quote.page == page]
            lines += [f"    - `` {head} ``" for head in dict.fromkeys(heads)]
    return head + "\n".join(lines) + "\n"


def nav_text() -> str:
    """The order of the pages in the site."""
    lines = ["title: Answers", "nav:", "  - index.md"]
    for part in PARTS:
        lines += [f"  - {part}:", *(f"      - {page.name}" for page in _pages_of(part))]
    return "\n".join(lines) + "\n"


def _pages_of(part: str) -> list[Path]:
    texts = {page: page.read_text(encoding="utf-8") for page in pages()}
    return [page for page, text in texts.items() if _PART.findall(text) == [part]]
