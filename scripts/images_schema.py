"""The reference of images.toml, made of the shapes with which the program itself finds its faults.

    scripts/images_schema.py [--check]

It writes docs/reference/images.schema.json, a JSON schema for editors, and the tables of keys in
docs/reference/images-toml.md. With --check it writes nothing, and exits with 1 where a file is not
what it would write. tests/unit/scripts/test_images_schema.py holds that the schema and the parser
agree, and has a list of the rules that JSON Schema cannot say.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from nixfetch_docker.base.schema import Flag, Group, Items, Named, Shape, Text, Texts
from nixfetch_docker.endpoints.settings import parse_host, parse_mirror
from nixfetch_docker.lockfile.image_name import parse_image_name
from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.images_schema import DOCUMENT, SIGNER
from nixfetch_docker.lockfile.place import parse_place
from nixfetch_docker.lockfile.schema_line import SCHEMA_URL
from nixfetch_docker.lockfile.signed_by import parse_key_file, parse_name, read_item, read_registry
from nixfetch_docker.oci import platform_names
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.versions.constraint import PRE_RELEASES, Constraint
from nixfetch_docker.versions.minimum_age import MinimumAge
from nixfetch_docker.versions.tag_pattern import TagPattern

Schema: TypeAlias = dict[str, Any]

REFERENCE = Path(__file__).parents[1] / "docs/reference"
SCHEMA = REFERENCE / "images.schema.json"
PAGE = REFERENCE / "images-toml.md"

# The expressions keep to what ECMAScript, Rust's fancy-regex and Python read alike.
# Nix has no NUL in a string.
_TEXT = r"[^\u0000]*"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[A-Fa-f0-9:]+\])(?::0*[1-9][0-9]*)?"
_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = f"{_COMPONENT}(?:/{_COMPONENT})*"
# A first part with a dot or a colon is a registry.
_NAME = rf"(?:{_HOST}/|(?![^/]*[.:][^/]*/)){_REPOSITORY}"
_TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = "(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})"
_FILE = (
    r"(?:oci|docker-archive):(?:/|\.{1,2}/)[^:\u0000-\u001f\u007f-\u009f]+"
    r"(?::[^\s@\u0000-\u001f\u007f-\u009f]+(?:@sha256:[0-9a-f]+)?)?"
)
# The first part of a name is a registry where it looks like one, and a part of the repository else.
_REGISTRY = rf"(?=localhost(?:[:/]|$)|[^/]*[.:A-Z])(?!index\.docker\.io(?:/|$)){_HOST}"
# A URL, also one without its scheme and with a login.
_URL = r"[A-Za-z][A-Za-z0-9+.-]{0,15}:/|(?://)?[^/@:]{1,256}:[^@]{0,256}@"

_NUMBERS = r"v?[0-9]{1,9}(?:\.[0-9]{1,9})*(?:\.[xX*])*"
_TERM = (
    rf"(?:(?:(?:\^|~|[<>](?:\s*=)?|!=|=)\s*)?{_NUMBERS}|[xX*](?:\.[xX*])*)"
    r"(?:-[A-Za-z][A-Za-z0-9_.-]*)?"
)
_TERMS = rf"{_TERM}(?:(?:\s*,\s*|\s+){_TERM})*"
_CONSTRAINT = rf"^\s*{_TERMS}\s*(?:\|\|\s*{_TERMS}\s*)*$"
_PRE = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in name) for name in PRE_RELEASES)

_FIELD = "[a-z0-9_.-]+"
_CPUS = "|".join(sorted({*platform_names.CPUS, *platform_names.SPELLINGS}))
_OTHER_CPUS = "|".join(sorted(platform_names.SPELLINGS))
# Those that editors propose; any other may be written.
PLATFORMS = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/386",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
]
_PLATFORM: Schema = {
    "anyOf": [
        {"enum": PLATFORMS},
        {
            "allOf": [
                {"pattern": f"^{_FIELD}/{_FIELD}(?:/{_FIELD})?$"},
                {"not": {"pattern": rf"^(?:macos|{_CPUS})/|^[^/]+/(?:{_OTHER_CPUS})(?:/|$)"}},
                {"not": {"pattern": "^[^/]+/(?:386/|arm(?:64)?/[0-9])"}},
            ]
        },
    ]
}

# Of a file that may have a login in front of it, or a scheme, as a URL has.
_PATH: Schema = {"minLength": 1, "not": {"pattern": f"^(?:{_URL})"}}

# What each parser of a text takes.
FORMS: Mapping[object, Schema] = {
    str: {"pattern": rf"^{_TEXT}$"},
    parse_image_name: {"pattern": "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$", "maxLength": 128},
    parse_host: {"pattern": f"^{_REGISTRY}$"},
    parse_place: {
        "pattern": rf"^(?![0-9a-f]{{64}}$)(?:{_NAME}(?::{_TAG})?(?:@{_DIGEST})?|{_FILE})$"
    },
    parse_mirror: {"pattern": f"^https?://{_REGISTRY}(?:/{_REPOSITORY})?/*$"},
    Platform.parse_exact: _PLATFORM,
    Constraint.parse: {"pattern": _CONSTRAINT, "maxLength": 500},
    TagPattern.parse: {"pattern": rf"^{_TEXT}\(\?P<version>{_TEXT}$", "maxLength": 500},
    MinimumAge.parse: {"pattern": "^[1-9][0-9]{0,3} (?:minute|hour|day|week)s?$"},
    parse_key_file: {"pattern": rf"^{_TEXT}$", **_PATH},
    parse_name: {"pattern": rf"^{_TEXT}$", "minLength": 1},
}

# The keys of texts and arrays that no parser of one text knows all of, by the key.
KEYS: Mapping[str, Schema] = {
    "platforms": {"minItems": 1, "uniqueItems": True},
    "signed-by": {"uniqueItems": True},
    "signed-by-all": {"minItems": 1, "uniqueItems": True},
    "suffix": {"pattern": "^[A-Za-z0-9_.-]{0,128}$"},
    "ca-file": _PATH,
    "client-certificate": _PATH,
    "client-key": _PATH,
}


def _dependent(key: str, schema: Schema) -> Schema:
    return {"if": {"required": [key]}, "then": schema}


_ANY_OR_ALL: Schema = {"not": {"required": ["signed-by", "signed-by-all"]}}
_IDENTITY = ("identity", "issuer", "trusted-root")

# What the reader of a table asks of several of its keys.
RULES: Mapping[object, Schema] = {
    bool: {},
    Request.default_platforms: {},
    Request.from_table: {
        "required": ["image"],
        "allOf": [
            {
                "if": {"anyOf": [{"required": ["version"]}, {"required": ["tag-pattern"]}]},
                # The tag is chosen, so the image names none, nor a digest.
                "then": {"properties": {"image": {"pattern": f"^{_NAME}$"}}},
            },
            *(
                _dependent(
                    key, {"anyOf": [{"required": ["version"]}, {"required": ["tag-pattern"]}]}
                )
                for key in ("ignore", "minimum-age")
            ),
            _ANY_OR_ALL,
            {
                "if": {"anyOf": [{"required": ["signed-by"]}, {"required": ["signed-by-all"]}]},
                # An image in a file has no signatures.
                "then": {"properties": {"image": {"not": {"pattern": f"^{_FILE}$"}}}},
            },
            _dependent(
                "suffix",
                {
                    "required": ["version"],
                    "properties": {
                        "version": {"not": {"pattern": f"-(?!(?:{_PRE})(?![A-Za-z_]))[A-Za-z]"}}
                    },
                },
            ),
        ],
    },
    read_item: {
        "oneOf": [
            {"required": ["key"], "not": {"anyOf": [{"required": [key]} for key in _IDENTITY]}},
            {
                "required": ["identity", "issuer"],
                "not": {"anyOf": [{"required": ["key"]}, {"required": ["annotations"]}]},
            },
        ]
    },
    read_registry: {
        "allOf": [
            _ANY_OR_ALL,
            _dependent("client-certificate", {"required": ["client-key"]}),
            _dependent("client-key", {"required": ["client-certificate"]}),
            {
                "if": {"required": ["plain-http"], "properties": {"plain-http": {"const": True}}},
                "then": {
                    "not": {
                        "anyOf": [{"required": ["ca-file"]}, {"required": ["client-certificate"]}]
                    }
                },
            },
        ],
    },
}


def document() -> Schema:
    """The schema of an images.toml.

    It is of draft 7, which the editors' extensions for TOML read.
    """
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_URL,
        "title": "images.toml",
        **_of(DOCUMENT),
    }


def _of(shape: Shape, key: str = "") -> Schema:
    """The schema of a shape that stands at `key`; raises `KeyError` for a parser without a form."""
    about = {"description": shape.about} if shape.about else {}
    match shape:
        case Text():
            form = {**FORMS[shape.parser], **KEYS.get(key, {})}
            return {**about, "type": "string", **form, "examples": [shape.example]}
        case Texts():
            form = {"items": {"type": "string", **FORMS[shape.parser]}, **KEYS.get(key, {})}
            return {**about, "type": "array", **form, "examples": [[shape.example]]}
        case Items():
            text: Schema = {"type": "string", **FORMS[shape.text.parser]}
            items = {"anyOf": [text, _of(shape.table)]}
            more = {**KEYS.get(key, {}), "examples": [[shape.text.example]]}
            return {**about, "type": "array", "items": items, **more}
        case Flag():
            return {**about, "type": "boolean"}
        case Group():
            return {
                **about,
                "type": "object",
                "additionalProperties": False,
                "properties": {name: _of(one, name) for name, one in shape.keys.items()},
                **RULES[shape.reader],
            }
        case Named():
            return {
                **about,
                "type": "object",
                "propertyNames": FORMS[shape.parser],
                "additionalProperties": _of(shape.shape),
            }
    raise TypeError(shape)


def schema_text() -> str:
    """The text of images.schema.json."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def tables() -> Iterator[tuple[str, str]]:
    """The name of each table of the page, with its text in Markdown."""
    for place, shape in (*_groups(DOCUMENT, ""), ("signers", SIGNER)):
        rows = [
            f"| `{name}` | {_kind(one)} | {_cell(one.about)} |" for name, one in shape.keys.items()
        ]
        yield place, "\n".join(["| key | is | means |", "| --- | --- | --- |", *rows])


def _groups(shape: Group, place: str) -> Iterator[tuple[str, Group]]:
    for name, one in shape.keys.items():
        below = f"{place}.{name}" if place else name
        if isinstance(one, Named) and isinstance(one.shape, Group):
            named = "NAME" if one.parser is parse_image_name else '"HOST"'
            yield f"{below}.{named}", one.shape
        elif isinstance(one, Group):
            yield below, one


def _kind(shape: Shape) -> str:
    match shape:
        case Flag():
            return "`true` or `false`"
        case Named():
            return "a table of strings"
        case Items():
            return f"an array of strings and tables, such as `{_cell(shape.example_text)}`"
        case Texts():
            return f"an array of strings, such as `{_cell(shape.example_text)}`"
        case Text():
            return f"a string, such as `{_cell(shape.example_text)}`"
    raise TypeError(shape)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page_text(page: str) -> str:
    """The text of images-toml.md with its tables as they are now; raises `KeyError` for others."""
    new = dict(tables())
    return re.sub(
        r"(?<=<!-- keys of )([^\n]+?) -->\n.*?(?=<!-- end of keys -->)",
        lambda found: f"{found[1]} -->\n\n{new[found[1]]}\n\n",
        page,
        flags=re.DOTALL,
    )


def main(words: Sequence[str] | None = None) -> int:
    """Write both files, or compare them; the exit status."""
    parser = argparse.ArgumentParser(description="Write the reference of images.toml.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if old")
    arguments = parser.parse_args(words)
    texts = {SCHEMA: schema_text(), PAGE: page_text(PAGE.read_text(encoding="utf-8"))}
    old = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in old:
        print(f"{path}: {'is not what this script writes' if arguments.check else 'written'}")
        if not arguments.check:
            path.write_text(texts[path], encoding="utf-8")
    return 1 if arguments.check and old else 0


if __name__ == "__main__":
    raise SystemExit(main())
