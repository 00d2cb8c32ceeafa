"""Images named in compose files.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

from typing import Any

from ..base.redact import literal, quote
from ..base.table import Table
from ..errors import NixfetchError
from ..oci.platform import Platform
from .found import Findings, FoundImage, NotImportable, parse_pulled

_RESOLVE = "pass the output of `docker compose config --format json` with --compose-json"


def find_in_yaml(text: str) -> Findings:
    """All images of a compose file in YAML; raises `NixfetchError`, also without PyYAML."""
    try:
        import yaml

        from .bounded_yaml import InvalidYaml, load
    except ImportError:
        raise NotImportable(
            "reading YAML needs PyYAML, which is not installed", hint=_RESOLVE
        ) from None
    try:
        return find_in_compose(load(text))
    except InvalidYaml as error:
        error.hint = error.hint or _RESOLVE
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        place = f"line {mark.line + 1}" if mark is not None else "the document"
        # Compose has tags of its own, such as !reset.
        hint = _RESOLVE if isinstance(error, yaml.constructor.ConstructorError) else ""
        raise InvalidYaml(f"this is not YAML ({quote(problem)})", hint=hint).at(place) from None


def find_in_compose(document: Any) -> Findings:
    """All images of a compose file, from the value that a YAML or JSON parser returns for it.

    A service that is built and names no image is left out, with a sentence that says so. Raises
    `InvalidField`.
    """
    findings = Findings()
    whole = Table.of(document)
    if "include" in whole:
        findings.problems.append(
            NotImportable("it includes other files", hint=_RESOLVE).at("include")
        )
        if "services" not in whole:
            return findings
    read = whole.table("services")
    # In YAML a name can be a number or a boolean.
    services = Table({str(name): value for name, value in read.values.items()}, read.path)
    for name in services.values:
        try:
            service = services.table(name)
            if service.values.get("image") is not None:
                findings.images.append(_image_of(service, name))
            elif isinstance(extends := service.values.get("extends"), dict) and "file" in extends:
                raise NotImportable("its image is defined in another file", hint=_RESOLVE).at(
                    service.where("extends")
                )
            elif service.values.get("build") is not None:
                findings.left_out.append(
                    f"{service.path}: it is built and names no image, so it is left out"
                )
        except NixfetchError as error:
            findings.problems.append(error)
    return findings


def _image_of(service: Table, name: str) -> FoundImage:
    for key in ("image", "platform"):
        text = service.values.get(key)
        if isinstance(text, str) and "$" in text:
            raise NotImportable(f"{literal(text)} contains a variable", hint=_RESOLVE).at(
                service.where(key)
            )
    reference = service.parse("image", parse_pulled)
    platform = None
    if service.values.get("platform") is not None:
        platform = service.parse("platform", Platform.parse)
    has_build = service.values.get("build") is not None
    return FoundImage(
        place=service.path,
        name=name,
        reference=reference,
        platform=platform,
        remark="it can be built here as well; make sure that a registry has it"
        if has_build
        else "",
    )
