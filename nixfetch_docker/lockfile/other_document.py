"""Documents of other kinds, such as a compose file, in the place of images.toml."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..base.regex import regex
from ..base.table import InvalidField
from ..errors import NixfetchError

# Images and headers stand in the first lines of what people write.
_LONGEST = 20_000
_TOML_HEADER = regex(r"^[ \t]*\[[ \t]*\"?(?:images|registries|defaults)\b", re.MULTILINE)


class _Kind(NamedTuple):
    name: str
    pattern: re.Pattern[str]
    hint: str


def _importable(file: str) -> str:
    return f"move it, and run `nixfetch-docker import {file} -o images.toml`"


_TABLES = 'write tables such as [images.redis], and below it image = "redis:7"'
_KINDS = (
    _Kind(
        "a compose file",
        regex(r"^(?:services:(?=[ \t]*(?:#.*)?\r?$)|[ \t{]*\"services\"[ \t]*:)", re.MULTILINE),
        _importable("compose.yml"),
    ),
    _Kind(
        "a manifest of Kubernetes",
        regex(r"^(?:apiVersion:|[ \t{]*\"apiVersion\"[ \t]*:)", re.MULTILINE),
        _TABLES,
    ),
    _Kind(
        "a Dockerfile",
        regex(r"^FROM[ \t]+[^\s=]+[ \t]*(?:[Aa][Ss][ \t]+\S+[ \t]*)?\r?$", re.MULTILINE),
        _TABLES,
    ),
    _Kind(
        "Nix",
        regex(r"\bimageDigest[ \t]*=|\bpullImage\b", re.MULTILINE),
        _importable("images.nix"),
    ),
    _Kind("what nix-prefetch-docker prints", regex(r"\"imageDigest\""), _importable("pin.json")),
)


def other_document(text: str) -> NixfetchError | None:
    """The error for a document of another kind; None for one that may be meant as TOML."""
    text = text[:_LONGEST]
    if _TOML_HEADER.search(text):
        return None
    for kind in _KINDS:
        if kind.pattern.search(text):
            return InvalidField(f"this is {kind.name}, and not an images.toml", hint=kind.hint)
    return None
