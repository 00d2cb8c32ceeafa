"""The text of an images.toml for images that were found in other files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from itertools import chain, count

from ..base import toml_writer
from ..base.regex import regex
from ..errors import NixfetchError
from ..lockfile.place import short_name
from ..lockfile.schema_line import SCHEMA_LINE
from ..oci.reference import Reference
from .found.image import FoundImage

_INVALID_IN_NAME = regex(r"[^A-Za-z0-9_.+-]+")
_HEADER = f"{SCHEMA_LINE}# Written by `nixfetch-docker import`; `nixfetch-docker lock` locks it.\n"


def to_toml(images: Iterable[FoundImage], check: Callable[[str], None]) -> str:
    """The text of an images.toml with these images, each once, each under a name of its own.

    A reference is written in its short form, unless `check` raises for that: it does where the
    machine's registries.conf gives a short name another meaning.
    """
    entries: dict[str, str] = {}
    plain_http: dict[str, None] = {}
    for image in images:
        if image.plain_http:
            plain_http[image.reference.registry] = None
        lines = [f"image = {toml_writer.string(_text(image.reference, check))}\n"]
        if image.platform is not None:
            lines.append(f"platforms = {toml_writer.strings([str(image.platform)])}\n")
        entry = "".join(lines)
        if entry not in entries.values():
            entries[_free_name(image, entries)] = entry
    return _HEADER + "".join(
        [
            *(f"\n[images.{toml_writer.key(name)}]\n{entry}" for name, entry in entries.items()),
            *(
                f"\n[registries.{toml_writer.key(host)}]\nplain-http = true\n"
                for host in plain_http
            ),
        ]
    )


def _text(reference: Reference, check: Callable[[str], None]) -> str:
    try:
        check(reference.familiar)
    except NixfetchError:
        return str(reference)
    return reference.familiar


def _free_name(image: FoundImage, taken: Container[str]) -> str:
    """The image's name, followed by its tag or else by a number where the name is taken."""
    name = _valid(image.name) or _valid(short_name(image.reference))
    tagged = [f"{name}-{image.reference.tag}"] if image.reference.tag is not None else []
    candidates = chain([name], tagged, (f"{name}-{number}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _valid(name: str) -> str:
    """`name` with every run of characters that images.toml does not allow replaced by "-"."""
    return _INVALID_IN_NAME.sub("-", name).lstrip("-.+").rstrip("-")
