"""Secrets that a server repeats, struck out of its text in every usual encoding.

A text is compared with the secrets as it stands, and as `escapes` reads it. White space and control
characters do not count, because messages are printed without them, nor does the case of letters,
because hosts are printed in lower case. Letters and digits alone are compared too: so base64 is
found in either alphabet, with and without padding, in several lines, and in the middle of a longer
text.

Every step takes time in proportion to the text.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache

from .escapes import Reading, readings
from .letter_case import lowered

# To strike a password of three letters would take half of the message, and hide nothing.
_SHORTEST = 4
_STRUCK = "…"
_REMEMBERED = 4096


def strike(text: str, secrets: Collection[str], *, is_cut: bool = False) -> str:
    """`text` with "…" for each of the `secrets`, encoded or not.

    With `is_cut`, the text may end within a secret: its beginning at the end of `text` is struck.
    """
    if not secrets:
        return text
    spans = sorted(
        span
        for reading in readings(text, is_cut=is_cut)
        for keep, forms_of in _COMPARED
        for span in _find(reading, keep, forms_of, secrets, len(text) if is_cut else None)
    )
    struck: list[str] = []
    position = 0
    for start, end in spans:
        if start > position or not struck:
            struck += [text[position:start], _STRUCK]
        position = max(position, end)
    return "".join([*struck, text[position:]])


def strike_quotations(text: str, secrets: Collection[str]) -> str:
    """A message without `secrets`, where it quotes texts that were cut at each "…" in it."""
    *cut, last = strike(text, secrets).split(_STRUCK)
    return _STRUCK.join([*(strike(part, secrets, is_cut=True) for part in cut), last]).replace(
        _STRUCK * 2, _STRUCK
    )


def secrets_of(authorization: str) -> frozenset[str]:
    """The secrets in an `Authorization` header: its value, and the login that a Basic value is."""
    value = authorization.partition(" ")[2]
    found = {value, value.rstrip("=")}
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except ValueError:
        pair = ""
    found |= {pair, pair.partition(":")[2]}
    return frozenset(secret for secret in found if len(secret) >= _SHORTEST)


def _is_any(_character: str) -> bool:
    return True


def _is_visible(character: str) -> bool:
    return character.isprintable() and not character.isspace()


def _is_not_plus(character: str) -> bool:
    """Forms send a space as "+"."""
    return character != "+" and _is_visible(character)


def _is_alphanumeric(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _find(
    reading: Reading,
    keep: Callable[[str], bool],
    forms_of: Callable[[str], Collection[str]],
    secrets: Collection[str],
    end: int | None,
) -> Iterator[tuple[int, int]]:
    """The places of all secrets among the characters that `keep` takes.

    `end` is the length of the source where it is cut, else None.
    """
    places = [place for place, character in enumerate(reading.text) if keep(character)]
    text = lowered("".join([reading.text[place] for place in places]))
    for secret in secrets:
        for form in forms_of(secret):
            position = text.find(form)
            while position >= 0:
                last = places[position + len(form) - 1]
                yield reading.starts[places[position]], reading.ends[last]
                position = text.find(form, position + 1)
            if end is not None and (begun := _begun(text, form)):
                yield reading.starts[places[len(text) - begun]], end


def _begun(text: str, form: str) -> int:
    """The length of the longest beginning of `form` that `text` ends with, 0 for a short one."""
    longest = min(len(form) - 1, len(text))
    return next((n for n in range(longest, _SHORTEST - 1, -1) if text.endswith(form[:n])), 0)


def _itself(secret: str) -> Collection[str]:
    return (lowered(secret),)


@lru_cache(maxsize=_REMEMBERED)
def _plain_forms(secret: str) -> frozenset[str]:
    """A secret without white space, with and without the escapes that it holds itself."""
    texts = [reading.text for reading in readings(secret)]
    return _long_enough("".join(filter(_is_visible, text)) for text in texts)


@lru_cache(maxsize=_REMEMBERED)
def _forms_without_plus(secret: str) -> frozenset[str]:
    return _long_enough(form.replace("+", "") for form in _plain_forms(secret))


@lru_cache(maxsize=_REMEMBERED)
def _letter_forms(secret: str) -> frozenset[str]:
    """The letters and digits of a secret, of its base64 and of its hexadecimal form."""
    data = secret.encode(errors="surrogatepass")
    # Three bytes are four characters of base64, so there are three ways to stand in a longer text.
    # Left out are the characters at the ends that other bytes take a part in.
    encoded = [
        base64.b64encode(bytes(before) + data).decode()[first : (before + len(data)) * 4 // 3]
        for before, first in ((0, 0), (1, 2), (2, 3))
    ]
    plain = "".join(filter(_is_alphanumeric, secret))
    # The few letters of a secret that consists of other characters tell nothing of it.
    texts = [plain] if 2 * len(plain) >= len(secret) else []
    texts += ["".join(filter(_is_alphanumeric, text)) for text in encoded]
    return _long_enough([*texts, data.hex()])


def _long_enough(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(lowered(text) for text in texts if len(text) >= _SHORTEST)


# The characters that are compared, and what they would be of a secret.
_COMPARED: tuple[tuple[Callable[[str], bool], Callable[[str], Collection[str]]], ...] = (
    (_is_any, _itself),
    (_is_visible, _plain_forms),
    (_is_not_plus, _forms_without_plus),
    (_is_alphanumeric, _letter_forms),
)
