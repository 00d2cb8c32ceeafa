"""Finding the images in the text of a file of any kind, by its suffix or by its content."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..base import strict_json
from ..base.regex import regex
from ..base.values import replace
from ..errors import NixfetchError
from .compose import find_in_compose, find_in_yaml
from .found import Findings
from .nix import find_in_nix
from .pull_image import find_in_prefetched

_COMPOSE_KEY = regex(r"^services:", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"


def find_images(
    text: str, *, place: str, suffix: str = "", is_compose_json: bool = False
) -> Findings:
    """All images in a text, and the errors about those that cannot be imported.

    `place` stands before the position of each. The kind of the text follows from `suffix`, such
    as ".nix", or else from the text itself; with `is_compose_json` it must be the output of
    `docker compose config --format json`. A text of no known kind is one problem.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        if is_compose_json:
            findings = find_in_compose(strict_json.parse(text))
        else:
            findings = _finder(text, suffix.lower())(text)
    except NixfetchError as error:
        return Findings(problems=[error.at(place)])
    return Findings(
        images=[
            replace(image, place=": ".join(filter(None, [place, image.place])))
            for image in findings.images
        ],
        problems=[error.at(place) for error in findings.problems],
        left_out=[f"{place}: {text}" for text in findings.left_out],
    )


def _finder(text: str, suffix: str) -> Callable[[str], Findings]:
    match suffix:
        case ".json":
            return _find_in_json
        case ".yml" | ".yaml":
            return find_in_yaml
        case ".nix":
            return find_in_nix
        case _ if _is_json(text):
            return _find_in_json
        case _ if _COMPOSE_KEY.search(text):
            return find_in_yaml
        case _:
            return find_in_nix


def _find_in_json(text: str) -> Findings:
    document = strict_json.parse(text)
    if isinstance(document, dict) and "services" in document:
        return find_in_compose(document)
    return find_in_prefetched(document)


def _is_json(text: str) -> bool:
    try:
        strict_json.parse(text, allow_duplicates_in_unread=True)
    except strict_json.InvalidJson as error:
        # A syntax error has a place; without one it is JSON that is nested too deeply.
        return not error.places
    return True
