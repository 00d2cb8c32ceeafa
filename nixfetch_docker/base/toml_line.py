"""One line of a document that is not TOML, and the line that was meant.

People write what they know from other languages (`image: redis:7`, `image = "x";`), from a word
processor (`image = “redis:7”`), or leave out a quotation mark. Each is put as TOML wants it; the
caller proves by a parser that the result is TOML. No line is read that is longer than `LONGEST`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import toml_writer
from .regex import regex
from .values import dataclass

LONGEST = 500
_TYPOGRAPHIC = "`´“”„‟‘’‚‛«»‹›＂＇"
_QUOTES = f"\"'{_TYPOGRAPHIC}"
_FIRST_TYPOGRAPHIC = regex(f"[{_TYPOGRAPHIC}]")
_SPECIAL_SPACE = regex("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]")
_LINE = regex(
    r"""
    (?P<indent> \s*)
    (?P<key> (?: "[^"]*" | '[^']*' | [^\s=:＝：#,;()\[\]{}"'] )+ )
    \s* (?P<sign> := | => | == | [=:＝：] )?
    \s* (?P<value> .* )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = regex(r"(?<!\S)#.*", re.DOTALL)
_FOREIGN_COMMENT = regex(r"(\s*)(?://|--|;|/\*)\s*(.*)", re.DOTALL)
_COMMENT_BEHIND = regex(
    r"""
    (?P<value> "[^"]*" | '[^']*' | \[[^\]]*\] | true | false )
    \s+ (?P<sign> // | -- | ; | /\* ) (?P<comment> .*)
    """,
    re.VERBOSE | re.DOTALL,
)
_BETWEEN_ITEMS = regex(rf"[\s,;\[\]{_QUOTES}]+")
_BETWEEN_PAIRS = regex(r"[,;]")
_NIX_STRING = regex("''(?!')")
_NOT_IN_LITERAL = regex(r"[\x00-\x1f\x7f\"']")
_ESCAPED = regex(r"[\"\\]")
_CONTROL = regex(r"[\x00-\x1f\x7f]")
_BARE = regex(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_ITEMS = "an array has commas between its items, and quotation marks around them"
_PAIRS = "an inline table has commas between its keys, and quotation marks around their values"
_NOTHING = {"null", "Null", "NULL", "nil", "none", "None", "~", "undefined"}
_YAML_ITEM = "-"
_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantLine:
    """What is wrong with a line, and the `line` that was meant, "" for none.

    `is_example` says that the value in it is an example, because the line has none.
    """

    what: str
    line: str
    is_example: bool = False
    comment: str = ""
    """The comment at its end, where that may hold quotation marks."""

    @property
    def code(self) -> str:
        """The line without its comment, if it has more, and without the spaces around it."""
        if self.comment:
            return self.line.removesuffix(self.comment).strip()
        return _split_comment(self.line)[0].strip() or self.line.strip()


def meant(line: str, *, is_item: bool, examples: Mapping[str, str]) -> MeantLine | None:
    """The line that was meant by one that is not TOML, or None where nobody can tell.

    `is_item` says that it begins within an array. `examples` are values in TOML by their keys.
    """
    if len(line) > LONGEST:
        return None
    if is_item:
        return _item(line)
    if comment := _FOREIGN_COMMENT.fullmatch(line):
        told = comment[2].rstrip().removesuffix("*/").rstrip()
        return MeantLine(what="a comment begins with #", line=f"{comment[1]}# {told}")
    if line.lstrip().startswith("["):
        return _header(line)
    return _of_other_languages(line) or _key_and_value(line, examples)


def _of_other_languages(line: str) -> MeantLine | None:
    """The line for a list of YAML, for no value, and for a comment of another language."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    if found["key"] == _YAML_ITEM:
        return MeantLine(what="this is a list of YAML; an array of TOML is on one line", line="")
    if _split_comment(found["value"])[0].rstrip(" \t;,") in _NOTHING:
        return MeantLine(what="TOML has no null; a key without a value is left out", line="")
    if (behind := _COMMENT_BEHIND.fullmatch(found["value"])) and found["sign"] == "=":
        comment = behind["comment"].rstrip().removesuffix("*/").strip()
        what = f"a comment begins with #, not with {behind['sign']!r}"
        code = line[: found.start("value")] + behind["value"]
        return MeantLine(what=what, line=f"{code} # {comment}", comment=f"# {comment}")
    return None


def _key_and_value(line: str, examples: Mapping[str, str]) -> MeantLine | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    key = found["key"].strip(_TYPOGRAPHIC)
    if found["key"][0] in _TYPOGRAPHIC and not _BARE.fullmatch(key):
        key = toml_writer.string(key)
    text, comment = _split_comment(f" {found['value']}")
    text = text.strip()
    value = _value(text) if text else examples.get(key)
    # A word alone is a key, and no value.
    if value is None or value.strip('"') == found["key"]:
        return None
    written = f"{found['indent']}{key} = {value}{comment}"
    if not text:
        return MeantLine(what="the key has no value", line=written, is_example=True)
    return MeantLine(what=_fault(line, found["sign"], text), line=written)


def _fault(line: str, sign: str | None, value: str) -> str:
    """What is wrong with a key and its value, the first that applies."""
    first, end = value[0], value.rstrip(" \t;,")
    if found := _FIRST_TYPOGRAPHIC.search(line):
        return _no_quotation_mark(found[0])
    special = _SPECIAL_SPACE.search(line)
    space = f"U+{ord(special[0]):04X}" if special else ""
    faults = {
        "the '=' behind the key is missing": not sign,
        f"{sign!r} stands where '=' belongs": sign != "=",
        "'' is a quotation mark of Nix, not of TOML": _NIX_STRING.match(value),
        "the string is not closed": first in "\"'" and end[-1] != first,
        "the array is not closed": first == "[" and end[-1] != "]",
        "the table is not closed": first == "{" and end[-1] != "}",
        "a semicolon stands behind the value": value[-1] == ";",
        "a comma stands behind the value": value[-1] == ",",
        f"a space is no plain one, but {space}": space,
        _ITEMS: first == "[",
        _PAIRS: first == "{",
        "a backslash between these quotation marks begins an escape": first == '"',
        "true and false are written so": value in _WORDS,
        "the quotation marks are missing": True,
    }
    return next(what for what, applies in faults.items() if applies)


def _no_quotation_mark(letter: str) -> str:
    return f"{letter} (U+{ord(letter):04X}) is no quotation mark of TOML"


def _value(text: str) -> str | None:
    """The value in TOML that a text means; None where that is not clear."""
    text = text.rstrip(" \t;,")
    if text.startswith("["):
        return toml_writer.strings(filter(None, _BETWEEN_ITEMS.split(text)))
    if text.startswith("{"):
        return _inline_table(text.strip("{} \t;,"))
    if text in ("true", "false") or text in _WORDS:
        return _WORDS.get(text, text)
    inner = text.strip(_QUOTES)
    if _ESCAPED.search(inner):
        return None if _NOT_IN_LITERAL.search(inner) else f"'{inner}'"
    return None if not inner or _CONTROL.search(inner) else f'"{inner}"'


def _inline_table(body: str) -> str | None:
    pairs: list[tuple[str, str]] = []
    if "[" in body or "{" in body:
        return None
    for part in filter(str.strip, _BETWEEN_PAIRS.split(body)):
        found = _LINE.fullmatch(part)
        value = _value(found["value"].strip()) if found is not None else None
        if found is None or value is None:
            return None
        pairs.append((found["key"].strip(_QUOTES), value))
    return toml_writer.inline_table(pairs) if pairs else None


def _item(line: str) -> MeantLine | None:
    """The items of an array on a line of their own, each with a comma."""
    code, comment = _split_comment(line)
    items = [item for item in _BETWEEN_ITEMS.split(code.strip()) if item and item != "-"]
    if not items or "=" in code:
        return None
    indent = line[: len(line) - len(line.lstrip())]
    end = "]" if "]" in code else ","
    written = ", ".join(map(toml_writer.string, items))
    found = _FIRST_TYPOGRAPHIC.search(code)
    what = _no_quotation_mark(found[0]) if found else _ITEMS
    return MeantLine(what=what, line=f"{indent}{written}{end}{comment}")


def _header(line: str) -> MeantLine | None:
    """The header of a table, whose last part has quotation marks where it must."""
    code, comment = _split_comment(line)
    indent = line[: len(line) - len(line.lstrip())]
    name = code.strip().rstrip(";:, \t").strip("[] \t")
    first, _, rest = name.partition(".")
    first, rest = first.strip(_QUOTES + " "), rest.strip(_QUOTES + ". ")
    if not _BARE.fullmatch(first) or _CONTROL.search(rest) or _ESCAPED.search(rest):
        return None
    if not _BARE.fullmatch(rest) and rest:
        rest = toml_writer.string(rest)
    path = f"{first}.{rest}" if rest else first
    closed = code.strip().startswith("[") and code.rstrip().endswith("]")
    what = (
        "a name with other characters has quotation marks" if closed else "the header is not closed"
    )
    if code.rstrip().endswith((";", ":", ",")):
        what = f"{code.rstrip()[-1]!r} stands behind the header"
    if found := _FIRST_TYPOGRAPHIC.search(code):
        what = _no_quotation_mark(found[0])
    return MeantLine(what=what, line=f"{indent}[{path}]{comment}")


def _split_comment(text: str) -> tuple[str, str]:
    """A text without its comment, and the comment with the spaces before it.

    A comment is looked for behind the last quotation mark.
    """
    last = max(map(text.rfind, _QUOTES))
    found = _COMMENT.search(text, last + 1)
    code = text if found is None else text[: found.start()].rstrip()
    return code, text[len(code) :]
