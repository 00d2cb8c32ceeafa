"""Expressions take time in proportion to the text, whatever the text is."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

import nixfetch_docker
from nixfetch_docker.base.redact import literal, quote
from nixfetch_docker.base.regex import regex
from nixfetch_docker.base.strict_json import parse as parse_json
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.found.candidates import tell_candidates
from nixfetch_docker.imports.found.commands import commands_of
from nixfetch_docker.imports.nix_language.lexer import tokens_of
from nixfetch_docker.registry.challenge import parse_challenges

_IMPORT = re.compile(r"^(import re|from \S+ import regex)$", re.MULTILINE)
METHODS = {"match", "fullmatch", "search", "sub", "finditer", "findall", "split"}
ROOT = Path(nixfetch_docker.__file__).parent
SECRETS = frozenset({"pa55-0f-ann", "x" * 500})
# Parts that texts repeat to make an expression go back, and what ends them.
PARTS = ["a", "1", " ", "?", "=", "<", "&#1", "%41", "\\", '"', "://", "a.", "a/", "a-", ", ", "$$"]
PARTS += [
    "<title",
    "bearer ",
    "token ",
    "?a",
    "a=",
    ";a",
    '="',
    "a@",
    "1.",
    "/* ",
    "\n",
    "''",
    "<a",
]
ENDS = ["!"]
_ENOUGH = 0.1


# An expression that is made elsewhere than at the top of a module, and why that is right.
ELSEWHERE = {
    "base/parts.py": "the name of a file that this program writes, held against names of files",
    "versions/tag_pattern.py": "a person's own expression, which runs in a process with a deadline",
}


def modules() -> list[tuple[str, ModuleType, str]]:
    """The path, the module and the text of every module that has expressions."""
    return [
        (
            str(path.relative_to(ROOT)),
            import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts)),
            path.read_text(),
        )
        for path in sorted(ROOT.rglob("*.py"))
        if _IMPORT.search(path.read_text())
    ]


def expressions(value: object) -> Iterator[re.Pattern[str]]:
    """The expressions in a value of a module, also those in tuples of tuples."""
    if isinstance(value, (re.Pattern, cast(type, regex))):
        yield cast("re.Pattern[str]", value)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from expressions(one)


def patterns() -> list[object]:
    """Each expression at the top of a module, with the methods that the module calls."""
    found: list[object] = []
    for path, module, source in modules():
        for key, value in vars(module).items():
            for number, pattern in enumerate(expressions(value)):
                called = set(re.findall(rf"\b{key}\.(\w+)\(", source)) & METHODS
                # One that another function is given is matched there.
                called = called or {"match", "fullmatch"} & set(re.findall(r"\.(\w+)\(", source))
                found.append(pytest.param(pattern, called, id=f"{path}: {key}[{number}]"))
    return found


def test_every_expression_is_at_the_top_of_a_module_where_the_test_below_finds_it() -> None:
    """At the top it is a `regex`, which compiles it where it is used."""
    for path, _, source in modules():
        if path == "base/regex.py":
            continue
        tree = ast.parse(source)
        top = {
            id(call)
            for statement in tree.body
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            for call in ast.walk(statement)
        }
        elsewhere = [
            ast.unparse(call)
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and (
                (ast.unparse(call.func).startswith("re.") and ast.unparse(call.func) != "re.escape")
                or (ast.unparse(call.func) == "regex" and id(call) not in top)
            )
        ]
        assert not elsewhere or path in ELSEWHERE, (path, elsewhere)


def seconds(pattern: re.Pattern[Any], method: str, letters: str) -> float:
    text = letters.encode() if isinstance(pattern.pattern, bytes) else letters
    started = time.thread_time()
    if method in {"sub", "finditer", "findall", "split"}:
        # Not kept: Python would look for garbage among them again and again.
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)
    return time.thread_time() - started


@pytest.mark.parametrize(("pattern", "methods"), patterns())
def test_an_expression_is_linear(pattern: re.Pattern[str], methods: set[str]) -> None:
    for method in methods:
        for part in PARTS:
            for end in ENDS:
                small, large = (part * (size // len(part)) + end for size in (10_000, 100_000))
                # Ten times the text may take thirty times as long: the square is a hundred.
                if (taken := seconds(pattern, method, large)) > _ENOUGH:
                    # The least of several: another process may have had the CPU meanwhile.
                    usual = min(seconds(pattern, method, small) for _ in range(3))
                    again = (seconds(pattern, method, large) for _ in range(5))
                    taken = min(taken, next((one for one in again if one <= _ENOUGH), taken))
                    assert taken < 30 * max(usual, 0.01), (method, part, end)


LONG = (10_000, 100_000)
SHORT = (3_000, 30_000)
READERS = [
    pytest.param(quote, LONG, id="quote"),
    pytest.param(lambda text: quote(text, SECRETS), LONG, id="quote with secrets"),
    pytest.param(literal, LONG, id="literal"),
    pytest.param(lambda text: parse_challenges([text]), LONG, id="challenge"),
    pytest.param(commands_of, LONG, id="commands"),
    pytest.param(lambda text: commands_of(f"docker run {text}"), LONG, id="words of a command"),
    pytest.param(lambda text: list(tell_candidates(text, ())), LONG, id="images in a text"),
    pytest.param(lambda text: list(tokens_of(text)), SHORT, id="Nix"),
    pytest.param(lambda text: list(tokens_of('"' + text)), SHORT, id="string of Nix"),
]


@pytest.mark.parametrize(("read", "sizes"), READERS)
def test_a_reader_of_foreign_text_is_linear(
    read: Callable[[str], object], sizes: tuple[int, int]
) -> None:
    for part in PARTS:
        taken = []
        for size in sizes:
            started = time.thread_time()
            with suppress(NixfetchError):
                read(part * (size // len(part)))
            taken.append(time.thread_time() - started)
        assert taken[1] < 30 * max(taken[0], 0.05), part


def test_a_duplicate_among_many_keys_is_found_at_once() -> None:
    text = "{" + ",".join(f'"{n}":0' for n in range(100_000)) + ',"7":1}'
    started = time.thread_time()
    with pytest.raises(NixfetchError, match="this key is there twice"):
        parse_json(text)
    assert time.thread_time() - started < 10
