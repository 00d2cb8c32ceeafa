"""Images named in compose files and in nix-prefetch-docker's JSON.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from .errors import NixfetchError
from .import_nix import from_pull_image
from .imports import Findings, Found, NotImportable
from .platform import Platform
from .reference import Reference
from .table import InvalidField, Table


class InvalidText(NixfetchError):
    """A text that is no document of the kind that it should be."""


def find_in_json(text: str) -> Findings:
    """All images of a compose file as JSON, or of nix-prefetch-docker's; raises `InvalidText`."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InvalidText(f"it is not JSON ({error})") from None
    except RecursionError:
        raise InvalidText("it is nested too deeply") from None
    if isinstance(document, dict) and "services" in document:
        return _find_in_services(document)
    findings = Findings()
    entries = document if isinstance(document, list) else [document]
    for position, entry in enumerate(entries):
        path = f"[{position}]" if isinstance(document, list) else ""
        try:
            table = Table.of(entry, path)
            if "imageName" not in table:
                raise InvalidField(
                    "this is no compose file, and nothing of nix-prefetch-docker's",
                    hint="name a file that has 'services' or 'imageName'",
                ).at(path or "the document")
            findings.found.append(from_pull_image(partial(_text, table)))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _text(table: Table, key: str) -> str | None:
    return table.get(key, str)


def find_in_compose_json(text: str) -> Findings:
    """All images of what `docker compose config --format json` prints; raises `InvalidText`."""
    try:
        return _find_in_services(json.loads(text))
    except ValueError as error:
        raise InvalidText(f"it is not JSON ({error})") from None
    except RecursionError:
        raise InvalidText("it is nested too deeply") from None


def find_in_compose_yaml(text: str) -> Findings:
    """All images of a compose file; raises `InvalidText`, also where Python has no YAML."""
    try:
        import yaml  # type: ignore[import-untyped]  # (only where somebody asks for it)
    except ImportError:
        raise InvalidText(
            "to read YAML takes PyYAML, which is not here",
            hint="pass what `docker compose config --format json` prints, by --compose-json",
        ) from None
    try:
        return _find_in_services(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        place = f"line {mark.line + 1}" if mark is not None else "the document"
        raise InvalidText(f"it is not YAML ({what})").at(place) from None
    except (ValueError, RecursionError):
        raise InvalidText("it has a value that cannot be read") from None


def _find_in_services(document: Any) -> Findings:
    findings = Findings()
    services = Table.of(document).table("services")
    for name in services.values:
        try:
            service = services.table(name)
            if service.values.get("image") is None:
                # Built here, from a Dockerfile.
                continue
            findings.found.append(_service(service, name))
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _service(service: Table, name: str) -> Found:
    text = service.require("image", str)
    if "$" in text:
        raise NotImportable(
            f"{text!r} has a variable in it",
            hint="pass what `docker compose config --format json` prints, by --compose-json",
        ).at(service.where("image"))
    reference = service.parse("image", Reference.parse).tagged
    platform = None
    if service.values.get("platform") is not None:
        platform = service.parse("platform", Platform.parse)
    return Found(place=service.path, name=name, reference=reference, platform=platform)
