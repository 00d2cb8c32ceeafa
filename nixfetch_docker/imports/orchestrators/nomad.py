"""Images named in Nomad jobs as JSON, in both forms that Nomad has.

https://developer.hashicorp.com/nomad/api-docs/json-jobs, and a job file in HCL's JSON.
"""

from __future__ import annotations

from typing import Any

from ...base.redact import literal
from ...base.table import InvalidField, Path, dotted, kind_of
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ..found.candidates import tell_candidates
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable
from ..found.objects import objects, strings
from ..found.podman_name import is_pulled, parse_name

_KEYS = ("Job", "job", "TaskGroups")
_IF_PULLED = "if a registry has it too, add it to images.toml yourself"


def is_job(document: Any) -> bool:
    """Whether the value of a document is a job, or has one."""
    return isinstance(document, dict) and any(
        isinstance(one, list) or (isinstance(one, dict) and "imageName" not in one)
        for one in map(document.get, _KEYS)
    )


def find_in_job(document: Any) -> Findings:
    """All images of the tasks of a job, from the value that a parser of JSON returns for it.

    An image that stands elsewhere than in the configuration of a task is a problem.
    """
    findings = Findings()
    # The name of a task, by the path of the task; in HCL's JSON the task stands below its name.
    names: dict[Path, str] = {}
    others: list[tuple[Path, str]] = []
    for path, table in objects(document):
        if isinstance(table.get("Name"), str):
            names[path] = table["Name"]
        others.extend(strings(path, table))
        if "image" not in table:
            continue
        place = dotted((*path, "image"))
        try:
            if table.get("load"):
                # https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#load
                raise NotImportable(
                    "'load' has the task load it from a file",
                    hint=_IF_PULLED,
                    image=str(table["image"]),
                    is_local=True,
                )
            findings.images.append(_image(path, table["image"], names, place))
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    known = {str(image.reference) for image in findings.images}
    for path, text in others:
        if path[-1] != "image":
            findings.problems.extend(
                error.at(dotted(path)) for error in tell_candidates(text, known)
            )
    return findings


def _image(path: Path, value: Any, names: dict[Path, str], place: str) -> FoundImage:
    steps = [step for step in path if isinstance(step, str)]
    if not isinstance(value, str):
        raise InvalidField(f"expected a string, found {kind_of(value)}")
    if not steps or steps[-1].lower() != "config":
        raise NotImportable(
            f"{literal(value)} is not in the config of a task", hint=ADD_IT, image=value
        )
    if "${" in value:
        raise NotImportable(f"{literal(value)} has a variable of Nomad", hint=ADD_IT)
    if not is_pulled(value):
        raise NotImportable(
            f"{literal(value)} is not pulled from a registry",
            hint=_IF_PULLED,
            image=value,
            is_local=True,
        )
    reference = parse_name(value)
    task = path[: max(position for position, step in enumerate(path) if step == steps[-1])]
    below = steps[-2] if len(steps) > 1 and steps[-1] == "config" else short_name(reference)
    return FoundImage(place=place, name=names.get(task, below), reference=reference)
