"""The page of the documents that commands print by `--json`, made of their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import markdown

_DIRECTORY = Path(__file__).parents[2] / "docs/reference"

# By the name of a schema, the commands that print such a document.
SCHEMAS = {
    "update": ["update --json", "lock --json", "diff --json"],
    "show": ["show --json"],
    "why": ["why --json"],
    "verify": ["verify --json"],
    "import": ["import --check --json"],
}

_HEAD = f"""\
# JSON documents
{markdown.NOTE}

`--json` prints one document to stdout. Each of these has a schema, a file that programs can read; those
of `inspect --json` and `tags --json` have none.

"""

Schema = dict[str, Any]


def page() -> str:
    """The text of the page."""
    return "".join([_HEAD, *map(_document, SCHEMAS)]).rstrip() + "\n"


def _document(name: str) -> str:
    file = f"{name}.schema.json"
    schema: Schema = json.loads((_DIRECTORY / file).read_text(encoding="utf-8"))
    commands = ", ".join(map(markdown.code, SCHEMAS[name]))
    parts = [f"## {name}\n\n", f"Of {commands}; its schema is [{file}]({file}). "]
    parts += [f"{markdown.escaped(schema['description'])}\n\n", _table(schema)]
    for part, found in schema.get("$defs", {}).items():
        if "properties" in found:
            parts += [f"### {part}, of {name}\n\n", _table(found)]
    return "".join(parts)


def _table(schema: Schema) -> str:
    rows = list(_rows(schema, ""))
    return markdown.table(["key", "type", "is"], rows) + "\n"


def _rows(schema: Schema, above: str) -> Iterator[tuple[str, str, str]]:
    """A row for each key of an object, and for those of an object in it."""
    required = schema.get("required", [])
    for key, value in schema["properties"].items():
        name = f"{above}{key}"
        text = value.get("description", "")
        if key not in required and "missing" not in text:
            text = f"{text} It may be missing."
        yield markdown.code(name), _type(value), markdown.escaped(text.strip())
        if "properties" in value:
            yield from _rows(value, f"{name}.")
        if "properties" in value.get("items", {}):
            yield from _rows(value["items"], f"{name}[].")


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return markdown.code(json.dumps(schema["const"]))
    if "enum" in schema:
        return " or ".join(markdown.code(json.dumps(value)) for value in schema["enum"])
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(map(_type, schema.get("anyOf") or schema["oneOf"]))
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    inner = schema.get("items") or schema.get("additionalProperties")
    of = f" of {_type(inner)}" if inner else ""
    return " or ".join(one if one == "null" else f"{one}{of}" for one in types)
