"""What people had before images.toml, as entries of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Self

from ..base import toml_writer
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.platform import Platform
from ..oci.reference import Reference

_NO_NAME = re.compile(r"[^A-Za-z0-9_.+-]+")
_HEADER = "# Written by `nixfetch-docker import`; `nixfetch-docker lock` locks it.\n"


class NotImportable(NixfetchError):
    """Something that names an image in a way that images.toml has no words for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An image that somebody uses, and the `place` where they say so.

    `name` is what they call it. `config` is the digest of its config, for who has pinned that and
    not the manifest; `plain_http` is for a registry that is spoken to so. `remark` is what the
    person should know of it.
    """

    place: str
    name: str
    reference: Reference
    platform: Platform | None = None
    config: Digest | None = None
    plain_http: bool = False
    remark: str = ""

    def pinned(self, digest: Digest, platform: Platform | None) -> Self:
        """The same with its manifest's digest."""
        reference = replace(self.reference, digest=digest)
        return replace(self, reference=reference, platform=platform, config=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The images in one file, and what is there but cannot be taken over."""

    found: list[Found] = field(default_factory=list)
    problems: list[NixfetchError] = field(default_factory=list)


def to_toml(found: Iterable[Found], written: Callable[[Reference], str]) -> str:
    """The text of an images.toml with these images, each once, each under a name of its own.

    `written` gives a reference as it is to stand there.
    """
    entries: dict[str, str] = {}
    plain: dict[str, None] = {}
    for image in found:
        if image.plain_http:
            plain[image.reference.registry] = None
        lines = [f"image = {toml_writer.string(written(image.reference))}\n"]
        if image.platform is not None:
            lines.append(f"platforms = {toml_writer.strings([str(image.platform)])}\n")
        entry = "".join(lines)
        if entry not in entries.values():
            entries[_free_name(image, entries)] = entry
    return _HEADER + "".join(
        [
            *(f"\n[images.{toml_writer.key(name)}]\n{entry}" for name, entry in entries.items()),
            *(f"\n[registries.{toml_writer.key(host)}]\nplain-http = true\n" for host in plain),
        ]
    )


def parse_pulled(text: str) -> Reference:
    """Read what docker or podman pulls; raises `NotImportable` for what no registry has."""
    reference = Reference.parse(text).tagged
    if reference.registry == "localhost":
        raise NotImportable(
            f"{reference} is podman's name for what was built here",
            hint="push it to a registry, or build it with Nix",
        )
    return reference


def last_part(reference: Reference) -> str:
    """What an image is called for short: "redis" for docker.io/library/redis."""
    return reference.repository.rpartition("/")[2]


def _free_name(image: Found, taken: Container[str]) -> str:
    """The image's name, with its tag where another has it, and with a number where all have."""
    name = _valid(image.name) or _valid(last_part(image.reference))
    tagged = [f"{name}-{image.reference.tag}"] if image.reference.tag is not None else []
    candidates = chain([name], tagged, (f"{name}-{number}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _valid(name: str) -> str:
    """`name` with what cannot stand in the name of an image replaced."""
    return _NO_NAME.sub("-", name).lstrip("-.+").rstrip("-")
