"""The preset for Renovate finds in images.toml what has a tag to follow, and nothing else.

Renovate itself is not run here; docs/how-to/renovate.md says which was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nixfetch_docker.cli.parser import parse
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.oci.reference import Reference

PRESET = json.loads((Path(__file__).parents[2] / "docs/renovate.json").read_text(encoding="utf-8"))
SHA = "sha256:" + "5d" * 32

# Images in all the ways that TOML knows, of which Renovate leaves some alone.
WRITTEN = {
    "a tag": '[images.a]\nimage = "redis:7.4-alpine"\n',
    "single quotes": "[images.a]\nimage = 'redis:7.4'\n",
    "a tag and a digest": f'[images.a]\nimage = "ghcr.io/acme/web:2.0@{SHA}"\n',
    "a port": '[images.a]\nimage = "registry.lab:5000/team/app:1.2"\n',
    "a port and a digest": f"[images.a]\nimage = 'localhost:5000/app:1.2@{SHA}'\n",
    "an address": '[images.a]\nimage = "127.0.0.1:5000/app:1.2"\n',
    "names with numbers": '[images.a]\nimage = "acme/php8:8"\n',
    "a name like a transport": '[images.a]\nimage = "oci:1"\n',
    "comments": (
        '# [images.x]\n# image = "x:1"\n[images.a] # of "us"\n'
        '  # image = "old:1"\n  image = "new:2" # image = "newer:3"\n'
    ),
    "spaces": '[ images . "a.b" ]\n\n\t"image"\t=\t"redis:7"\n',
    "no spaces": '[images."a+b"]\nimage="redis:7"\n["images".c]\nimage=\'web:1\'\n',
    "other keys": (
        '[defaults]\nplatforms = [\n  "linux/amd64",\n]\n\n[images.a]\nplatforms = [\n'
        '  "linux/arm/v7", # [small]\n\n  "linux/amd64",\n]\nimage = "redis:7"\n\n'
        '[images.b]\nimage = "web:1"\n\n\n[registries."docker.io"]\nmirrors = ["https://a.test"]\n'
    ),
    "tables without a line between": '[images.a]\nimage = "a:1"\n[images.b]\nimage = "b:2"\n',
    "the same image twice": '[images.a]\nimage = "web:1"\n[images.b]\nimage = "web:1"\n',
    "inline tables": (
        '[images]\na = { image = "redis:7" }\n"b.c" = {image=\'web:1\',platforms=["linux/amd64"]}\n'
        '# c = { image = "old:1" }\nd = { platforms = ["linux/amd64"], image = "d:1" } # { x }\n'
    ),
    "inline in inline": (
        'images = { a = { image = "a:1" }, b = { image = "b:2", frozen = true } }\n'
    ),
    "a version": '[images.a]\nimage = "redis"\nversion = "^7"\n[images.b]\nimage = "web:1"\n',
    "a version, inline": '[images]\na = { image = "redis", version = "^7" }\n',
    "a pattern": "[images.a]\nimage = \"redis\"\ntag-pattern = '^(?P<version>[0-9]{1,2}):x$'\n",
    "no tag": '[images.a]\nimage = "redis"\n[images.b]\nimage = "localhost:5000/web"\n',
    "a digest alone": f'[images.a]\nimage = "ghcr.io/acme/web@{SHA}"\n',
    "files": (
        '[images.a]\nimage = "oci:./web.tar:1.0"\n[images.b]\nimage = "oci:../web"\n'
        '[images.c]\nimage = "docker-archive:/srv/old.tar:web:1.0"\n'
    ),
    "frozen before": '[images.a]\nfrozen = true\nimage = "a:1"\n[images.b]\nimage = "b:2"\n',
    "frozen behind": (
        '[images.a]\nimage = "a:1"\n\n# why\nfrozen = true # until May\nplatforms = []\n'
        '[images.b]\nimage = "b:2"\n[images.c]\nimage = "c:3"\n"frozen"=true\n'
    ).replace("platforms = []\n", ""),
    "not frozen": (
        '[images.a]\nimage = "acme/frozen:1"\nfrozen = false\n[images.b]\n# frozen = true\n'
        'image = "b:2"\n[images.frozen]\nimage = "c:3"\n'
    ),
    "frozen, inline": '[images]\na = { frozen = true, image = "a:1" }\nb = { image = "b:2" }\n',
}
# Renovate passes these by: what they mean is in several lines, or not as it is written.
PASSED_BY = {
    "dotted keys": '[images]\na.image = "redis:7"\n',
    "dotted keys at the top": 'images.a.image = "redis:7"\n',
    "escapes": '[images.a]\nimage = "redi\\u0073:7"\n',
    "several lines": '[images.a]\nimage = """redis:7"""\n',
}


def _matches(patterns: list[str], text: str, groups: dict[str, str]) -> Iterator[dict[str, str]]:
    """The groups of the innermost patterns, each tried on what the one before it matched.

    So Renovate does for "recursive"; `whole` is what it would replace.
    """
    if not patterns:
        yield {**groups, "whole": text}
        return
    # JavaScript writes (?<name>…), and its \w knows ASCII alone.
    pattern = re.compile(patterns[0].replace("(?<", "(?P<"), re.ASCII)
    for match in pattern.finditer(text):
        named = {name: value for name, value in match.groupdict().items() if value is not None}
        yield from _matches(patterns[1:], match[0], groups | named)


def _found(text: str) -> list[dict[str, str]]:
    return [
        match
        for manager in PRESET["customManagers"]
        for match in _matches(manager["matchStrings"], text, {})
    ]


def _in_renovate(reference: Reference, image: str) -> dict[str, str]:
    """What Renovate should know of an image: its own words for the parts, as they are written."""
    name, _, digest = image.partition("@")
    parts = {
        "whole": image,
        "depName": name.removesuffix(f":{reference.tag}"),
        "currentValue": reference.tag or "",
        "currentDigest": digest,
    }
    return {key: value for key, value in parts.items() if value}


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in WRITTEN.items()])
def test_an_image_with_a_tag_is_found_and_no_other(text: str, ending: str) -> None:
    expected = [
        _in_renovate(request.reference, request.image)
        | ({"depType": "frozen"} if request.frozen else {})
        for request in Images.parse(text).requests.values()
        if isinstance(request.reference, Reference) and request.reference.tag
    ]
    assert _found(text.replace("\n", ending)) == expected


@pytest.mark.parametrize("text", PASSED_BY.values(), ids=PASSED_BY)
def test_an_image_in_a_rare_form_is_passed_by(text: str) -> None:
    assert [request.frozen for request in Images.parse(text).requests.values()] == [None]
    assert _found(text) == []


def test_a_commented_inline_table_is_no_image() -> None:
    assert _found('# a = { image = "redis:7" }\n') == []


@pytest.mark.parametrize(
    "pattern", [one for manager in PRESET["customManagers"] for one in manager["matchStrings"]]
)
def test_an_expression_is_one_of_re2(pattern: str) -> None:
    # RE2, by which Renovate searches, has no lookaround, no backreference, no possessive or atomic
    # part: https://github.com/google/re2/wiki/Syntax.
    assert not re.search(r"\(\?[^:<]|\(\?<[=!]|\\[1-9]|[*+?}]\+|\(\?P", pattern)
    re.compile(pattern.replace("(?<", "(?P<"))


def test_frozen_images_are_left_alone() -> None:
    rules = [rule for rule in PRESET["packageRules"] if rule.get("enabled") is False]
    assert [rule["matchDepTypes"] for rule in rules] == [["frozen"]]


def test_the_lock_is_written_by_a_command_that_there_is() -> None:
    tasks = [rule["postUpgradeTasks"] for rule in PRESET["packageRules"] if len(rule) == 4]
    assert len(tasks) == 1
    (command,) = tasks[0]["commands"]
    program, *arguments = command.replace("{{{packageFile}}}", "hosts/a/images.toml").split()
    assert program == "nixfetch-docker"
    arguments = parse(arguments)
    assert arguments.command == "lock"
    assert str(arguments.file) == "hosts/a/images.toml"


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("images.toml", True),
        ("hosts/a/images.toml", True),
        ("images.lock.toml", False),
        ("my-images.toml", False),
        ("images.toml.orig", False),
    ],
)
def test_only_images_toml_is_read(path: str, is_read: bool) -> None:
    for manager in PRESET["customManagers"]:
        (pattern,) = manager["managerFilePatterns"]
        assert (re.search(pattern.strip("/"), path) is not None) == is_read
