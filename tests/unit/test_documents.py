"""The code on the pages for readers: each piece is run or read by tests, or says why not.

What needs other programs than Python is in tests/end_to_end/test_documents.py.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt
from support.documents import blocks as documents
from support.documents.blocks import Block, WrongMark

from nixfetch_docker.cli import completion
from nixfetch_docker.cli.command_parser import command_parser
from nixfetch_docker.cli.commands import COMMANDS
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock

BLOCKS = [block for page in documents.pages() for block in documents.blocks(page)]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in BLOCKS])
def test_a_piece_says_what_it_is(block: Block) -> None:
    usual = documents.USUAL.get(block.language)
    assert usual is None, f"write ```{usual} in place of ```{block.language}"
    assert block.language in documents.READ | documents.SHOWN
    # What is for readers alone has no mark, as nothing would run it.
    if block.language in documents.SHOWN:
        assert block.excerpt is None
    assert not block.without or block.language == "console", "only commands can be left out"


def _read_toml(block: Block) -> None:
    if block.title not in {None, "images.toml", "images.lock.toml"}:
        tomllib.loads(block.text)
    elif "version" in tomllib.loads(block.text):
        assert Lock.parse(block.text).images
    else:
        Images.parse(block.text)


def _read_console(block: Block) -> None:
    commands = [command.text for command in block.commands()]
    # A mark that fits no command is left from an earlier text.
    for words in block.without:
        assert any(f"{command} ".startswith(f"{words} ") for command in commands), words


READERS: dict[str, Callable[[Block], object]] = {
    "console": _read_console,
    "json": lambda block: json.loads(block.text),
    "python": lambda block: ast.parse(block.text),
    "toml": _read_toml,
    "yaml": lambda block: list(yaml.safe_load_all(block.text)),
}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=block.place)
        for block in BLOCKS
        if block.language in READERS and block.excerpt is None
    ],
)
def test_a_piece_is_what_its_reader_takes(block: Block) -> None:
    READERS[block.language](block)


def _page(tmp_path: Path, text: str) -> list[Block]:
    page = tmp_path / "page.md"
    page.write_text(text)
    return documents.blocks(page)


def test_marks_belong_to_the_piece_below_them(tmp_path: Path) -> None:
    marked, run, titled = _page(
        tmp_path,
        """
<!-- excerpt: needs two machines -->
```nix
{ }
```

<!-- given: a locked project -->
<!-- given: `push redis:7` -->

<!-- excerpt of `ssh root@machine`:
needs two machines -->
```console
$ ssh root@machine true
$ ssh other \\
> true
out
$ true
```

1. In a list:

   ```toml title="images.toml"
   [images.redis]
   ```
""",
    )
    assert (marked.excerpt, marked.line) == ("needs two machines", 3)
    assert run.excerpt is None
    assert run.given == ("a locked project", "`push redis:7`")
    commands = run.commands()
    assert [one.text for one in commands] == ["ssh root@machine true", "ssh other \\\ntrue", "true"]
    assert [one.output for one in commands] == [None, "out\n", None]
    assert [run.is_without(one.text) for one in commands] == [True, False, False]
    assert (titled.title, titled.text) == ("images.toml", "[images.redis]\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<!-- excerpt -->\n```nix\n{ }\n```", id="no reason"),
        pytest.param("<!-- excerpt: no -->\n```nix\n{ }\n```", id="a reason of one word"),
        pytest.param("<!-- excerpt of ssh: needs two -->\n```nix\n{ }\n```", id="words bare"),
        pytest.param("<!-- given: a locked door -->\n```nix\n{ }\n```", id="no state"),
        pytest.param("<!-- excerpt: needs two -->\n\ntext\n\n```nix\n{ }\n```", id="text between"),
        pytest.param("```nix\n{ }\n```\n<!-- given: a locked project -->\n", id="at the end"),
        pytest.param("```nix\n{ }\n", id="no end"),
        pytest.param("```nix linenums\n{ }\n```\n", id="another option of the fence"),
    ],
)
def test_a_mark_that_would_not_count_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongMark):
        _page(tmp_path, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("toml", '[images.redis]\nimag = "redis"\n', id="an unknown key"),
        pytest.param("toml", "version = 99\n", id="a lock of another version"),
        pytest.param("toml", "version = 1\n", id="a lock of nothing"),
        pytest.param("python", "with:\n", id="Python"),
        pytest.param("json", "{,}\n", id="JSON"),
        pytest.param("yaml", "a: [\n", id="YAML"),
        pytest.param("console", "true\n", id="a console without a prompt"),
    ],
)
def test_a_piece_that_is_wrong_is_refused(tmp_path: Path, language: str, text: str) -> None:
    (block,) = _page(tmp_path, f"```{language}\n{text}```\n")
    with pytest.raises((AssertionError, NixfetchError, SyntaxError, ValueError, yaml.YAMLError)):
        READERS[language](block)


# The command, or the app of a flake that is `update`; its words up to a sign of the shell.
_OURS = re.compile(
    r"(?:^|[ (])(nixfetch-docker|nix run \.#update-images --) +([a-z-][^|;&>)\n]*)", re.MULTILINE
)


def _calls(text: str) -> Iterator[list[str]]:
    for program, words in _OURS.findall(text):
        yield words.split() if program == "nixfetch-docker" else ["update", *words.split()]


def unknown(text: str) -> list[str]:
    """The commands and options that calls in a text name and the program does not have."""
    wrong = []
    for command, *words in _calls(text):
        if command.startswith("-"):
            continue
        if command not in COMMANDS:
            wrong.append(command)
            continue
        options = {
            option
            for action in completion.arguments(command_parser(command))
            for option in action.option_strings
        }
        named = (word.partition("=")[0] for word in words if word.startswith("-") and word != "-")
        wrong += [f"{command} {option}" for option in named if option not in options]
    return wrong


def _unrun(page: Path) -> str:
    """The code of a page that no test runs: within lines of text, in excerpts, in other files."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".md":
        return text
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    within = [one for token in tokens for one in token.children or ()]
    excerpts = [block for block in documents.blocks(page) if block.language == "console"]
    return "\n".join(
        [one.content for one in within if one.type == "code_inline"]
        + [block.text for block in excerpts if block.excerpt or block.without]
    )


_FILES = [
    # The index of the answers has no code, but messages.
    *(page for page in documents.pages() if documents.name(page) != "docs/answers/index.md"),
    *(documents.REPOSITORY / "docs/how-to").glob("*.yml"),
    *(documents.REPOSITORY / name for name in ("RELEASING.md", "SECURITY.md", "ARCHITECTURE.md")),
    documents.REPOSITORY / "templates/default/README.md",
]


@pytest.mark.parametrize("page", _FILES, ids=documents.name)
def test_a_call_has_a_command_and_options_of_the_program(page: Path) -> None:
    assert unknown(_unrun(page)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("nixfetch-docker update --check | cat --other", [], id="right"),
        pytest.param("nixfetch-docker updat", ["updat"], id="a command"),
        pytest.param("nixfetch-docker tags a --newst", ["tags --newst"], id="an option"),
        pytest.param("nixfetch-docker image a -q -o -", [], id="short options, and stdout"),
        pytest.param("nixfetch-docker digest a -o x", ["digest -o"], id="of another command"),
        pytest.param("nix run .#update-images -- --file=a --al", ["update --al"], id="the app"),
    ],
)
def test_a_call_that_is_wrong_is_found(text: str, wrong: list[str]) -> None:
    assert unknown(text) == wrong
