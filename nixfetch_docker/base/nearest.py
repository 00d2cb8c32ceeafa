"""The known word that a misspelt one is like."""

from __future__ import annotations

from collections.abc import Iterable

# Words of commands, keys and images are shorter; longer ones cost time.
_LONGEST = 100
_MOST = 1000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of the first thousand `known` that is most like `word`, None where none is."""
    from difflib import get_close_matches
    from itertools import islice

    found = get_close_matches(word[:_LONGEST], list(islice(known, _MOST)), n=1)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question whether the nearest word was meant, or "" where none is near."""
    found = nearest(word, known)
    return f"did you mean {found}?" if found is not None else ""
