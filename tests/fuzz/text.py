"""What targets share: inputs as text, and calls whose errors are looked at and passed by."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fuzz.trial import fault_of

from nixfetch_docker.errors import NixfetchError

T = TypeVar("T")


def of(data: bytes) -> str:
    """The input as text; bytes that are not UTF-8 become lone surrogates, as in arguments."""
    return data.decode(errors="surrogateescape")


def said(call: Callable[..., T], *arguments: object, hidden: str = "", **more: object) -> T | None:
    """What a call returns; None where it raises an error of the package, whose text is fine.

    No error may show the text `hidden`.
    """
    try:
        return call(*arguments, **more)
    except NixfetchError as error:
        fault = fault_of(error)
        if fault is not None or (hidden and hidden in str(error)):
            what = fault or "an error with a secret"
            raise AssertionError(f"{what}: {str(error)[:500]!r}") from error
        return None
