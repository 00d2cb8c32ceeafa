"""Images named in Kubernetes manifests, also as Helm, kustomize and kubectl print them.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...base.redact import literal, quote
from ...base.table import InvalidField, Path, dotted, kind_of
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ..found.candidates import candidate, tell_candidates
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, parse_pulled
from ..found.objects import objects, strings

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
# The ends of keys, in lower case, whose values are images, beside `image`.
_NAMES = ("image", "imagename")
BY_HELM = "import what `helm template` prints"
_BY_KUSTOMIZE = "import what `kustomize build` prints"


def is_manifest(document: Any) -> bool:
    """Whether the value of a document is an object of Kubernetes."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("apiVersion"), str)
        and isinstance(document.get("kind"), str)
    )


def find_in_manifests(documents: Sequence[Any]) -> Findings:
    """All images of containers in documents, from the values that a parser returns for them.

    Containers are found in objects of every kind. An image that stands elsewhere is a problem, also
    under another key, such as the `imageName` of a database.
    """
    findings = Findings()
    for position, document in enumerate(documents):
        if is_manifest(document):
            _find(document, findings)
        elif document is not None:
            findings.problems.append(
                InvalidField("expected 'apiVersion' and 'kind' of Kubernetes").at(
                    f"document {position + 1}"
                )
            )
    return findings


def _find(document: Any, findings: Findings) -> None:
    # An object may stand in another one, such as a List.
    labels: list[tuple[Path, str]] = [((), quote(document["kind"]))]
    others: list[tuple[str, Path, str]] = []
    for path, table in objects(document):
        if is_manifest(table) and isinstance(table.get("metadata", {}), dict):
            name = table.get("metadata", {}).get("name")
            label = f"{table['kind']} {name}" if isinstance(name, str) else str(table["kind"])
            labels.append((path, quote(label)))
            if table["kind"] == "Kustomization" and table.get("images"):
                findings.problems.append(
                    NotImportable("it changes images of other files", hint=_BY_KUSTOMIZE).at(
                        labels[-1][1]
                    )
                )
        outer, label = next(one for one in reversed(labels) if path[: len(one[0])] == one[0])
        inside = path[len(outer) :]
        # What runs is told by the cluster, which the objects that kubectl prints have in `status`.
        if inside[:1] == ("status",):
            continue
        if "metadata" not in inside:
            others += [(label, where, text) for where, text in strings(inside, table)]
        if "image" not in table:
            continue
        place = f"{label}: {dotted((*inside, 'image'))}"
        try:
            if (image := _image(path, table, place)) is not None:
                findings.images.append(image)
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    _tell(others, findings)


def _tell(others: Sequence[tuple[str, Path, str]], findings: Findings) -> None:
    """Tell texts that have images, each once and with its place, if they are none of those."""
    known = {str(image.reference) for image in findings.images}
    for label, path, text in others:
        key = str(path[-1])
        if key == "image" or (key == "reference" and "volumes" in path):
            continue
        is_named = key.lower().endswith(_NAMES) or path[-2:-1] == ("image",)
        whole = candidate(text, is_named=is_named)
        found = [_elsewhere(text)] if whole is not None else [*tell_candidates(text, known)]
        for error in found:
            reference = str(whole.tagged) if whole is not None else error.image
            if reference not in known:
                known |= {reference} - {""}
                findings.problems.append(error.at(f"{label}: {dotted(path)}"))


def _elsewhere(text: str) -> NotImportable:
    return NotImportable(
        f"{literal(text)} is not the image of a container", hint=ADD_IT, image=text
    )


def _image(path: Path, table: dict[Any, Any], place: str) -> FoundImage | None:
    """The image of a container, or of a volume; raises `NixfetchError` for another one."""
    value = table["image"]
    is_container = len(path) > 1 and isinstance(path[-1], int) and path[-2] in _CONTAINERS
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str) and "volumes" in path:
            value = value["reference"]
        elif "repository" in value or "tag" in value:
            raise NotImportable("a chart of Helm makes an image of these values", hint=BY_HELM)
        else:
            return None
    elif is_container and not isinstance(value, str):
        raise InvalidField(f"expected a string, found {kind_of(value)}")
    elif not isinstance(value, str):
        return None
    elif not is_container:
        raise _elsewhere(value)
    if "{{" in value:
        raise NotImportable(f"{literal(value)} is a template", hint=BY_HELM)
    if value == "auto":
        # https://istio.io/latest/docs/setup/additional-setup/gateway/
        raise NotImportable("'auto' stands for an image that Istio fills in", hint=ADD_IT)
    reference = parse_pulled(value)
    name = table.get("name")
    return FoundImage(
        place=place,
        name=name if isinstance(name, str) else short_name(reference),
        reference=reference,
    )
