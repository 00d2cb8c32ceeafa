"""The root of all errors, and the errors that several rooms raise."""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self


class NixfetchError(Exception):
    """A failure that a person can act on.

    Its text is one line: the `subjects` that it is about, such as an image, the places where it
    happened, both from the outermost to the innermost, then `what` happened, then the `hint`, which
    says what to do. `details` are lines to show below it.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.subjects: list[str] = []
        self.places: list[str] = []
        self.details: Sequence[str] = ()

    def of(self, subject: str) -> Self:
        """Name what the error is about, around what is already named; returns the error itself.

        Other subjects may have the same error, at the same place.
        """
        self.subjects.insert(0, subject)
        return self

    def at(self, place: str) -> Self:
        """Name a place around those already named; returns the error itself, to be raised."""
        self.places.insert(0, place)
        return self

    @property
    def cause(self) -> str:
        """The text without the hint."""
        return ": ".join([*self.subjects, *self.places, self.what])

    def __str__(self) -> str:
        return f"{self.cause}; {self.hint}" if self.hint else self.cause


@contextmanager
def placed(place: object) -> Iterator[None]:
    """Name `place`, such as a path, around the places of every `NixfetchError` of the block."""
    try:
        yield
    except NixfetchError as error:
        raise error.at(str(place)) from None


class Cancelled(Exception):
    """The work was given up, because the program ends.

    It is no `NixfetchError`, so that it passes by all code that would try again, or elsewhere.
    """


class UsageError(NixfetchError):
    """A command line that asks for something that does not exist, or for two things at odds."""


class RegistryError(NixfetchError):
    """A registry that cannot be reached, refuses, or sends an answer that cannot be read."""


class LocalNetworkError(RegistryError):
    """A failure of this machine's network or of its proxy, whichever registry is asked."""


class DeniedError(RegistryError):
    """A registry that refuses access: a 401 or a 403.

    `login` names the source of the login that was sent, "" where none was.
    """

    login = ""


class NotFoundError(RegistryError):
    """A registry that does not have the repository, manifest or blob asked for: a 404.

    `is_of_repository` says that it answered that it does not know the repository.
    """

    is_of_repository = False


class WrongContent(NixfetchError):
    """Bytes that their digest, their size or their encoding contradicts."""


class TransientError(RegistryError):
    """A failure that may pass.

    `kept` counts the bytes that came before it and that the next try goes on from; `retry_after` is
    the wait in seconds that the registry asks for, if any.
    """

    def __init__(
        self, what: str, *, hint: str = "", kept: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(what, hint=hint)
        self.kept = kept
        self.retry_after = retry_after
