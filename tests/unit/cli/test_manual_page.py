"""The manual page names every command and option, each where it belongs, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import locked_image, request

import nixfetch_docker
from nixfetch_docker.cli import completion
from nixfetch_docker.lockfile.images_schema import IMAGE, REGISTRY
from nixfetch_docker.lockfile.lock import Lock

PAGE = (Path(__file__).parents[3] / "docs/nixfetch-docker.1.scd").read_text(encoding="utf-8")
COMMANDS = completion.commands(completion.parser())


def section(name: str) -> str:
    """The text of a section, up to the next one."""
    found = re.search(rf"^# {name}\n(.*?)(?=^# |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {name}"
    return found[1]


def described_options(command: str) -> set[tuple[str, ...]]:
    """The options of the groups whose heading names the command, or every command."""
    options = set()
    for group in section("OPTIONS").split("\n## Options of ")[1:]:
        heading, _, text = group.partition("\n")
        if command in re.split(r", | and ", heading) or heading == "every command":
            for line in re.findall(r"^\*-.*$", text, re.MULTILINE):
                options.add(tuple(re.findall(r"\*(-[^*]+)\*", line)))
    return options


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_options(name: str) -> None:
    expected = {
        tuple(sorted(argument.option_strings, key=len, reverse=True))
        for argument in completion.arguments(COMMANDS[name])
        if argument.option_strings
    }
    assert described_options(name) == expected


def test_the_commands_are_those_of_the_parser_in_its_order() -> None:
    assert re.findall(r"^\*([a-z-]+)\*", section("COMMANDS"), re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_operands(name: str) -> None:
    (operands,) = re.findall(rf"^\*{name}\*(.*)$", section("COMMANDS"), re.MULTILINE)
    expected = [
        str(argument.metavar)
        for argument in completion.arguments(COMMANDS[name])
        if not argument.option_strings
    ]
    assert re.findall(r"_([^_]+)_", operands) == expected


def test_the_sections_are_those_of_man_pages_7() -> None:
    assert re.findall(r"^# (.*)$", PAGE, re.MULTILINE) == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "OPTIONS",
        "FORMAT OF images.toml",
        "FORMAT OF images.lock.toml",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "EXAMPLES",
        "SEE ALSO",
    ]


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("[defaults]", ["platforms"]),
        ("[images.NAME]", list(IMAGE.keys)),
        ('[registries."HOST"]', list(REGISTRY.keys)),
    ],
)
def test_the_keys_of_images_toml_are_those_of_the_parser(heading: str, keys: list[str]) -> None:
    _, _, after = section("FORMAT OF images.toml").partition(f"## {heading}\n")
    described = re.findall(r"^\*.*$", after.partition("\n## ")[0], re.MULTILINE)
    assert sorted(re.findall(r"\*([a-z-]+)\*", " ".join(described))) == sorted(keys)


def test_the_keys_of_the_lock_are_those_that_it_has() -> None:
    text = section("FORMAT OF images.lock.toml")
    image = locked_image(request("redis:7"))
    written = set(re.findall(r"\b([a-z][a-z0-9-]+) = ", Lock(images={"redis": image}).to_toml()))
    written -= {"image", "media-type"}  # The first is a key of images.toml.
    assert {"manifest", "layers", "sha256"} <= written
    assert written <= set(re.findall(r"\*([a-z0-9]+)\*", text))


def test_the_environment_is_what_the_code_reads() -> None:
    page = set(re.findall(r"_((?:[A-Za-z]|\\_)+)_(?=,|$)", section("ENVIRONMENT"), re.MULTILINE))
    assert {name.replace("\\_", "_") for name in page} == set(variables())


def variables() -> Iterator[str]:
    """The names that the package looks up in an environment, and those that libraries read."""
    for path in Path(nixfetch_docker.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named = dict(re.findall(r'^(\w*VARIABLE) = "(\w+)"$', text, re.MULTILINE))
        yield from named.values()
        yield from re.findall(r'environ(?:ment)?(?:\.get\(|\[)"(\w+)"', text)
        yield from re.findall(r'"(\w+)" not in environment', text)
        for names in re.findall(r"map\(os\.environ\.get, \((.*?)\)\)", text):
            yield from re.findall(r'"(\w+)"', names)
        if "self._environment.get(name)" in text:
            yield from re.findall(r'"(\w*SSL_CERT_FILE)"', text)
    proxies = [f"{name}_proxy" for name in ("http", "https", "all")]
    yield from (name for one in proxies for name in (one, one.upper()))
    # Of `tempfile` and of `shutil.get_terminal_size`.
    yield from ("TMPDIR", "COLUMNS")
