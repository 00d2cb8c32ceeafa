"""Images in a Nix file that no module is known for, and texts that look like one."""

from __future__ import annotations

from collections.abc import Collection

from ...base.redact import literal, quote
from ...lockfile.place import short_name
from ...oci.reference import Reference
from ..found.candidates import candidate, looks_like_one, tell_candidates
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, parse_pulled
from ..nix_language.file import File, Place
from ..nix_language.syntax import Expression, Other, Text, call, last_name
from ..nix_language.value import NOTHING, Value
from ..orchestrators.kubernetes import BY_HELM
from .containers import Containers
from .texts import as_written, find_in_text

_MOST_PARTS = 16
# Parts of the paths of attributes that name no image of a container.
_NO_IMAGES = frozenset({"environment", "example", "labels", "settings"})
_COMPUTED = "this image is not a string in this file"


class Others:
    """Adds images of attributes that no module is known for, and tells texts that look like one."""

    def __init__(
        self, file: File, known: set[str], containers: Containers, findings: Findings
    ) -> None:
        """`known` are texts that are images; those that are found are added."""
        self._file = file
        self._known = known
        self._containers = containers
        self._findings = findings
        # Texts that are no image as a whole, each with its line.
        self._inside: list[tuple[str, str]] = []
        self._named = {
            id(binding.later.expression) for binding in file.bindings if _is_image(binding.path)
        }

    def find(self) -> None:
        """Find those that are texts."""
        pieces = self._file.pieces
        told = {place for error in self._findings.problems for place in error.places}
        for place in self._file.texts:
            line = f"line {place.expression.line}"
            if _is_none(place.path) or self._containers.is_part(place.expression):
                continue
            written = as_written(place.expression)
            found = find_in_text(written, line)
            if not found.is_empty:
                self._known |= {str(image.reference) for image in found.images}
                self._findings.add(found)
            elif line in told and id(place.expression) in pieces:
                continue
            elif not self._take(place, line, is_piece=id(place.expression) in pieces):
                self._inside.append((line, written))

    def _take(self, place: Place, line: str, *, is_piece: bool) -> bool:
        """Take or tell a text that is an image as a whole; returns whether it may be one."""
        is_named = id(place.expression) in self._named
        value = _value(self._file, place)
        is_taken = False
        for text in value.strings:
            reference = candidate(text, is_named=is_named)
            is_bare = reference is None and is_named and _is_bare_name(place.path, text)
            if not (reference or is_bare):
                continue
            is_taken = True
            if text in self._known or (is_piece and any(text in one for one in self._known)):
                continue
            self._known.add(text)
            if reference is not None:
                _add_other(self._findings, place, reference, is_named=is_named)
            else:
                error = NotImportable(
                    f"{literal(text)} may be the name of an image",
                    hint="add it by `nixfetch-docker add`, if it is one",
                    image=text,
                )
                self._findings.problems.append(error.at(line))
        if value.unknown and (is_named or _is_begun(place.expression)):
            self._findings.problems.append(NotImportable(_COMPUTED, hint=ADD_IT).at(line))
            return True
        return is_taken

    def tell_names(self) -> None:
        """Tell names of attributes that look like images."""
        for binding in self._file.bindings:
            name = binding.path[-1]
            reference = candidate(name)
            if reference is not None and name not in self._known:
                self._known.add(name)
                self._findings.problems.append(looks_like_one(reference).at(f"line {binding.line}"))

    def tell_inside(self, told: Collection[str]) -> None:
        """Tell images in longer texts, but for those that are `told` already."""
        known = {str(image.reference) for image in self._findings.images}.union(
            told,
            (one.image for one in self._findings.problems if isinstance(one, NotImportable)),
        )
        for line, text in self._inside:
            self._findings.problems.extend(one.at(line) for one in tell_candidates(text, known))


def _is_none(path: tuple[str, ...]) -> bool:
    """Whether a string at a path is certainly no image."""
    return path[-1:] == ("example",) or path[-2:] == ("imageConfig", "tag")


def tell_computed(file: File, findings: Findings, containers: Containers) -> None:
    """Tell images outside of known options that are neither strings nor what a caller gives."""
    told = {place for error in findings.problems for place in error.places}
    for binding in file.bindings:
        expression = binding.later.expression
        if binding.path[-1:] != ("image",) or isinstance(expression, Text | Other):
            continue
        if last_name(call(expression)[0]) == "mkOption":
            continue
        value = file.evaluation.value(binding.later)
        is_given = value.path and value.path[0] != "config"
        line = f"line {binding.line}"
        is_known = containers.has(binding.later) or line in told
        if value.unknown and not (is_given or is_known or value.attributes or value.strings):
            told.add(line)
            findings.problems.append(NotImportable(_COMPUTED, hint=ADD_IT).at(line))


def tell_values(file: File, findings: Findings, containers: Containers) -> None:
    """Tell the images of charts of Helm, which are sets."""
    told = {binding.path for binding in file.bindings if containers.has(binding.later)}
    for binding in file.bindings:
        if binding.path[-2:] == ("image", "repository") and binding.path[:-1] not in told:
            error = NotImportable("a chart of Helm makes an image of these values", hint=BY_HELM)
            findings.problems.append(error.at(f"line {binding.line}"))


def _is_image(path: tuple[str, ...]) -> bool:
    """Whether an attribute is named as an image, or is the default or value of one that is."""
    name = path[-2:-1] if path[-1:] in {("default",), ("value",)} else path[-1:]
    return any(one.lower().endswith("image") for one in name)


def _is_bare_name(path: tuple[str, ...], text: str) -> bool:
    """Whether a text is a reference without a version, of an attribute that is named `image`."""
    if path[-1:] != ("image",) or not _NO_IMAGES.isdisjoint(path):
        return False
    return candidate(f"{text}:0", is_named=True) is not None


def _value(file: File, place: Place) -> Value:
    """The value of a string that may be a reference; nothing for longer ones."""
    parts = place.expression.parts if isinstance(place.expression, Text) else ()
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts) and (
        len(parts) > _MOST_PARTS or any(letter.isspace() for text in texts for letter in text)
    ):
        return NOTHING
    return file.evaluation.at(place.expression, place.scope)


def _is_begun(expression: Expression) -> bool:
    """Whether a string begins as a reference with a registry and a tag: `ghcr.io/a/b:${tag}`."""
    match expression:
        case Text(parts=(str() as first, _, *_)) if first[-1:] in {":", "@"}:
            return candidate(f"{first[:-1]}:0", is_named=False) is not None
        case _:
            return False


def _add_other(findings: Findings, place: Place, reference: Reference, *, is_named: bool) -> None:
    line = f"line {place.expression.line}"
    if not is_named:
        findings.problems.append(looks_like_one(reference).at(line))
        return
    try:
        pulled = parse_pulled(str(reference))
    except NotImportable as error:
        findings.problems.append(error.at(line))
        return
    path = ".".join(filter(None, place.path))
    findings.images.append(
        FoundImage(
            place=line,
            name=short_name(pulled),
            reference=pulled,
            remark=f"it is the value of {quote(path)}, which may have another meaning",
        )
    )
