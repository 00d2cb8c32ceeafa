"""Targets of the room imports/: Nix files, compose files, output of nix-prefetch-docker."""

from __future__ import annotations

from fuzz.text import said
from fuzz.trial import fault_of

from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.images_toml import to_toml
from nixfetch_docker.imports.nix_lexer import Token, tokens_of
from nixfetch_docker.imports.nix_parser import parse
from nixfetch_docker.lockfile.images import Images


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


def prefetched(data: bytes) -> None:
    """Output of nix-prefetch-docker has images, or problems; so has a file of an unknown kind."""
    text = data.decode(errors="replace")
    _imported(text, ".json")
    _imported(text, "")


TARGETS = {"nix": nix, "compose": compose, "prefetched": prefetched}
