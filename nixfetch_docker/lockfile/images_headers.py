"""The header that was meant, where that of a table in images.toml names none that there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..base import toml_writer
from ..base.nearest import nearest
from ..base.regex import regex
from ..base.schema import Fault
from ..base.table import InvalidField
from ..base.toml_places import Places
from ..base.userinfo import has_login
from ..endpoints.settings import parse_host
from .image_name import parse_image_name
from .images_schema import DOCUMENT, IMAGE, REGISTRY

_IMAGES, _REGISTRIES = "images", "registries"
_NAMES = {_IMAGES: "NAME", _REGISTRIES: '"HOST"'}
_KEYS = {_IMAGES: IMAGE.keys, _REGISTRIES: REGISTRY.keys}
_NOT_OF_NAME = regex(r"[^A-Za-z0-9_.+-]+")
_AROUND_HOST = regex(r"https?://|/.*", re.IGNORECASE | re.DOTALL)


def header_meant(fault: Fault, value: Any, places: Places) -> str:
    """The header to write, in brackets, for a fault at a key with this value; "" for none.

    It is in place of `[image.redis]`, `[redis]`, `[registries.docker.io]`, `[[images.redis]]`,
    `[images."my redis"]`, or above keys of an image that stand in `[images]` itself.
    """
    path = [str(part) for part in fault.path]
    header = places.header(fault.path)
    entry = places.entry(fault.path)
    if header and entry is not None:
        return _instead_of(header, path, entry.path, fault, value)
    if len(path) == 1:
        return _of_image(path[0], value) if fault.is_of_key else _of_table(path)
    is_misplaced = len(path) == 2 and path[0] in _NAMES and not isinstance(value, dict)
    return _of_table(path) if is_misplaced and path[1] in _KEYS[path[0]] else ""


def _instead_of(
    header: str, path: Sequence[str], whole: Sequence[str], fault: Fault, value: Any
) -> str:
    """The header in place of the `header` of the table `whole`, for a fault at a part of it."""
    if header.startswith("[["):
        return _written(path) if len(path) > 1 else _of_table(path)
    if not fault.is_of_key:
        return ""
    if len(path) == 1:
        return _of_root(whole, value)
    name = ".".join(whole[1:])
    if path[0] == _REGISTRIES:
        meant = _AROUND_HOST.sub("", name)
    elif len(path) > 2:
        meant = name if isinstance(value, dict) else path[1]
    else:
        meant = _NOT_OF_NAME.sub("-", path[1]).strip("-.+")
    # Without the signs around it, nothing would tell that a part of the name is a password.
    is_shown = meant != path[1] and not any(map(has_login, whole))
    return _checked([path[0], meant]) if is_shown else ""


def is_without_name(header: str) -> bool:
    """Whether a header has "NAME" or "HOST" where a person has to write a name."""
    return header in {_of_table([table]) for table in _NAMES}


def _of_table(path: Sequence[str]) -> str:
    name = _NAMES.get(path[0])
    return f"[{path[0]}.{name}]" if name is not None else f"[{path[0]}]"


def _of_root(path: Sequence[str], value: Any) -> str:
    if any(map(has_login, path)):
        return ""
    keys = set(value) if isinstance(value, dict) else set()
    if "image" in keys:
        return _checked([_IMAGES, ".".join(path)])
    close = nearest(path[0], DOCUMENT.keys)
    if close is not None:
        return _written([close, *path[1:]])
    return _checked([_REGISTRIES, ".".join(path)]) if keys & REGISTRY.keys.keys() else ""


def _of_image(name: str, value: Any) -> str:
    """The header for a key at the root that is an image: `redis = "redis:7"`."""
    if isinstance(value, dict):
        is_image = "image" in value
    else:
        is_image = (
            isinstance(value, str)
            and (":" in value or "/" in value)
            and not any(IMAGE.keys["image"].faults(value, ()))
        )
    return _checked([_IMAGES, name]) if is_image and not has_login(name) else ""


def _checked(path: Sequence[str]) -> str:
    """The header, if the name in it is one."""
    try:
        (parse_image_name if path[0] == _IMAGES else parse_host)(path[1])
    except InvalidField:
        return ""
    return _written(path)


def _written(path: Sequence[str]) -> str:
    return f"[{'.'.join(map(toml_writer.key, path))}]"
