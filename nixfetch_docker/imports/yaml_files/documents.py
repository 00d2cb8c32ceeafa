"""The documents of a YAML text, where PyYAML is installed."""

from __future__ import annotations

from typing import Any

from ...base.redact import quote
from ..found.image import NotImportable

RESOLVE = "pass the output of `docker compose config --format json` with --compose-json"


def documents(text: str) -> list[Any]:
    """The values of all documents, as a parser of JSON would return them.

    Raises `NixfetchError` with a line, and without PyYAML.
    """
    try:
        import yaml

        from .bounded import InvalidYaml, load_all
    except ImportError:
        raise NotImportable(
            "reading YAML needs PyYAML, which is not installed", hint=RESOLVE
        ) from None
    try:
        return load_all(text)
    except InvalidYaml as error:
        error.hint = error.hint or RESOLVE
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        place = f"line {mark.line + 1}" if mark is not None else "the document"
        hint = RESOLVE if isinstance(error, yaml.constructor.ConstructorError) else ""
        if "{{" in text:
            hint = "import what `helm template` prints"
        raise InvalidYaml(f"this is not YAML ({quote(problem)})", hint=hint).at(place) from None
