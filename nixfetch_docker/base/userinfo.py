"""The login in a text that names a registry: the `ann:password@` of `https://ann:password@host`.

It is the userinfo of https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1, here also in texts that
are no URL, because the scheme is missing or mistyped. A login is never part of a setting: others
read images.toml, and Nix writes settings into derivations, which every user can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .letter_case import lowered
from .regex import regex

# Also percent-encoded, once or more than once.
_AT = regex(r"@|%(?:25)*40")
_SCHEME = regex(r"\s*[A-Za-z][A-Za-z0-9+.-]{0,15}://")
_DIGEST = regex(r"@sha[0-9]{3}:[0-9A-Fa-f]{0,128}")
_ALGORITHM = regex(r"sha[0-9]{3}:")
_WORD = regex(r"[^\s\"'<>]++")
_STEP = regex(r"[/:]")
# Of a longer login its beginning is enough, as a message may cut it, in characters.
_BEGINNING = 24

HINT = "log in with docker login or podman login"


def has_login(text: str) -> bool:
    """Whether a text that names a registry or an image has a login in it.

    A digest behind the name, as in `redis@sha256:…`, is none. A user name or token alone is one.
    """
    name, at, _ = text.rpartition("@")
    if at and _DIGEST.fullmatch(text, len(name)):
        text = name
    return _AT.search(text) is not None


def without_login(text: str) -> str:
    """`text` for a message: "…@" where it has a login, and the same text where it has none."""
    if not has_login(text):
        return text
    scheme = _SCHEME.match(text)
    last = max(match.end() for match in _AT.finditer(text))
    return f"{scheme[0].strip() if scheme else ''}…@{text[last:]}"


def hide_logins(text: str) -> str:
    """A message in which no word has a user name and a password: "…@host" for "ann:pw@host"."""
    return _WORD.sub(lambda word: "/".join(map(_without_pair, word[0].split("/"))), text)


def _without_pair(part: str) -> str:
    ends = [at for at in _AT.finditer(part) if not _ALGORITHM.match(part, at.end())]
    if not ends or ":" not in part[: ends[-1].start()]:
        return part
    return f"…@{part[ends[-1].end() :]}"


def typed_logins(words: Iterable[str]) -> list[str]:
    """The logins in the words of a command line, as a message may repeat them; the longest first.

    A path with "@" in it is none.
    """
    found = {form for word in words if has_login(word) for form in _forms(word)}
    return sorted(found, key=len, reverse=True)


def _forms(word: str) -> Iterator[str]:
    """The login in a word, and what is left of it where a message names a part of the word."""
    if word.startswith("-"):
        word = word.partition("=")[2]
    scheme = _SCHEME.match(word)
    rest = word[scheme.end() :] if scheme else word
    ends = list(_AT.finditer(rest))
    if not ends:
        return
    at = ends[-1]
    login = rest[: at.start()]
    is_pair = ":" in login
    if "/" in login and not is_pair and not scheme:
        return
    starts = [0, *(step.end() for step in _STEP.finditer(login))]
    for form in [login] * is_pair + [rest[start : at.end()] for start in starts]:
        if form != at[0]:
            yield from {form, repr(form)[1:-1]}


def strike_typed(text: str, logins: Iterable[str]) -> str:
    """A message without the logins that `typed_logins` found, whole or cut."""
    for login in logins:
        text = _strike(text, lowered(login))
    return text


def _strike(text: str, login: str) -> str:
    lower = lowered(text)
    struck: list[str] = []
    position = 0
    while (start := lower.find(login[:_BEGINNING], position)) >= 0:
        end = start
        while end < len(lower) and end - start < len(login) and lower[end] == login[end - start]:
            end += 1
        struck += [text[position:start], "…@" if login.endswith("@") else "…"]
        position = end
    return "".join([*struck, text[position:]])
