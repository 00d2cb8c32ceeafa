"""The pieces of code on the pages of the project, and the marks that say how tests take them.

A mark is an HTML comment directly before a piece:

- `<!-- excerpt: needs a real NixOS machine -->`: the piece is neither run nor read;
- ``<!-- excerpt of `nixos-rebuild`: needs a NixOS machine -->``: commands of the piece that begin
  with these words are not run;
- `<!-- given: a locked project -->`: what the directory is before the piece, see `world`;
- ``<!-- given: `nixfetch-docker lock` -->``: a command that runs before it, unseen by readers.

A title (```toml title="images.toml") names the file that the piece is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]

# What tests run or read, and what is for readers alone.
READ = {"console", "json", "nix", "python", "toml", "yaml"}
SHOWN = {"mermaid", "text"}
# What the other kinds of pieces were, if not one of these.
USUAL = {**dict.fromkeys(("bash", "sh", "shell", "shell-session"), "console"), "yml": "yaml"}

# What the directory of a page is; `world` brings it about.
STATES = ("an empty directory", "a locked project", "a flake of images")

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")
_INFO = re.compile(r'(?P<language>[a-z]*)(?: +title="(?P<title>[^"]+)")?')
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_MARK = re.compile(r"(?P<kind>excerpt|given)\b(?: of `(?P<words>[^`]+)`)?: *(?P<text>.*)")
_WORDS = 2


class WrongMark(Exception):
    """A mark that is not in one of the forms above, or stands before no piece."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of a console with the lines that it prints; None where the page shows none."""

    line: int
    text: str
    output: str | None


@dataclass(frozen=True, kw_only=True)
class Block:
    """A piece of code of a page; `line` is that of its fence."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str
    # Why it is neither run nor read, or None.
    excerpt: str | None = None
    # The first words of commands that are not run, with the reasons.
    without: dict[str, str] = field(default_factory=dict)
    # What comes before it: the name of a state, or a command in "`".
    given: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{name(self.page)}:{self.line}"

    def is_without(self, command: str) -> bool:
        """Whether a command of the piece is marked as one that is not run."""
        return any(command == words or command.startswith(f"{words} ") for words in self.without)

    def commands(self) -> list[Command]:
        """The commands of a console, in their order."""
        found: list[Command] = []
        lines = self.text.splitlines()
        assert lines, self.place
        assert lines[0].startswith("$ "), f"{self.place}: a console begins with `$ `"
        for number, line in enumerate(lines, self.line + 1):
            if line.startswith("$ "):
                found.append(Command(line=number, text=line[2:], output=None))
                continue
            last = found[-1]
            if last.output is None and last.text.endswith("\\") and line.startswith("> "):
                text = f"{last.text}\n{line[2:]}"
                found[-1] = Command(line=last.line, text=text, output=None)
            else:
                output = f"{last.output or ''}{line}\n"
                found[-1] = Command(line=last.line, text=last.text, output=output)
        return found


def pages() -> list[Path]:
    """The pages for readers whose code is tested."""
    return [
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        *sorted((REPOSITORY / "docs").rglob("*.md")),
    ]


def name(page: Path) -> str:
    """The path of a page in the repository."""
    return str(page.relative_to(REPOSITORY)) if page.is_relative_to(REPOSITORY) else page.name


def blocks(page: Path) -> list[Block]:
    """The pieces of code of a page, in their order; raises `WrongMark`."""
    return list(_blocks(page, page.read_text(encoding="utf-8")))


def _blocks(page: Path, text: str) -> Iterator[Block]:
    lines = iter(enumerate(text.splitlines(), 1))
    before: list[str] = []
    for number, line in lines:
        opened = _FENCE.match(line)
        if opened is None:
            before.append(line)
            continue
        code = list(_until(lines, opened["ticks"]))
        yield _block(page, number, opened, code, "\n".join(before))
        before = []
    _refuse_marks(page, "\n".join(before))


def _until(lines: Iterator[tuple[int, str]], ticks: str) -> Iterator[str]:
    for _, line in lines:
        if line.strip() == ticks:
            return
        yield line
    raise WrongMark(f"a piece of code that begins with {ticks} has no end")


def _block(page: Path, line: int, opened: re.Match[str], code: list[str], before: str) -> Block:
    indent = len(opened["indent"])
    info = _INFO.fullmatch(opened["info"].strip())
    if info is None:
        raise WrongMark(f'{name(page)}:{line}: write ```LANGUAGE or ```LANGUAGE title="FILE"')
    far, comments = _own_comments(before)
    _refuse_marks(page, far)
    without: dict[str, str] = {}
    given: list[str] = []
    excerpt = None
    for comment in comments:
        mark = _mark(page, comment)
        if mark is None:
            continue
        if mark["kind"] == "given":
            given.append(mark["text"])
        elif mark["words"] is None:
            excerpt = mark["text"]
        else:
            without[mark["words"]] = mark["text"]
    return Block(
        page=page,
        line=line,
        language=info["language"],
        title=info["title"],
        text="".join(f"{one[indent:]}\n" for one in code),
        excerpt=excerpt,
        without=without,
        given=tuple(given),
    )


def _own_comments(before: str) -> tuple[str, list[str]]:
    """What stands before the comments at the end of a text, and these comments."""
    found: list[str] = []
    rest = before.rstrip()
    while rest.endswith("-->"):
        start = rest.rfind("<!--")
        found.insert(0, " ".join(rest[start + 4 : -3].split()))
        rest = rest[:start].rstrip()
    return rest, found


def _mark(page: Path, comment: str) -> re.Match[str] | None:
    """The mark that a comment is; None for another comment."""
    if not comment.startswith(("excerpt", "given")):
        return None
    mark = _MARK.fullmatch(comment)
    if mark is None or not mark["text"]:
        raise WrongMark(f"{name(page)}: the mark {comment!r} is in no known form")
    if mark["kind"] == "excerpt" and len(mark["text"].split()) < _WORDS:
        raise WrongMark(f"{name(page)}: the mark {comment!r} has no reason")
    if mark["kind"] == "given" and mark["text"] not in STATES and not _is_command(mark["text"]):
        raise WrongMark(f"{name(page)}: the mark {comment!r} names no state and no `command`")
    return mark


def _is_command(text: str) -> bool:
    return len(text) > 2 and text[0] == text[-1] == "`"


def _refuse_marks(page: Path, text: str) -> None:
    for comment in _COMMENT.findall(text):
        if _mark(page, " ".join(comment.split())) is not None:
            raise WrongMark(f"{name(page)}: the mark {comment.strip()!r} stands before no code")
