"""Files that a Nix file has as texts: those of quadlet, and YAML with images."""

from __future__ import annotations

import re

from ...base.redact import literal
from ...base.regex import regex
from ...base.values import replace
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ..found.candidates import candidate
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable, parse_pulled
from ..nix_language.syntax import Expression, Text, call, last_name
from ..orchestrators.quadlet import find_in_quadlet, is_quadlet

_KEY = regex(r"^[ \t]*+(?:services|apiVersion):", re.MULTILINE)
_IMAGE = regex(r"^[ \t]*+(?:-[ \t]++)?+image:[ \t]++(\S++)", re.MULTILINE)
_IN_TEXT = "it stands in a text of this file, which is not read as a whole"


def as_written(expression: Expression) -> str:
    """The text of a string, in which `${name}` stands for what it interpolates."""
    parts = expression.parts if isinstance(expression, Text) else ()
    return "".join(part if isinstance(part, str) else f"${{{_name(part)}}}" for part in parts)


def find_in_text(text: str, line: str) -> Findings:
    """The images of the file that a text is, `as_written`; `line` is where it begins.

    Nothing is found in other texts. Lines are those of the text.
    """
    findings = find_in_quadlet(text) if is_quadlet(text) else _find_in_yaml(text)
    return Findings(
        images=[replace(image, place=line) for image in findings.images],
        problems=[error.at(line) for error in findings.problems],
        left_out=[f"{line}: {text}" for text in findings.left_out],
    )


def _find_in_yaml(text: str) -> Findings:
    """The images of compose and of Kubernetes, by their lines: a text may be YAML in part."""
    findings = Findings()
    is_known = _KEY.search(text) is not None
    for match in _IMAGE.finditer(text):
        value = match[1].strip("\"'")
        if not is_known and candidate(value, is_named=True) is None:
            continue
        try:
            reference = parse_pulled(value)
        except NixfetchError as error:
            line = text.count("\n", 0, match.start()) + 1
            findings.problems.append(_not_taken(value, error).at(f"line {line}"))
        else:
            findings.images.append(
                FoundImage(
                    place="", name=short_name(reference), reference=reference, remark=_IN_TEXT
                )
            )
    return findings


def _not_taken(value: str, error: NixfetchError) -> NixfetchError:
    """What is said of an image in YAML; a text that is no reference may be a template, too."""
    if isinstance(error, NotImportable):
        return error
    return NotImportable(
        f"{literal(value)} is no name of an image as it stands in this text", hint=ADD_IT
    )


def _name(expression: Expression) -> str:
    """The last name of what is interpolated: `podman` for `lib.getExe pkgs.podman`."""
    function, arguments = call(expression)
    return last_name(arguments[-1] if arguments else function)
