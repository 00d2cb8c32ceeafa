"""Targets of the room imports/: Nix files, compose files, output of nix-prefetch-docker."""

from __future__ import annotations

from pathlib import Path

from fuzz.text import said
from fuzz.trial import fault_of

from nixfetch_docker.imports.compose.env_file import parse_env_file
from nixfetch_docker.imports.compose.interpolation import interpolate
from nixfetch_docker.imports.compose.surroundings import Surroundings
from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.images_toml import to_toml
from nixfetch_docker.imports.nix_language.lexer import Token, tokens_of
from nixfetch_docker.imports.nix_language.parser import parse
from nixfetch_docker.imports.projects import Text, find_in_texts
from nixfetch_docker.lockfile.images import Images

_BESIDE = {
    ".env": "TAG=1\nEMPTY=\n",
    "other.yml": "services: {web: {image: 'web:$TAG'}, own: {build: .}}",
}


def _read(path: Path) -> str:
    if path.name not in _BESIDE:
        raise FileNotFoundError
    return _BESIDE[path.name]


def _imported(text: str, suffix: str, *, is_compose_json: bool = False) -> None:
    """Every image that is found can be written to an images.toml that is read again."""
    found = find_images(text, place="x", suffix=suffix, is_compose_json=is_compose_json)
    for problem in found.problems:
        assert fault_of(problem) is None, str(problem)[:500]
    toml = to_toml(found.images, lambda _name: None)
    images = Images.parse(toml)
    wanted = {image.reference for image in found.images}
    assert {request.reference for request in images.requests.values()} == wanted


def nix(data: bytes) -> None:
    """A Nix file has images, or problems; its tokens are in the order of its lines."""
    text = data.decode(errors="replace")
    tokens: list[Token] | None = said(list, tokens_of(text))
    if tokens is not None:
        lines = [token.line for token in tokens]
        assert lines == sorted(lines)
        assert not lines or lines[-1] <= text.count("\n") + 1
        said(parse, text)
    _imported(text, ".nix")


def compose(data: bytes) -> None:
    """A compose file, in YAML or as JSON, has images, or problems."""
    text = data.decode(errors="replace")
    _imported(text, ".yaml")
    _imported(text, "", is_compose_json=True)
    files = [Text(text=text, place=name, path=Path(name)) for name in ("a.yml", "b.yml")]
    together = find_in_texts(files, Surroundings(read=_read))
    for problem in together.problems:
        assert fault_of(problem) is None, str(problem)[:500]


def env_file(data: bytes) -> None:
    """A `.env` file has variables, and what interpolates them has a text."""
    text = data.decode(errors="replace")
    values: dict[str, str] | None = said(dict, parse_env_file(text, {"A": "a"}.get))
    for value in (values or {}).values():
        assert "\0" not in value or "\0" in text
    said(str, interpolate(text, (values or {}).get).text)


def prefetched(data: bytes) -> None:
    """Output of nix-prefetch-docker has images, or problems; so has a file of an unknown kind."""
    text = data.decode(errors="replace")
    _imported(text, ".json")
    _imported(text, "")


TARGETS = {"nix": nix, "compose": compose, "env-file": env_file, "prefetched": prefetched}
