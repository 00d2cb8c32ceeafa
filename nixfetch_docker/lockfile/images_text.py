"""Edits of the text of images.toml, which keep every other byte of it.

Comments, order, spaces, the ends of lines and a missing last one stay as they were. Each edit is
proven: its result is parsed, and must say what was asked and nothing else, or it is refused. An
image that is to be changed or removed must be there; `KeyError` is raised where it is not.

tomlkit does not hold this: with a table it removes the comment above the next one, and it ends
new lines in LF alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..base import toml, toml_spans, toml_writer
from ..base.regex import regex
from ..base.toml_spans import Entry
from ..errors import NixfetchError

_TABLE = "images"
_BLANK = regex(r"(?:[ \t]*\r?\n)+")


class NotEditable(NixfetchError):
    """An images.toml that is written in a way that this program cannot edit."""


def add_image(
    text: str,
    name: str,
    image: str,
    *,
    version: str | None = None,
    platforms: Sequence[str] = (),
) -> str:
    """`text` with a table for an image at its end, after an empty line.

    Raises `NotEditable`, which shows the table, and `InvalidDocument`.
    """
    entry = entry_text(name, image, version=version, platforms=platforms)
    values: dict[str, Any] = toml.parse(entry).values[_TABLE][name]
    end = _line_end(text)
    gap = "" if not text else end if text.endswith("\n") else 2 * end

    def change(images: dict[str, Any]) -> None:
        images[name] = values

    return _proven(
        text,
        text + gap + entry.replace("\n", end),
        change,
        NotEditable(
            f"{name!r} cannot be added to it, because of the form that its images have",
            hint="write them as tables, or add this there yourself: "
            f"{toml_writer.key(name)} = {_inline(values)}",
        ),
    )


def remove_image(text: str, name: str) -> str:
    """`text` without an image: its table, and the comments between the keys of it.

    Comments above and below the table stay. Raises `NotEditable` and `InvalidDocument`.
    """
    path = (_TABLE, name)
    found = toml_spans.entries(text)
    mine = [entry for entry in found if entry.path[:2] == path]
    # Of an inline table, the keys in it go with it.
    outermost = [entry for entry in mine if entry.inline is None or len(entry.path) == len(path)]
    edited = text
    for first, last in reversed(_runs(found, outermost)):
        if first.inline is not None:
            edited = _without_item(edited, first, found)
        else:
            edited = _without_lines(edited, first.start, last.end)

    def change(images: dict[str, Any]) -> None:
        del images[name]

    where = toml_spans.where(text, mine[0].start) if mine else ""
    return _proven(
        text,
        edited,
        change,
        NotEditable(
            f"the image {name!r} cannot be removed, because of the form that it has",
            hint="remove it yourself",
        ).at(where),
    )


def set_key(text: str, name: str, key: str, value: str) -> str:
    """`text` with a key of an image set to `value`, which is TOML already.

    A new key stands behind the others of the image. Raises `NotEditable` and `InvalidDocument`.
    """
    found = toml_spans.entries(text)
    line = f"{key} = {value}"
    old = _find(found, name, key)
    if old is not None and old.value is not None:
        edited = text[: old.value] + value + text[old.end :]
    elif (last := _last_beside_image(found, name)) is None:
        edited = text
    else:
        prefix = text[last.start : last.value].partition("=")[0]
        prefix = prefix[: prefix.rindex(toml_spans.key_parts(prefix)[-1])]
        if last.inline is not None:
            edited = f"{text[: last.end]}, {prefix}{line}{text[last.end :]}"
        else:
            begin, end = _line(text, last.start, last.end)
            indent = text[begin : last.start]
            own, own_end = _split_end(text[begin:end])
            gap = own_end or _line_end(text)
            edited = f"{text[:begin]}{own}{gap}{indent}{prefix}{line}{own_end}{text[end:]}"

    def change(images: dict[str, Any]) -> None:
        images[name][key] = toml.parse(f"x = {value}").values["x"]

    return _proven(text, edited, change, _no_key(text, found, name, f"write {line} there yourself"))


def delete_key(text: str, name: str, key: str) -> str:
    """`text` without a key of an image, and without the line that it stands on.

    Raises `NotEditable` and `InvalidDocument`.
    """
    found = toml_spans.entries(text)
    old = _find(found, name, key)
    edited = text
    if old is not None:
        begin, end = _line(text, old.start, old.end)
        if old.inline is not None:
            edited = _without_item(text, old, found)
        elif text[begin:end].endswith("\n"):
            edited = text[:begin] + text[end:]
        else:
            edited = _split_end(text[:begin])[0]

    def change(images: dict[str, Any]) -> None:
        images[name].pop(key, None)

    return _proven(text, edited, change, _no_key(text, found, name, f"remove {key} yourself"))


def entry_text(
    name: str, image: str, *, version: str | None = None, platforms: Sequence[str] = ()
) -> str:
    """The lines of an image's table in images.toml."""
    lines = [f"[{_TABLE}.{toml_writer.key(name)}]", f"image = {toml_writer.string(image)}"]
    if version:
        lines.append(f"version = {toml_writer.string(version)}")
    if platforms:
        lines.append(f"platforms = {toml_writer.strings(platforms)}")
    return "".join(f"{line}\n" for line in lines)


def _proven(
    text: str, edited: str, change: Callable[[dict[str, Any]], None], refusal: NotEditable
) -> str:
    """`edited`, which must mean what `change` makes of the images of `text`."""
    document = toml.parse(text)
    images = {
        name: dict(image.values) for name, image in document.table_or_empty(_TABLE).subtables(str)
    }
    change(images)
    try:
        made = dict(toml.parse(edited).values)
    except toml.InvalidDocument:
        raise refusal from None
    if made.pop(_TABLE, {}) != images or made != _without_images(document.values):
        raise refusal
    return edited


def _without_images(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != _TABLE}


def _inline(values: dict[str, Any]) -> str:
    return toml_writer.inline_table(
        (key, toml_writer.strings(value) if isinstance(value, list) else toml_writer.string(value))
        for key, value in values.items()
    )


def _no_key(text: str, found: Sequence[Entry], name: str, hint: str) -> NotEditable:
    mine = next((entry for entry in found if entry.path[:2] == (_TABLE, name)), None)
    error = NotEditable(
        f"the image {name!r} cannot be changed, because of the form that it has", hint=hint
    )
    return error.at(toml_spans.where(text, mine.start)) if mine else error


def _find(found: Sequence[Entry], name: str, key: str) -> Entry | None:
    return next((entry for entry in found if entry.path == (_TABLE, name, key)), None)


def _last_beside_image(found: Sequence[Entry], name: str) -> Entry | None:
    """The last key of an image in the table, or the form, that has its reference."""
    image = _find(found, name, "image")
    if image is None:
        return None
    mine = [entry for entry in found if entry.path[:2] == (_TABLE, name) and len(entry.path) == 3]
    return [entry for entry in mine if entry.inline == image.inline and entry.value][-1]


def _runs(found: Sequence[Entry], chosen: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """The first and last of those of the `chosen` that follow one another."""
    runs: list[tuple[Entry, Entry]] = []
    others = [entry for entry in found if entry not in chosen and entry.inline is None]
    for entry in chosen:
        if (
            runs
            and entry.inline is None
            and runs[-1][0].inline is None
            and not any(runs[-1][1].start < other.start < entry.start for other in others)
        ):
            runs[-1] = (runs[-1][0], entry)
        else:
            runs.append((entry, entry))
    return runs


def _without_lines(text: str, start: int, end: int) -> str:
    """`text` without the lines of a place, and with one gap where there were two."""
    begin, end = _line(text, start, end)
    before, after = text[:begin], text[end:]
    kept = _without_last_blank_lines(before)
    is_after_gap = not before or kept != before
    if not after:
        return kept
    if is_after_gap and (gap := _BLANK.match(after)):
        after = after[gap.end() :]
    return before + after


def _without_item(text: str, item: Entry, found: Sequence[Entry]) -> str:
    """`text` without an item of an inline table, and without one comma."""
    items = [
        entry
        for entry in found
        if entry.inline == item.inline and entry.path[:-1] == item.path[:-1]
    ]
    position = items.index(item)
    if position + 1 < len(items):
        return text[: item.start] + text[items[position + 1].start :]
    if position:
        return text[: items[position - 1].end] + text[item.end :]
    return text[: item.start].rstrip(" \t") + text[item.end :].lstrip(" \t")


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """The begin of the line of `start`, and the end of that of `end`, behind its line break."""
    return text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text)


def _split_end(text: str) -> tuple[str, str]:
    """A text and the line break at its end, "" where it has none."""
    for end in ("\r\n", "\n"):
        if text.endswith(end):
            return text.removesuffix(end), end
    return text, ""


def _line_end(text: str) -> str:
    """The line break that new lines get: that of the last line which has one."""
    last = text.rfind("\n")
    return "\r\n" if last > 0 and text[last - 1] == "\r" else "\n"


def _without_last_blank_lines(text: str) -> str:
    """`text` without the lines at its end that have spaces alone, which end in a newline."""
    if not text.endswith("\n"):
        return text
    lines = text.splitlines(keepends=True)
    while lines and not lines[-1].strip(" \t\r\n"):
        lines.pop()
    return "".join(lines)
