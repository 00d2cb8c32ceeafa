"""Images named in Nix files: by containers of modules, by what pulls them, by other attributes.

What names no image but looks like one is told, and so is a file that mentions images and has none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...base.redact import literal, quote
from ...lockfile.place import short_name
from ...oci.reference import Reference
from ..found.candidates import candidate
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, Use, parse_pulled
from ..nix_language.file import File, Place
from ..nix_language.lexer import InvalidNix
from ..nix_language.parser import BY_HAND
from ..nix_language.syntax import Expression, Name, Other, Select, Text, call, last_name
from ..nix_language.value import NOTHING, Value
from ..orchestrators.kubernetes import BY_HELM
from .commands import tell_commands
from .containers import Containers
from .options import EVALUATE
from .pulls import Pulls
from .texts import as_written, find_in_text

_MOST_PARTS = 16
# Parts of the paths of attributes that name no image of a container.
_NO_IMAGES = frozenset({"environment", "example", "labels", "settings"})
_COMPUTED = "this image is not a string in this file"
_MENTIONS = frozenset(
    {"containers", "oci-containers", "docker-containers", "quadlet", "image", "pullImage"}
)


def find_in_nix(text: str) -> Findings:
    """All images in a Nix file; raises `InvalidNix`."""
    try:
        file = File(text)
        pulls = Pulls(file)
        pulls.find()
        containers = Containers(file)
        containers.find()
        findings = Findings()
        findings.add(pulls.findings)
        findings.add(containers.findings)
        known = pulls.texts | containers.texts
        _add_others(file, findings, known, containers)
        _tell_computed(file, findings, containers)
        _tell_values(file, findings, containers)
        _tell_names(file, findings, known)
        findings.problems.extend(tell_commands(file, known))
        findings.uses.extend(_uses(file))
    except RecursionError:
        raise InvalidNix("its expressions are nested too deeply", hint=BY_HAND) from None
    findings.images.sort(key=lambda image: int(image.place.removeprefix("line ")))
    if findings.is_empty:
        _tell_mention(file, findings)
    return findings


def _add_others(file: File, findings: Findings, known: set[str], containers: Containers) -> None:
    """Add images of attributes that no module is known for, and tell strings that look like one.

    `known` are texts that are images; those that are found here are added.
    """
    named = {id(binding.later.expression) for binding in file.bindings if _is_image(binding.path)}
    pieces = file.pieces
    told = {place for error in findings.problems for place in error.places}
    for place in file.texts:
        line = f"line {place.expression.line}"
        if place.path[-1:] == ("example",) or line in told or containers.is_part(place.expression):
            continue
        if place.path[-2:] == ("imageConfig", "tag"):
            continue
        inside = find_in_text(as_written(place.expression), line)
        if not inside.is_empty:
            known |= {str(image.reference) for image in inside.images}
            findings.add(inside)
            continue
        is_named = id(place.expression) in named
        is_piece = id(place.expression) in pieces
        value = _value(file, place)
        for text in value.strings:
            reference = candidate(text, is_named=is_named)
            is_bare = reference is None and is_named and _is_bare_name(place.path, text)
            is_known = text in known or (is_piece and any(text in one for one in known))
            if is_known or not (reference or is_bare):
                continue
            if reference is not None:
                known.add(text)
                _add_other(findings, place, reference, is_named=is_named)
            else:
                known.add(text)
                error = NotImportable(
                    f"{literal(text)} may be the name of an image",
                    hint="add it by `nixfetch-docker add`, if it is one",
                    image=text,
                )
                findings.problems.append(error.at(line))
        if value.unknown and (is_named or _is_begun(place.expression)):
            findings.problems.append(NotImportable(_COMPUTED, hint=ADD_IT).at(line))


def _tell_computed(file: File, findings: Findings, containers: Containers) -> None:
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


def _tell_values(file: File, findings: Findings, containers: Containers) -> None:
    """Tell the images of charts of Helm, which are sets."""
    told = {binding.path for binding in file.bindings if containers.has(binding.later)}
    for binding in file.bindings:
        if binding.path[-2:] == ("image", "repository") and binding.path[:-1] not in told:
            error = NotImportable("a chart of Helm makes an image of these values", hint=BY_HELM)
            findings.problems.append(error.at(f"line {binding.line}"))


def _tell_names(file: File, findings: Findings, known: set[str]) -> None:
    """Tell names of attributes that look like images."""
    for binding in file.bindings:
        name = binding.path[-1]
        if name not in known and candidate(name, is_named=False) is not None:
            known.add(name)
            findings.problems.append(_looks_like_one(name, f"line {binding.line}"))


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
        findings.problems.append(_looks_like_one(reference.familiar, line))
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


def _looks_like_one(text: str, line: str) -> NotImportable:
    return NotImportable(
        f"{literal(text)} looks like an image, and nothing says what it is for",
        hint="add it by `nixfetch-docker add`, if it is one",
        image=text,
    ).at(line)


def _uses(file: File) -> Iterator[Use]:
    """The names in `images.NAME`, which may be images of a lock: `images.redis.archive`."""
    for name in file.names:
        if isinstance(name, Select) and last_name(name.base) == "images" and last_name(name):
            yield Use(place=f"line {name.line}", name=last_name(name), is_certain=False)


def _tell_mention(file: File, findings: Findings) -> None:
    """Tell where a file that has no image mentions one."""
    lines = [
        (binding.line, name)
        for binding in file.bindings
        for name in binding.path[-1:]
        if name in _MENTIONS
    ]
    lines += [
        (name.line, name.text)
        for name in file.names
        if isinstance(name, Name) and name.text in _MENTIONS
    ]
    if lines:
        line, name = min(lines)
        findings.problems.append(
            NotImportable(
                f"it mentions {literal(name)}, and no image is written down here",
                hint=f"where they are computed, import the output of `{EVALUATE}`",
            ).at(f"line {line}")
        )
