"""Mutations of an input that keep most of its structure, so that they reach the code behind it."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

LONGEST = 256 * 1024
_USUAL = 16 * 1024
# How often an input grows beyond what is usual: growth finds what is slow, and costs time.
_GROWTH = 0.003
_BLOCK = 512

# What parsers stumble over: limits of numbers, letters that change with their case or count as
# digits, separators, escapes, and the words of the formats.
WORDS: tuple[str, ...] = (
    *("0", "-1", "1", "00", "1e400", "-0", "0.1", "NaN", "Infinity", "0x10", "1_000"),
    *(str(2**31), str(2**53 + 1), str(2**63 - 1), str(2**63), str(2**64), "9" * 400, "9" * 5000),
    *("", " ", "\t", "\n", "\r\n", "\r", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff"),
    *("\u00b2", "\u0663", "\uff11", "\u0130", "\u00df", "\u212a", "\u202e", "\ud7ff", "\U0001f600"),
    *("\\u0000", "\\ud800", "\\x00", "\\", "\\\\", '\\"', "%00", "%2e%2e%2f", "%", "&#0;"),
    *("..", "../", "/", "//", ".", "./", "~", "a/../b", "/etc/passwd", "CON", "*", "?", "#"),
    *("@", ":", "://", "=", "==", ",", ";", ", ", "; ", "[", "]", "{", "}", "(", ")", "<", ">"),
    *('"', "'", "''", "`", "|", "||", "&&", "$", "${", "!", "^", "-", "--", "_", "+"),
    *(
        "latest",
        "sha256:" + "0" * 64,
        "sha512:" + "f" * 128,
        "sha256:",
        "a" * 64,
        "md5:" + "0" * 32,
    ),
    *("localhost", "127.0.0.1:5000", "[::1]:5000", "[::]", "host:99999", "xn--", "user:pw@host"),
    *("null", "true", "false", "[]", "{}", '{"a":', "1.2.3", "^1", ">=", "7-alpine", "v1-rc.1"),
    *("linux/amd64", "linux/arm/v7", "arm64/v8", "Thu, 01 Jan 1970 00:00:00 GMT", "bytes 0-0/*"),
    *("application/vnd.oci.image.index.v1+json", "Bearer realm=", "Basic ", 'rel="next"'),
    *("::error::x", "##[add-mask]", "<script>", "[a](http://b)", "@octocat", "Fixes #1"),
)
_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]", re.ASCII)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 1e308, 0.5, -0.0),
    *("", [], {}, [[]], [{}], {"": ""}, {"a": {"a": {}}}),
)

Mutation = Callable[[bytes, Random], bytes]


def mutate(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """`data` with one to five mutations, sometimes with a part of one of the `others`."""
    form = form_of(data)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        if random.random() < _GROWTH:
            data = grow(data, random)
        elif random.random() < 0.1 and others:
            data = splice(data, random, random.choice(others))
        else:
            data = random.choice(form)(data, random)
        data = data[: LONGEST if len(data) > _USUAL and random.random() < 0.1 else max(_USUAL, 1)]
    return data


def form_of(data: bytes) -> Sequence[Mutation]:
    """The mutations that suit the form of `data`."""
    if data.startswith(b"\x1f\x8b"):
        return (_in_gzip, _in_gzip, _bytes)
    if data[257:262] == b"ustar":
        return (_in_tar_header, _in_tar_header, _tar_members, _in_tar_content, _bytes)
    if data.lstrip()[:1] in {b"{", b"["}:
        return (_in_json, _in_json, _in_json, _tokens, _words, _bytes)
    if b"\n" in data:
        return (_lines, _tokens, _tokens, _words, _words, _json_inside, _bytes)
    return (_tokens, _words, _words, _bytes)


def grow(data: bytes, random: Random) -> bytes:
    """A short piece of `data` many times over in its place."""
    start, end = _range(data, random, 12)
    piece = data[start:end] or random.choice(WORDS).encode() or b" "
    count = random.choice((1000, 5000, 20_000))
    return data[:start] + (piece * count)[:LONGEST] + data[end:]


def splice(data: bytes, random: Random, other: bytes) -> bytes:
    """A piece of `other` in `data`."""
    start, end = _range(other, random, 200)
    at, until = _range(data, random, 50)
    return data[:at] + other[start:end] + data[until:]


def _range(data: bytes, random: Random, most: int) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.randint(0, most))


def _bytes(data: bytes, random: Random) -> bytes:
    start, end = _range(data, random, 8)
    match random.randrange(5):
        case 0 if data:
            position = random.randrange(len(data))
            flipped = data[position] ^ (1 << random.randrange(8))
            return data[:position] + bytes([flipped]) + data[position + 1 :]
        case 1:
            return data[:start] + data[end:]
        case 2:
            return data[:end] + data[start:]
        case 3:
            return data[:start]
        case _:
            return data[:start] + random.randbytes(random.randint(1, 4)) + data[end:]


def _words(data: bytes, random: Random) -> bytes:
    """A word of the list, in the place of a token or beside it."""
    word = random.choice(WORDS).encode("utf-8", "surrogatepass")
    tokens = _TOKEN.findall(data[:LONGEST])
    if not tokens:
        return word
    position = random.randrange(len(tokens))
    tokens[position] = random.choice((word, tokens[position] + word, word + tokens[position]))
    return b"".join(tokens)


def _tokens(data: bytes, random: Random) -> bytes:
    """Tokens removed, repeated, swapped, or with another case."""
    tokens = _TOKEN.findall(data[:LONGEST])
    if not tokens:
        return data
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    match random.randrange(5):
        case 0:
            del tokens[one : one + random.randint(1, 4)]
        case 1:
            tokens[one:one] = tokens[other : other + random.randint(1, 6)]
        case 2:
            tokens[one], tokens[other] = tokens[other], tokens[one]
        case 3:
            tokens[one] = tokens[one].swapcase()
        case _:
            tokens[one] *= random.choice((2, 3, 40))
    return b"".join(tokens)


def _lines(data: bytes, random: Random) -> bytes:
    """Lines removed, repeated or swapped."""
    lines = data.splitlines(keepends=True) or [b""]
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(3):
        case 0:
            del lines[one : one + random.choice((1, 1, 3))]
        case 1:
            lines.insert(one, lines[other])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _in_json(data: bytes, random: Random) -> bytes:
    """A value of a JSON document replaced, removed, repeated, or moved."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _tokens(data, random)
    places = list(_places(document))
    if not places:
        return _tokens(data, random)
    holder, key = random.choice(places)
    match random.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = random.choice(_VALUES)
        case 2:
            other, name = random.choice(places)
            holder[key] = json.loads(json.dumps(other[name]))
        case 3 if isinstance(holder, list):
            holder.extend([holder[key]] * random.choice((1, 2, 50)))
        case 3:
            # The same key twice, or with another case, which JSON's own types cannot hold.
            name = json.dumps(random.choice((key, key.upper(), key.capitalize())))
            return _dumped(document).replace(b"{", b"{%s:null," % name.encode(), 1)
        case 4 if isinstance(holder, dict):
            holder[random.choice((key.upper(), f"{key} ", "", *WORDS))] = holder[key]
        case _:
            holder[key] = _changed(holder[key], random)
    return _dumped(document)


def _changed(value: Any, random: Random) -> Any:
    """Another value of the same type; a word in the place of an array or object."""
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        change = random.choice((_words, _tokens, _bytes))
        return change(text, random).decode("utf-8", "replace")
    if isinstance(value, int):
        return value + random.choice((-1, 1, 2**32, -(2**33)))
    return random.choice(WORDS)


def _dumped(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _keys(holder: Any) -> Sequence[Any]:
    return list(holder) if isinstance(holder, dict) else range(len(holder))


def _places(value: Any, depth: int = 0) -> Any:
    """Every array and object in a value, with each of its positions or keys."""
    if isinstance(value, dict | list) and depth < 20:
        for key in _keys(value):
            yield value, key
            yield from _places(value[key], depth + 1)


_JSON_LINES = re.compile(rb"^\{.*\}$|^\[.*\]$", re.MULTILINE)


def _json_inside(data: bytes, random: Random) -> bytes:
    """A document of JSON on a line of its own, mutated."""
    found = list(_JSON_LINES.finditer(data))
    if not found:
        return _words(data, random)
    one = random.choice(found)
    return data[: one.start()] + _in_json(one[0], random) + data[one.end() :]


def _in_gzip(data: bytes, random: Random) -> bytes:
    """The content of a gzip stream, mutated and encoded again."""
    try:
        content = zlib.decompressobj(31).decompress(data, LONGEST)
    except zlib.error:
        return _bytes(data, random)
    changed = random.choice(form_of(content))(content, random)
    return gzip.compress(changed, 1, mtime=0) * random.choice((1, 1, 1, 2))


def _in_tar_header(data: bytes, random: Random) -> bytes:
    """A field of a member's header changed, with the right checksum."""
    start = random.choice(_headers(data))
    block = bytearray(data[start : start + _BLOCK])
    fields = ((0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8), (345, 155))
    offset, width = random.choice(fields)
    value = random.choice(
        (
            random.choice((b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"g", b"x", b"L", b"K", b"S")),
            b"%o" % random.choice((0, 1, 511, 512, 2**33, 8**11 - 1)),
            b"\x80" + random.randbytes(7),
            b"\xff" * 12,
            random.choice(WORDS).encode("utf-8", "surrogatepass"),
            b"manifest.json",
            b"index.json",
            b"../../x",
        )
    )
    block[offset : offset + width] = value[:width].ljust(width, b"\0")
    return data[:start] + _with_checksum(block) + data[start + _BLOCK :]


def _with_checksum(block: bytearray) -> bytes:
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def _headers(data: bytes) -> list[int]:
    """The positions of the blocks that look like the headers of members."""
    found = [
        start
        for start in range(0, len(data), _BLOCK)
        if data[start + 257 : start + 262] == b"ustar"
    ]
    return found or [0]


def _tar_members(data: bytes, random: Random) -> bytes:
    """Members removed, repeated or swapped."""
    starts = _headers(data)
    members = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    return b"".join(_shuffled(members, random))


def _shuffled(members: list[bytes], random: Random) -> list[bytes]:
    one, other = random.randrange(len(members)), random.randrange(len(members))
    match random.randrange(3):
        case 0:
            del members[one]
        case 1:
            members.insert(one, members[other])
        case _:
            members[one], members[other] = members[other], members[one]
    return members


def _in_tar_content(data: bytes, random: Random) -> bytes:
    """The content of a member changed without a change of its size, as far as it is text."""
    start = random.choice(_headers(data)) + _BLOCK
    block = data[start : start + _BLOCK]
    changed = random.choice((_words, _tokens, _bytes))(block.rstrip(b"\0"), random)
    return data[:start] + changed[: len(block)].ljust(len(block), b"\0") + data[start + _BLOCK :]
