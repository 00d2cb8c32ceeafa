"""Failures of requests and of images, printed to stderr by way of the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import console, short_form

if TYPE_CHECKING:
    from ..base.faults import Failure


def detour(text: str) -> None:
    """Print a note that a request failed and what is done now, once a registry and remedy."""
    if short_form.is_news(text):
        console.note(text)


def show(failed: Sequence[Failure]) -> None:
    """Print the errors of several images, each fault once with the images concerned."""
    for line in short_form.of_failures(failed):
        console.error(line)
