"""The lines of text in an SVG that rich has made."""

from __future__ import annotations

from xml.etree import ElementTree

_TEXT = "{http://www.w3.org/2000/svg}text"


def lines_of(svg: str) -> list[str]:
    """The lines that are not empty, from the top; rich draws a text for each style on a line."""
    found: dict[str, str] = {}
    for one in ElementTree.fromstring(svg).iter(_TEXT):  # noqa: S314 - our own
        line = "".join(one.itertext()).strip("\n").replace("\xa0", " ")
        found[one.attrib["y"]] = found.get(one.attrib["y"], "") + line
    return [line for line in found.values() if line.strip()]
