"""Text in the Nix language: strings, and the expression that fetches an image.

https://nix.dev/manual/nix/stable/language/string-literals
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..base.regex import regex
from ..endpoints.settings import RegistrySettings
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.image import Image
from ..oci.reference import Reference

_ESCAPES = {"\\": "\\\\", '"': '\\"', "${": "\\${", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# No two "#" together, which begin a command in the logs of many a CI.
_ESCAPED = regex("|".join([*map(re.escape, _ESCAPES), "(?<=#)#"]))
_INDENT = "  "
# The characters that a name cannot have, or that have to stand between others there.
_INVALID = regex(r"[^a-z0-9/]+")


class InvalidName(NixfetchError):
    """A text with no letter or digit, out of which no name of an image can be made."""


def string(text: str) -> str:
    """The string literal whose value in Nix is `text`."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def image_expression(
    image: Image, name: str | None = None, *, settings: RegistrySettings | None = None
) -> str:
    """The text of a file for `callPackage`: a function that calls `fetchDocker` for the image.

    `name` is the name to load the image under, with or without a tag; "-" takes the place of
    characters that a name cannot have. `settings` say how the build reaches the registry. The path
    of their CA file starts from the directory of the expression. A client's key is left out, as
    every user can read it in the store. Raises `InvalidName`.
    """
    reference = image.reference
    manifest, config, *layers = image.blobs
    tag = reference.tag
    lines = [f"repository = {string(str(reference.name))};"]
    if name is not None:
        name, own_tag = _valid_name(name)
        tag = own_tag or tag
        lines.append(f"name = {string(name)};")
    if tag is not None:
        lines.append(f"tag = {string(tag)};")
    media_type = f"media-type = {string(image.manifest.media_type)};"
    lines += _set("manifest = ", [*_blob(manifest), media_type], ";")
    lines += _set("config = ", _blob(config), ";")
    if layers:
        entries = (line for layer in layers for line in _set("", _blob(layer), ""))
        lines += ["layers = [", *_indented(entries), "];"]
    else:
        lines.append("layers = [ ];")
    lines += _registry(reference.registry, settings) if settings is not None else []
    head = [f"# {reference}, written by nixfetch-docker.", "{ fetchDocker }:", ""]
    return "\n".join([*head, *_set("fetchDocker ", lines, ""), ""])


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], f"\\{found[0]}")


def _registry(host: str, settings: RegistrySettings) -> list[str]:
    lines = []
    if settings.plain_http is not None:
        lines.append(f"plain-http = {'true' if settings.plain_http else 'false'};")
    if settings.mirrors:
        lines += ["mirrors = [", *_indented(map(string, settings.mirrors)), "];"]
    if settings.ca_file is not None:
        # The store takes fewer characters in a name than a file may have in its own.
        path = f"path = ./. + {string(f'/{settings.ca_file}')};"
        lines += _set("ca-file = builtins.path ", ['name = "ca.pem";', path], ";")
    return _set(f"registries.{string(host)} = ", lines, ";") if lines else []


def _blob(blob: Blob) -> list[str]:
    return [f"{blob.digest.algorithm} = {string(blob.digest.hex)};", f"size = {blob.size};"]


def _set(before: str, lines: Iterable[str], after: str) -> list[str]:
    return [f"{before}{{", *_indented(lines), f"}}{after}"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _valid_name(text: str) -> tuple[str, str | None]:
    """A name that container engines take, `text` itself where it is one, and the tag in `text`."""
    try:
        parsed = Reference.parse(text)
        if parsed.digest is None:
            tag = parsed.tag
            return text.removesuffix(f":{tag}") if tag is not None else text, tag
    except NixfetchError:
        pass
    parts = (_INVALID.sub("-", part).strip("-") for part in text.lower().split("/"))
    name = "/".join(filter(None, parts))
    try:
        Reference.parse(name)
    except NixfetchError:
        raise InvalidName(
            f"{text!r} is not a name for an image",
            hint="use letters and digits, as in localhost/redis",
        ).at("--name") from None
    return name, None
