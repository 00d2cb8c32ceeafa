"""The version and what names it; the texts of a release."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nixfetch_docker import __version__
from nixfetch_docker.lockfile import lock

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", CHANGELOG, re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGE = (ROOT / "docs/explanation/compatibility.md").read_text(encoding="utf-8")


def test_the_version_is_the_newest_of_the_changelog() -> None:
    assert HEADINGS[0] == ("Unreleased", "")
    assert HEADINGS[1][0] == __version__


def test_versions_of_the_changelog_have_a_date_and_a_link_and_the_newest_is_first() -> None:
    versions = [tuple(map(int, name.split("."))) for name, _ in HEADINGS[1:]]
    days = [date.fromisoformat(day) for _, day in HEADINGS[1:]]
    assert versions == sorted(versions, reverse=True)
    assert days == sorted(days, reverse=True)
    links = re.findall(r"^\[(.+?)\]: https://github\.com/OWNER/(\S+)$", CHANGELOG, re.MULTILINE)
    assert [name for name, _ in links] == [name for name, _ in HEADINGS]
    assert links[0][1].endswith(f"/compare/v{__version__}...HEAD")


def test_the_file_for_nixpkgs_is_of_this_version() -> None:
    package = (ROOT / "docs/nixpkgs/package.nix").read_text(encoding="utf-8")
    assert re.findall(r'^  version = "(.+)";$', package, re.MULTILINE) == [__version__]


@pytest.mark.parametrize("file", ["CHANGELOG.md", "RELEASING.md"])
def test_a_file_that_a_text_of_a_release_names_is_there(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    named = {*re.findall(r"\]\((?!https:)([^)#]+)", text), *re.findall(r"`(docs/[\w/.-]+)`", text)}
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_target_that_the_page_of_releases_names_is_there() -> None:
    text = (ROOT / "RELEASING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {word for words in re.findall(r"`make ([a-z -]+)", text) for word in words.split()}
    assert len(named) > 5
    assert named - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) == set()


def test_the_urls_of_the_project_are_those_of_the_flake_and_the_package() -> None:
    urls = dict(PROJECT["urls"])
    assert {*urls} == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert f"\nsite_url: {urls['Documentation']}\n" in site
    del urls["Documentation"]
    assert {urlsplit(url).path.split("/")[1] for url in urls.values()} == {"OWNER"}
    assert f'homepage = "{urls["Homepage"]}";' in (ROOT / "nix/package.nix").read_text("utf-8")
    assert urls["Changelog"].endswith("/blob/main/CHANGELOG.md")


def test_the_page_of_what_stays_compatible_names_the_version_of_the_lock() -> None:
    assert f"`version = {lock.VERSION}`" in PAGE
