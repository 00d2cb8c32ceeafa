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
    from difflib import get_close_matches
    from itertools import islice

    found = get_close_matches(word[:_LONGEST], list(islice(known, _MOST)), n=1, cutoff=likeness)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question whether the nearest word was meant, or "" where none is near."""
    found = nearest(word, known)
    return f"did you mean {found}?" if found is not None else ""
