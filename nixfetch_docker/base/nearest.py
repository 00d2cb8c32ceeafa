"""The known word that a misspelt one is like."""

from __future__ import annotations

from collections.abc import Iterable

# Words of commands, keys and images are shorter; longer ones cost time.
_LONGEST = 100
_MOST = 1000
# The one that difflib takes where it is told none.
_LIKENESS = 0.6


def nearest(word: str, known: Iterable[str], *, likeness: float = _LIKENESS) -> str | None:
    """The word of the first thousand `known` that is most like `word`, None where none is.

    `likeness` is the least share of equal letters, of 0 to 1.
    """
    return next(iter(all_nearest(word, known, 1, likeness=likeness)), None)


def all_nearest(
    word: str, known: Iterable[str], number: int, *, likeness: float = _LIKENESS
) -> list[str]:
    """At most `number` words of the first thousand `known` that are like `word`, the best first."""
    from difflib import get_close_matches
    from itertools import islice

    some = list(islice(known, _MOST))
    return get_close_matches(word[:_LONGEST], some, n=number, cutoff=likeness)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question whether the nearest word was meant, or "" where none is near."""
    found = nearest(word, known)
    return f"did you mean {found}?" if found is not None else ""


def with_question(text: str, word: str, known: Iterable[str]) -> str:
    """The text of an error about `word`, and behind it that question where there is one."""
    question = did_you_mean(word, known)
    return f"{text}; {question}" if question else text
