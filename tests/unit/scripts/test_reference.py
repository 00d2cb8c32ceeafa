"""The pages in docs/reference/ are what scripts/reference makes of the sources.

Those that need Nix are in tests/end_to_end/test_reference.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from reference import command_line, json_documents, lock, manual, markdown, nix, pages, python_api

import nixfetch_docker
from nixfetch_docker.cli import completion
from nixfetch_docker.cli.command_parser import command_parser
from nixfetch_docker.cli.commands import COMMANDS, GROUPS, listed
from nixfetch_docker.lockfile.lock import Lock

_AGAIN = "run `make reference`"


@pytest.mark.parametrize(("name", "make"), pages.WITHOUT_NIX.items(), ids=pages.WITHOUT_NIX)
def test_a_page_is_what_the_sources_make_of_it(name: str, make: Callable[[], str]) -> None:
    assert (pages.DIRECTORY / name).read_text(encoding="utf-8") == make(), _AGAIN


def test_every_page_is_in_the_index() -> None:
    text = (pages.DIRECTORY / "index.md").read_text(encoding="utf-8")
    there = {path.name for path in pages.DIRECTORY.glob("*.md")} - {"index.md"}
    assert there <= set(re.findall(r"\(([a-z-]+\.md)\)", text))
    assert set(pages.ALL) <= there


def test_every_command_has_a_section() -> None:
    assert re.findall(r"^### (.*)$", command_line.page(), re.MULTILINE) == [
        name for group in GROUPS for name in listed() if COMMANDS[name].group == group
    ]


def test_the_documents_are_those_that_commands_print() -> None:
    with_json = {name for name in listed() if "--json" in _options(name)}
    told = {words.split()[0] for found in json_documents.SCHEMAS.values() for words in found}
    # The page says that these have no schema.
    assert with_json - {"inspect", "tags"} == told


def _options(name: str) -> set[str]:
    parser = command_parser(name)
    return {option for one in completion.arguments(parser) for option in one.option_strings}


def test_every_public_name_has_a_section() -> None:
    found = set(re.findall(r"^##+ (\w+)$", python_api.page(), re.MULTILINE))
    assert found == {"Functions", *nixfetch_docker.__all__} - {"__version__"}


def test_the_keys_of_the_lock_are_those_that_it_has() -> None:
    example = lock.example()
    assert Lock.parse(example.to_toml()) == example
    written = set(re.findall(r"([a-z][a-z0-9-]+) = ", example.to_toml()))
    written -= {"version", "image"}  # `image` is a key of images.toml.
    # Those of a table in `signed-by`, whose row names them.
    assert {"`key`", "`fingerprint`", "`digest`"} <= set(
        re.findall("`[a-z]+`", lock.IMAGE["signed-by"])
    )
    written -= {"key", "fingerprint"}
    described = {*lock.IMAGE, *lock.PLATFORM, *lock.BLOB}
    assert written | {"platforms"} == described


@pytest.mark.parametrize("name", nix.FUNCTIONS)
def test_every_argument_of_a_function_has_a_meaning(name: str) -> None:
    text = (pages.REPOSITORY / "nix" / nix.FUNCTIONS[name]).read_text(encoding="utf-8")
    found = list(nix.arguments(text))
    assert found
    assert [one.name for one in found if not one.meaning] == []


@pytest.mark.parametrize("make", [manual.environment, manual.exit_status])
def test_the_sections_of_the_manual_page_are_not_empty(make: Callable[[], str]) -> None:
    rows = re.findall(r"^\| (.*?) \| (.*) \|$", make(), re.MULTILINE)
    assert len(rows) > 4
    # Nothing is left of scdoc's own marks.
    assert [row for row in rows if re.search(r"\\_|\*", " ".join(row))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a | b", "a \\| b", id="the end of a cell"),
        pytest.param("a\nb", "a b", id="two lines"),
        pytest.param("`a|b`", "`a\\|b`", id="in a code span"),
    ],
)
def test_a_cell_is_one_line_and_one_cell(text: str, expected: str) -> None:
    assert markdown.cell(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a * b", "a \\* b", id="an asterisk"),
        pytest.param("`a * b` < c", "`a * b` \\< c", id="a code span stays"),
        pytest.param("a_b", "a_b", id="within a word"),
        pytest.param("[registries]", "\\[registries\\]", id="brackets"),
    ],
)
def test_text_means_only_itself(text: str, expected: str) -> None:
    assert markdown.escaped(text) == expected
