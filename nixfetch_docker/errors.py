"""The one exception that every failure of this package derives from."""

from __future__ import annotations

from typing import Self


class NixfetchError(Exception):
    """Something that the person at the keyboard can act on.

    Its text is one line: where it happened (outermost place first), what
    happened, and what to try.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.places: list[str] = []

    def at(self, place: str) -> Self:
        """Name a place around those already named; returns the error itself, to be raised."""
        self.places.insert(0, place)
        return self

    @property
    def cause(self) -> str:
        """Where and what, without what to try."""
        return ": ".join([*self.places, self.what])

    def __str__(self) -> str:
        return f"{self.cause}; {self.hint}" if self.hint else self.cause


class Cancelled(Exception):
    """Nobody wants the result any more.

    No failure of a registry's, so it passes by everything that would try again, or elsewhere.
    """


class UsageError(NixfetchError):
    """The command line asks for something that there is not."""


class RegistryError(NixfetchError):
    """A registry that cannot be reached, refuses, or answers with nonsense."""


class DeniedError(RegistryError):
    """A registry that does not let us have it: a 401 or a 403.

    `login` is where the login that was sent came from; "" where none was.
    """

    login = ""


class WrongContent(NixfetchError):
    """Bytes that are not those that a digest, a size or an encoding tells of."""


class TransientError(RegistryError):
    """A failure that may pass.

    `received` is how many bytes came before it, `retry_after` how many seconds the registry
    asks to be left alone.
    """

    def __init__(
        self, what: str, *, hint: str = "", received: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(what, hint=hint)
        self.received = received
        self.retry_after = retry_after
