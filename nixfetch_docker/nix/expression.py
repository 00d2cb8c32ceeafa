"""Text in the language of Nix: strings, and the expression that fetches an image.

https://nix.dev/manual/nix/stable/language/string-literals
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..endpoints.settings import RegistrySettings
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.image import Image
from ..oci.reference import Reference

_ESCAPES = {"\\": "\\\\", '"': '\\"', "${": "\\${", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile("|".join(map(re.escape, _ESCAPES)))
_INDENT = "  "
# What may not stand in a repository's name, and what of the rest may not stand side by side.
_SEPARATORS = re.compile(r"[^a-z0-9/]+")


class InvalidName(NixfetchError):
    """A text that no image's name can be made of."""


def string(text: str) -> str:
    """`text` as a string that Nix reads back as it is."""
    return f'"{_ESCAPED.sub(lambda match: _ESCAPES[match[0]], text)}"'


def image_expression(
    image: Image, name: str | None = None, *, settings: RegistrySettings | None = None
) -> str:
    """A file that is a function of fetchDocker, for callPackage.

    `name` is what to load the image under, with or without a tag; what cannot stand in a name
    is replaced. `settings` tell how the build reaches the registry; the path of a CA file in them
    starts where the expression is, and a client's key, which everybody could read in the store, is
    left out. Raises `InvalidName`.
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


def _registry(host: str, settings: RegistrySettings) -> list[str]:
    lines = []
    if settings.plain_http is not None:
        lines.append(f"plain-http = {'true' if settings.plain_http else 'false'};")
    if settings.mirrors:
        lines += ["mirrors = [", *_indented(map(string, settings.mirrors)), "];"]
    if settings.ca_file is not None:
        # Under a name of its own: not every file's is one that the store takes.
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
    """A name that engines take, and its tag: the text itself where they take that."""
    try:
        asked = Reference.parse(text)
        if asked.digest is None:
            tag = asked.tag
            return text.removesuffix(f":{tag}") if tag is not None else text, tag
    except NixfetchError:
        pass
    parts = (_SEPARATORS.sub("-", part).strip("-") for part in text.lower().split("/"))
    name = "/".join(filter(None, parts))
    try:
        Reference.parse(name)
    except NixfetchError:
        raise InvalidName(
            f"no image can be named {text!r}", hint="use letters and digits, as in localhost/redis"
        ).at("--name") from None
    return name, None
