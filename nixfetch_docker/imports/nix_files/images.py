"""Images named in Nix files: by containers of modules, by what pulls them, by other attributes.

What names no image but looks like one is told, and so is a file that mentions images and has none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...base.redact import literal, quote
from ...base.values import replace
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ...oci.reference import Reference
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, Use
from ..nix_language.file import File, Place
from ..nix_language.lexer import InvalidNix
from ..nix_language.parser import BY_HAND
from ..nix_language.syntax import Expression, Name, Other, Select, Text, call, last_name
from ..nix_language.value import NOTHING, Value
from ..orchestrators.quadlet import find_in_quadlet, is_quadlet
from .containers import Containers
from .options import EVALUATE
from .pulls import Pulls

# Longer texts are no references.
_LONGEST = 300
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
        _add_others(file, findings, pulls.texts | containers.texts, containers.lines)
        _tell_computed(file, findings, containers)
        findings.uses.extend(_uses(file))
    except RecursionError:
        raise InvalidNix("its expressions are nested too deeply", hint=BY_HAND) from None
    findings.images.sort(key=lambda image: int(image.place.removeprefix("line ")))
    if not (findings.images or findings.problems or findings.left_out):
        _tell_mention(file, findings)
    return findings


def _add_others(file: File, findings: Findings, known: set[str], lines: set[int]) -> None:
    """Add images of attributes that no module is known for, and tell strings that look like one.

    `known` are texts that are images, in `lines`.
    """
    named = {id(binding.later.expression) for binding in file.bindings if _is_image(binding.path)}
    told = {place for error in findings.problems for place in error.places}
    told |= {f"line {line}" for line in lines}
    for place in file.texts:
        line = f"line {place.expression.line}"
        if place.path[-1:] == ("example",) or line in told:
            continue
        if place.path[-2:] == ("imageConfig", "tag"):
            continue
        text = _as_written(place.expression)
        if is_quadlet(text):
            findings.add(_at(line, find_in_quadlet(text)))
            continue
        is_named = id(place.expression) in named
        value = _value(file, place)
        for text in value.strings:
            reference = _reference(text, is_named=is_named)
            is_bare = reference is None and is_named and _is_bare_name(place.path, text)
            if not (reference or is_bare) or any(text in one for one in known):
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


def _is_image(path: tuple[str, ...]) -> bool:
    """Whether an attribute is named as an image, or is the default of an option that is."""
    name = path[-2:-1] if path[-1:] == ("default",) else path[-1:]
    return any(one.lower().endswith("image") for one in name)


def _is_bare_name(path: tuple[str, ...], text: str) -> bool:
    """Whether a text is a reference without a version, of an attribute that is named `image`."""
    if path[-1:] != ("image",) or not _NO_IMAGES.isdisjoint(path):
        return False
    return _reference(f"{text}:0", is_named=True) is not None


def _value(file: File, place: Place) -> Value:
    """The value of a string that may be a reference; nothing for longer ones."""
    parts = place.expression.parts if isinstance(place.expression, Text) else ()
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts) and (
        len(parts) > _MOST_PARTS or any(letter.isspace() for text in texts for letter in text)
    ):
        return NOTHING
    return file.evaluation.at(place.expression, place.scope)


def _as_written(expression: Expression) -> str:
    """The text of a string, with the sign of a variable for what it interpolates."""
    parts = expression.parts if isinstance(expression, Text) else ()
    return "".join(part if isinstance(part, str) else "${}" for part in parts)


def _is_begun(expression: Expression) -> bool:
    """Whether a string begins as a reference with a registry and a tag: `ghcr.io/a/b:${tag}`."""
    match expression:
        case Text(parts=(str() as first, _, *_)) if first[-1:] in {":", "@"}:
            return _reference(f"{first[:-1]}:0", is_named=False) is not None
        case _:
            return False


def _add_other(findings: Findings, place: Place, reference: Reference, *, is_named: bool) -> None:
    line = f"line {place.expression.line}"
    if not is_named:
        error = NotImportable(
            f"{literal(reference.familiar)} looks like an image, and nothing says what it is for",
            hint="add it by `nixfetch-docker add`, if it is one",
            image=str(reference),
        )
        findings.problems.append(error.at(line))
        return
    path = ".".join(filter(None, place.path))
    findings.images.append(
        FoundImage(
            place=line,
            name=short_name(reference),
            reference=reference.tagged,
            remark=f"it is the value of {quote(path)}, which may have another meaning",
        )
    )


def _reference(text: str, *, is_named: bool) -> Reference | None:
    """The reference that a text is, or None for other texts.

    It has a tag or a digest; and the host of a registry, unless `is_named` as an image.
    """
    if len(text) > _LONGEST or any(letter.isspace() for letter in text) or "//" in text:
        return None
    first, slash, _ = text.partition("/")
    has_host = bool(slash) and "." in first and first[:1].isalnum()
    if not has_host and not is_named:
        return None
    try:
        reference = Reference.parse(text)
    except NixfetchError:
        return None
    has_version = reference.digest is not None or (reference.tag or "").strip() != ""
    return reference if has_version else None


def _at(line: str, findings: Findings) -> Findings:
    """The findings of a text that a file has in a line."""
    return Findings(
        images=[replace(image, place=line) for image in findings.images],
        problems=[error.at(line) for error in findings.problems],
        left_out=[f"{line}: {text}" for text in findings.left_out],
    )


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
