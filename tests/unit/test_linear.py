"""Expressions take time in proportion to the text, whatever the text is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

import nixfetch_docker
from nixfetch_docker.base.redact import literal, quote
from nixfetch_docker.base.strict_json import parse as parse_json
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.nix_lexer import tokens_of
from nixfetch_docker.registry.challenge import parse_challenges

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
# The rooms whose expressions see texts of any length. Those of versions/ see tags, which have at
# most 128 characters, and constraints of at most 500.
ROOMS = ("base", "logins", "oci", "registry")


def patterns() -> list[object]:
    """Each expression at the top of a module, with the methods that the module calls."""
    found: list[object] = []
    for path in sorted(path for room in ROOMS for path in ROOT.glob(f"{room}/*.py")):
        source = path.read_text()
        if "re.compile(" not in source:
            continue
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for key, value in vars(import_module(name)).items():
            if isinstance(value, re.Pattern):
                called = set(re.findall(rf"\b{key}\.(\w+)\(", source)) or {"match"}
                found.append(pytest.param(value, called, id=f"{path.stem}.{key}"))
    return found


def seconds(pattern: re.Pattern[str], method: str, text: str) -> float:
    started = time.perf_counter()
    if method in {"sub", "finditer", "findall", "split"}:
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)
    return time.perf_counter() - started


@pytest.mark.parametrize(("pattern", "methods"), patterns())
def test_an_expression_is_linear(pattern: re.Pattern[str], methods: set[str]) -> None:
    for method in methods & {"match", "fullmatch", "search", "sub", "finditer", "findall", "split"}:
        for part in PARTS:
            for end in ENDS:
                small, large = (part * (size // len(part)) + end for size in (10_000, 100_000))
                # Ten times the text may take thirty times as long: the square is a hundred.
                if (taken := seconds(pattern, method, large)) > _ENOUGH:
                    usual = min(seconds(pattern, method, small) for _ in range(3))
                    taken = min(taken, seconds(pattern, method, large))
                    assert taken < 30 * max(usual, 0.01), (method, part, end)


READERS = [
    pytest.param(quote, id="quote"),
    pytest.param(lambda text: quote(text, SECRETS), id="quote with secrets"),
    pytest.param(literal, id="literal"),
    pytest.param(lambda text: parse_challenges([text]), id="challenge"),
    pytest.param(lambda text: list(tokens_of(text)), id="Nix"),
    pytest.param(lambda text: list(tokens_of('"' + text)), id="string of Nix"),
]


@pytest.mark.parametrize("read", READERS)
def test_a_reader_of_foreign_text_is_linear(read: Callable[[str], object]) -> None:
    for part in PARTS:
        taken = []
        for size in (10_000, 100_000):
            started = time.perf_counter()
            with suppress(NixfetchError):
                read(part * (size // len(part)))
            taken.append(time.perf_counter() - started)
        assert taken[1] < 30 * max(taken[0], 0.05), part


def test_a_duplicate_among_many_keys_is_found_at_once() -> None:
    text = "{" + ",".join(f'"{n}":0' for n in range(100_000)) + ',"7":1}'
    started = time.perf_counter()
    with pytest.raises(NixfetchError, match="this key is there twice"):
        parse_json(text)
    assert time.perf_counter() - started < 10
