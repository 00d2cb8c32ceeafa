"""Images named in compose files and in nix-prefetch-docker's JSON.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..base import strict_json
from ..base.table import InvalidField, Table
from ..errors import NixfetchError
from ..oci.platform import Platform
from .found import Findings, Found, NotImportable, parse_pulled
from .nix import from_pull_image

_RESOLVE = "pass what `docker compose config --format json` prints, by --compose-json"


class InvalidText(NixfetchError):
    """A text that is no document of the kind that it should be."""


def find_in_json(text: str) -> Findings:
    """All images of a compose file as JSON, or of nix-prefetch-docker's; raises `InvalidJson`."""
    document = strict_json.parse(text)
    if isinstance(document, dict) and "services" in document:
        return _find_in_services(document)
    findings = Findings()
    for path, entry in _entries(document).items():
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


def _entries(document: Any) -> dict[str, Any]:
    """Several outputs, in a list or under names, or one."""
    if isinstance(document, list):
        return {f"[{position}]": entry for position, entry in enumerate(document)}
    is_named = isinstance(document, dict) and any(
        isinstance(one, dict) for one in document.values()
    )
    return document if is_named else {"": document}


def _text(table: Table, key: str) -> str | None:
    return table.get(key, str)


def find_in_compose_json(text: str) -> Findings:
    """All images of what `docker compose config --format json` prints; raises `InvalidJson`."""
    return _find_in_services(strict_json.parse(text))


def find_in_compose_yaml(text: str) -> Findings:
    """All images of a compose file; raises `InvalidText`, also where Python has no YAML."""
    try:
        import yaml
    except ImportError:
        raise InvalidText(
            "to read YAML takes PyYAML, which is not here",
            hint=_RESOLVE,
        ) from None
    try:
        return _find_in_services(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        place = f"line {mark.line + 1}" if mark is not None else "the document"
        # Compose has tags of its own, such as !reset.
        hint = _RESOLVE if isinstance(error, yaml.constructor.ConstructorError) else ""
        raise InvalidText(f"it is not YAML ({what})", hint=hint).at(place) from None
    except (ValueError, RecursionError):
        raise InvalidText("it has a value that cannot be read") from None


def _find_in_services(document: Any) -> Findings:
    findings = Findings()
    whole = Table.of(document)
    if "include" in whole:
        findings.problems.append(
            NotImportable("it has parts in other files", hint=_RESOLVE).at("include")
        )
        if "services" not in whole:
            return findings
    read = whole.table("services")
    # YAML has names that are numbers, or booleans.
    services = Table({str(name): value for name, value in read.values.items()}, read.path)
    for name in services.values:
        try:
            service = services.table(name)
            if service.values.get("image") is not None:
                findings.found.append(_service(service, name))
            elif isinstance(extends := service.values.get("extends"), dict) and "file" in extends:
                raise NotImportable("its image is in another file", hint=_RESOLVE).at(
                    service.where("extends")
                )
            # What has neither is built here, from a Dockerfile.
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _service(service: Table, name: str) -> Found:
    for key in ("image", "platform"):
        text = service.values.get(key)
        if isinstance(text, str) and "$" in text:
            raise NotImportable(f"{text!r} has a variable in it", hint=_RESOLVE).at(
                service.where(key)
            )
    reference = service.parse("image", parse_pulled)
    platform = None
    if service.values.get("platform") is not None:
        platform = service.parse("platform", Platform.parse)
    is_built = service.values.get("build") is not None
    return Found(
        place=service.path,
        name=name,
        reference=reference,
        platform=platform,
        remark="it is built here as well; is it in a registry?" if is_built else "",
    )
