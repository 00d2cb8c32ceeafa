"""Letters without regard to case: keys of JSON as Go's encoding/json compares them, and texts.

The rule of Go is Unicode's simple case folding, which `str.casefold` is not: that makes two letters
of some. It has letters beyond ASCII that fold into it, "\u017f" to "s" and "\u212a" to "k":
https://github.com/golang/go/blob/go1.22.0/src/encoding/json/fold.go
"""

from __future__ import annotations


def fold(key: str) -> str:
    """A text that is the same for two keys that Go takes for one."""
    return key.lower() if key.isascii() else "".join(map(_fold, key))


def _fold(letter: str) -> str:
    folded = letter.casefold()
    if len(folded) > 1:
        folded = letter.lower()
    return folded if len(folded) == 1 else letter


def lowered(text: str) -> str:
    """`text` in lower case, with as many characters: of some letters this would make two."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
