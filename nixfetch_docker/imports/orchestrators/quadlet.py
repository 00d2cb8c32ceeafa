"""Images named in the files of quadlet, `.container` and `.image`, which systemd reads for podman.

https://docs.podman.io/en/stable/markdown/podman-systemd.unit.5.html and
https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
"""

from __future__ import annotations

from ...base.redact import literal
from ...base.regex import regex
from ...errors import NixfetchError
from ...oci.platform import Platform
from ..found.candidates import tell_candidates
from ..found.commands import commands_of
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable
from ..found.podman_name import is_pulled, parse_name

SUFFIXES = (".container", ".image", ".volume", ".pod", ".kube", ".build", ".artifact")
_SECTIONS = frozenset({"[Container]", "[Image]", "[Volume]"})
# Those of files that name no image in a key of their own.
_OTHERS = frozenset({"[Pod]", "[Kube]", "[Build]", "[Artifact]"})
_HEADER = regex(r"\[[A-Za-z-]+\]")
_COMMENTS = ("#", ";")


def is_quadlet(text: str) -> bool:
    """Whether a text is a file of quadlet that may name an image."""
    return any(line.strip() in _SECTIONS for line in text.splitlines())


def is_unit(text: str) -> bool:
    """Whether a text is a file of quadlet, or another one of systemd that starts something."""
    entries = [entry for _, entry in _entries(text)]
    if not entries or not _HEADER.fullmatch(entries[0]):
        return False
    return not (_SECTIONS | _OTHERS | {"[Service]"}).isdisjoint(entries)


def find_in_quadlet(text: str) -> Findings:
    """All images of a file of quadlet. Lines are given for each.

    What is told is a file that has them elsewhere, and values that look like one.
    """
    findings = Findings()
    section = ""
    values: dict[str, tuple[int, str]] = {}
    others: list[tuple[int, str]] = []
    for line, entry in _entries(text):
        if entry.startswith("["):
            section = entry
            continue
        key, separator, value = entry.partition("=")
        key, value = key.strip(), value.strip().strip("\"'")
        if section in _SECTIONS and separator:
            values[key] = (line, value)
        if section == "[Kube]" and key == "Yaml":
            findings.problems.append(
                NotImportable(
                    f"its containers are in {literal(value)}", hint="import that file"
                ).at(f"line {line}")
            )
        elif section == "[Build]" and key == "ImageTag":
            findings.left_out.append(f"line {line}: {literal(value)} is built here")
        if separator and key != "Image":
            others.append((line, value))
    if "Image" in values:
        _take(values, findings)
    known = {str(image.reference) for image in findings.images}
    for line, value in others:
        pulled = [one for one in commands_of(value).pulled if one.image not in known]
        told = known.union(one.image for one in pulled)
        for error in (*pulled, *tell_candidates(value, told)):
            findings.problems.append(error.at(f"line {line}"))
    return findings


def _take(values: dict[str, tuple[int, str]], findings: Findings) -> None:
    line, image = values["Image"]
    place = f"line {line}"
    try:
        found = _image(image, values, place)
    except NixfetchError as error:
        findings.problems.append(error.at(place))
        return
    if found is None:
        findings.left_out.append(f"{place}: {literal(image)} is not pulled from a registry")
    else:
        findings.images.append(found)


def _image(image: str, values: dict[str, tuple[int, str]], place: str) -> FoundImage | None:
    """The image, or None where it is none of a registry."""
    if not is_pulled(image):
        return None
    if "%" in image or "$" in image:
        raise NotImportable(
            f"{literal(image)} is completed by systemd when it starts",
            hint=ADD_IT,
        )
    reference = parse_name(image)
    _, architecture = values.get("Arch", (0, ""))
    _, system = values.get("OS", (0, ""))
    platform = Platform.of(system or "linux", architecture) if architecture else None
    _, name = values.get("ContainerName", (0, ""))
    if any(letter in name for letter in "%$"):
        name = ""
    return FoundImage(place=place, name=name, reference=reference, platform=platform)


def _entries(text: str) -> list[tuple[int, str]]:
    """The lines without comments, each with its number; a backslash at its end goes on."""
    entries: list[tuple[int, str]] = []
    continued: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith(_COMMENTS) or (not line and not continued):
            continue
        first = first or number
        continued.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            entries.append((first, " ".join(continued)))
            continued, first = [], 0
    if continued:
        entries.append((first, " ".join(continued)))
    return entries
