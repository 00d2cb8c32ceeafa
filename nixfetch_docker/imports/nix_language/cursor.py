"""Reading the tokens of a Nix file one after the other."""

from __future__ import annotations

from ...base.redact import quote
from .lexer import InvalidNix, Token


class Cursor:
    """The tokens of an expression, and the one that is next."""

    def __init__(self, tokens: tuple[Token, ...], *, line: int) -> None:
        self.tokens = tokens
        self.index = 0
        self._first_line = line

    @property
    def line(self) -> int:
        """The line that is read next."""
        if not self.tokens:
            return self._first_line
        return self.tokens[min(self.index, len(self.tokens) - 1)].line

    def peek(self, ahead: int = 0) -> Token | None:
        """The token that is next, or another one ahead of it; None behind the last."""
        position = self.index + ahead
        return self.tokens[position] if position < len(self.tokens) else None

    def is_at(self, *signs: str, ahead: int = 0) -> bool:
        """Whether one of these signs or keywords is next, or ahead."""
        token = self.peek(ahead)
        return token is not None and any(map(token.is_sign, signs))

    def skip(self, sign: str) -> bool:
        """Read a sign if it is next."""
        is_next = self.is_at(sign)
        self.index += is_next
        return is_next

    def expect(self, sign: str) -> None:
        """Read a sign; raises `InvalidNix` where another token is next."""
        if not self.skip(sign):
            raise self.unexpected(quote(sign))

    def unexpected(self, expected: str) -> InvalidNix:
        """The error for the token that is next."""
        token = self.peek()
        found = "the end" if token is None else quote(token.text or "a string")
        return InvalidNix(
            f"this is not Nix: expected {expected}, found {found}",
            hint="name a file that Nix can read",
        ).at(f"line {self.line}")
