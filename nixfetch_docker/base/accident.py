"""Errors that no module foresees: bugs, and limits of the machine."""

from __future__ import annotations

from ..errors import NixfetchError
from .redact import quote

HINT = "set NIXFETCH_DEBUG=1 in the environment to see where, and report it"
# A person reads these more easily than the names of Python's errors.
_WORDS: dict[type[Exception], str] = {
    MemoryError: "there is not enough memory",
    RecursionError: "something is nested too deeply",
}


class Accident(NixfetchError):
    """An error that the program did not foresee."""


def accident(error: Exception) -> Accident:
    """The error for a person, on one line, of an exception that is no `NixfetchError`.

    It is cut and redacted, as the text of `error` may be foreign.
    """
    what = next((text for kind, text in _WORDS.items() if isinstance(error, kind)), "")
    if not what:
        # The text of an `OSError` has a number and quotes; of a `KeyError`, the key alone.
        said = quote(_text(error)[:1000])
        what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    made = Accident(f"unexpected error ({what})", hint=HINT)
    made.__cause__ = error
    return made


def _text(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return str(error)
