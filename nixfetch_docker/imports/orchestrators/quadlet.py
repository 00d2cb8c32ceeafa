"""Images named in the files of quadlet, `.container` and `.image`, which systemd reads for podman.

https://docs.podman.io/en/stable/markdown/podman-systemd.unit.5.html and
https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
"""

from __future__ import annotations

from ...base.redact import literal
from ...errors import NixfetchError
from ...oci.platform import Platform
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable
from ..found.podman_name import is_pulled, parse_name

SUFFIXES = (".container", ".image", ".volume")
_SECTIONS = frozenset({"[Container]", "[Image]", "[Volume]"})
_COMMENTS = ("#", ";")


def is_quadlet(text: str) -> bool:
    """Whether a text is a file of quadlet that may name an image."""
    return any(line.strip() in _SECTIONS for line in text.splitlines())


def find_in_quadlet(text: str) -> Findings:
    """All images of a file of quadlet. Lines are given for each."""
    findings = Findings()
    section = ""
    values: dict[str, tuple[int, str]] = {}
    for line, entry in _entries(text):
        if entry.startswith("["):
            section = entry
        elif section in _SECTIONS:
            key, separator, value = entry.partition("=")
            if separator:
                values[key.strip()] = (line, value.strip().strip("\"'"))
    if "Image" not in values:
        return findings
    line, image = values["Image"]
    place = f"line {line}"
    try:
        found = _image(image, values, place)
    except NixfetchError as error:
        findings.problems.append(error.at(place))
        return findings
    if found is None:
        findings.left_out.append(f"{place}: {literal(image)} is not pulled from a registry")
    else:
        findings.images.append(found)
    return findings


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
