"""Pictures of what a program printed, as SVG by rich, in the colours of a light and a dark page."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 88
# Lines of one text that a picture shows; it says how many more there are.
MOST_LINES = 17

Colour = tuple[int, int, int]


def _theme(page: Colour, text: Colour, blue: Colour, grey: Colour) -> TerminalTheme:
    """A theme of the colours in use: ANSI blue (4) for titles, white (7) for what is aside."""
    return TerminalTheme(page, text, [text, text, text, text, blue, text, text, grey])


THEMES = {
    "light": _theme((246, 248, 250), (31, 35, 40), (9, 105, 218), (89, 99, 110)),
    "dark": _theme((13, 17, 23), (230, 237, 243), (88, 166, 255), (145, 152, 161)),
}

# As rich's own format, without its font, which a browser would load from elsewhere.
FORMAT = """\
<svg class="{unique_id}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Picture:
    """The steps of a run, to be drawn as one terminal."""

    def __init__(self, command: str) -> None:
        self._console = Console(
            record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False
        )
        self._print(f"$ {command}", Style(bold=True))

    def step(self, title: str, text: str) -> None:
        """Draw a step: its title, and its text, whose later lines are counted only."""
        self._print("")
        self._print(f"== {title}", Style(color="blue", bold=True))
        lines = text.rstrip().splitlines()
        for line in lines[:MOST_LINES]:
            self._print(f"   {line}")
        if lines[MOST_LINES:]:
            self._print(f"   … and {len(lines) - MOST_LINES} more lines", Style(color="white"))

    def write(self, directory: Path, name: str) -> None:
        """Write NAME-light.svg and NAME-dark.svg."""
        directory.mkdir(parents=True, exist_ok=True)
        for kind, theme in THEMES.items():
            svg = self._console.export_svg(
                title="", theme=theme, code_format=FORMAT, clear=False, unique_id=name
            )
            (directory / f"{name}-{kind}.svg").write_text(svg, "utf-8")

    def _print(self, line: str, style: Style | str = "") -> None:
        self._console.print(Text(line, style), no_wrap=True, overflow="ellipsis")
