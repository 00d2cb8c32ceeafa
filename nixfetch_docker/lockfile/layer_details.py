"""The layers of one image before and after an update in Markdown, folded away in `<details>`.

https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/organizing-information-with-collapsed-sections
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import bars, units
from ..base.markdown import code, html_code
from .before_after import ADDED, GONE, BeforeAfter, Layer, befores_and_afters, parts, total
from .change import Change

_COLUMNS = 60
_SHOWN_LAYERS = 20
_HEAD = "| | layer | digest | size |\n| --- | --- | --- | --- |\n"
_WORDS = {GONE: "gone", ADDED: "new"}


def layer_details(change: Change) -> str:
    """The layers of each platform where an update changed them; "" where it changed none."""
    shown = [one for one in befores_and_afters(change) if one.differs]
    if not shown:
        return ""
    name = html_code(change.name)
    texts = "\n".join(line for one in shown for line in _lines(one))
    return f"<details><summary>{name}: layers before and after</summary>\n\n{texts}\n</details>\n"


def _lines(one: BeforeAfter) -> Iterator[str]:
    scale = bars.scale_of((total(one.before), total(one.after)), _COLUMNS)
    yield f"{code(str(one.platform))}: `=` stays, `-` is gone, `+` is new"
    drawn = f"{_bar('before', one.before, scale)}\n{_bar('after ', one.after, scale)}"
    yield f"\n```text\n{drawn}\n```\n"
    moved = one.moved
    if moved:
        yield _HEAD + "\n".join(map(_row, moved[:_SHOWN_LAYERS])) + "\n"
    if len(moved) > _SHOWN_LAYERS:
        yield f"{units.count(len(moved) - _SHOWN_LAYERS, 'more layer')} gone or new.\n"


def _bar(word: str, layers: Sequence[Layer], scale: float) -> str:
    drawn = bars.bar(parts(layers), scale=scale, columns=_COLUMNS)
    return f"{word} {drawn} {units.size(total(layers))}" if layers else f"{word} no layers"


def _row(layer: Layer) -> str:
    digest = code(layer.blob.digest.short)
    return f"| {_WORDS[layer.sign]} | {layer.number} | {digest} | {units.size(layer.blob.size)} |"
