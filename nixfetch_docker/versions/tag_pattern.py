r"""Patterns for tags that follow no common scheme: `^RELEASE\.(?P<version>.+)$`."""

from __future__ import annotations

import re
import warnings
from typing import Self

from ..base.redact import quote
from ..base.values import dataclass
from ..errors import NixfetchError

_GROUP = "version"
_LONGEST = 500


class InvalidPattern(NixfetchError):
    """A text that is not a pattern for tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPattern:
    """A regular expression with a group named `version`."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern in Python's syntax; raises `InvalidPattern`."""
        if len(text) > _LONGEST:
            raise InvalidPattern(f"it has more than {_LONGEST} characters", hint="shorten it")
        try:
            with warnings.catch_warnings():
                # A set such as [[a] is to mean something else in a later Python.
                warnings.simplefilter("error", FutureWarning)
                compiled = re.compile(text)
        except (re.error, FutureWarning, OverflowError, RecursionError) as error:
            raise InvalidPattern(
                f"{text!r} is not a regular expression ({quote(str(error))})",
                hint="it has Python's syntax: https://docs.python.org/3/library/re.html#syntax",
            ) from None
        if _GROUP not in compiled.groupindex:
            raise InvalidPattern(
                f"{text!r} has no group named 'version'",
                hint="put the part that tells old from new into (?P<version>…)",
            )
        return cls(text=text)
