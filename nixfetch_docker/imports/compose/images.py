"""Images named in compose files.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ...base import units
from ...base.redact import literal, quote
from ...errors import NixfetchError
from ...oci.platform import Platform
from ...oci.reference import Reference
from ..found.image import Findings, FoundImage, NotImportable, parse_pulled
from ..yaml_files.tags import is_reset
from .files import Files
from .project import Project
from .settings import with_platforms
from .surroundings import Surroundings
from .texts import SET_IT
from .values import Service

_SHOWN_NAMES = 4


def find_in_compose(document: Any, surroundings: Surroundings | None = None) -> Findings:
    """All images of a compose file, from the value that a YAML or JSON parser returns for it.

    Raises `NixfetchError`.
    """
    return find_in_project([("", document)], surroundings or Surroundings())


def find_in_project(files: Sequence[tuple[str, Any]], surroundings: Surroundings) -> Findings:
    """All images of compose files of which each overrides those before it.

    A file is a label for messages and the value of a parser. A service that is built here is left
    out, with a sentence that says so, and is a problem where it names an image as well. Services of
    all profiles are taken. Raises `NixfetchError` for files that cannot be read as a whole.
    """
    findings = Findings()
    project = Project(surroundings, Files(surroundings), findings)
    missing: dict[str, tuple[str, list[str]]] = {}
    built: dict[Reference, str] = {}
    for name, merged in with_platforms(project.services(files), project.variables).items():
        values = {key: one for key, one in merged.values.items() if not is_reset(one.value)}
        service = Service(merged.place, values)
        if "build" in values:
            _leave_out(service, findings, built)
        elif "image" not in values:
            findings.left_out.append(f"{service.place}: it names no image, so it is left out")
        elif lacking := {**values["image"].missing, **_missing(service, "platform")}:
            for variable, message in lacking.items():
                missing.setdefault(variable, (message, []))[1].append(service.place)
        else:
            try:
                findings.images.append(_image_of(service, name))
            except NixfetchError as error:
                findings.problems.append(error)
    _leave_out_built(findings, built)
    findings.problems.extend(
        _without_value(variable, message, places) for variable, (message, places) in missing.items()
    )
    return findings


def _missing(service: Service, key: str) -> dict[str, str]:
    return dict(service.values[key].missing) if key in service.values else {}


def _leave_out(service: Service, findings: Findings, built: dict[Reference, str]) -> None:
    image = service.values.get("image")
    if image is None:
        findings.left_out.append(
            f"{service.place}: it is built and names no image, so it is left out"
        )
    else:
        with suppress(NixfetchError):
            built[service.parse("image", parse_pulled)] = service.place
        findings.problems.append(
            NotImportable(
                f"the service is built here, so its image {quote(image.shown)} is left out",
                hint="if a registry has it too, add it to images.toml yourself",
                image="" if image.missing else str(image.value),
                is_local=True,
            ).at(image.where)
        )


def _leave_out_built(findings: Findings, built: Mapping[Reference, str]) -> None:
    """Leave out what another service builds, and what is told although a service has it."""
    for image in list(findings.images):
        if (place := built.get(image.reference)) is not None:
            findings.images.remove(image)
            findings.problems.append(
                NotImportable(
                    f"{literal(image.reference.familiar)} is built for {place}, so it is left out",
                    hint="if a registry has it too, add it to images.toml yourself",
                    image=str(image.reference),
                    is_local=True,
                ).at(image.place)
            )
    taken = {str(image.reference) for image in findings.images}
    findings.problems[:] = [
        one
        for one in findings.problems
        if not isinstance(one, NotImportable) or one.is_local or one.image not in taken
    ]


def _without_value(variable: str, message: str, places: Sequence[str]) -> NotImportable:
    needing = units.first(places, _SHOWN_NAMES - 1 if len(places) > _SHOWN_NAMES else len(places))
    said = f" ({quote(message)})" if message else ""
    return NotImportable(
        f"the variable {quote(variable)} has no value{said}, so {needing} "
        f"{'is' if len(places) == 1 else 'are'} left out",
        hint=SET_IT,
    )


def _image_of(service: Service, name: str) -> FoundImage:
    # For compose, an empty one is none: `platform: ${PLATFORM:-}`.
    has_platform = "platform" in service.values and service.values["platform"].value != ""
    return FoundImage(
        place=service.place,
        name=name,
        reference=service.parse("image", parse_pulled),
        platform=service.parse("platform", Platform.parse) if has_platform else None,
    )
