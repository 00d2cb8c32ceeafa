"""Numbers as they stand in tars, read as Go's archive/tar reads them for podman and docker."""

from __future__ import annotations

from .invalid import InvalidLayer

_LARGEST = 2**63 - 1
_SECOND = 10**9
_DIGITS = 9


def of_field(field: bytes) -> int:
    """The number in a field of a header: octal, or in base 256 with its first bit set.

    https://www.gnu.org/software/tar/manual/html_node/Extensions.html; raises `InvalidLayer`.
    """
    if field[0] & 0x80:
        bits = 8 * len(field) - 1
        number = int.from_bytes(field, "big") & ((1 << bits) - 1)
        if field[0] & 0x40:
            number -= 1 << bits
        if not -_LARGEST <= number <= _LARGEST:
            raise _invalid()
        return number
    text = field.strip(b" \0").partition(b"\0")[0]
    if not text:
        return 0
    if not text.isdigit() or max(text) > ord("7"):
        raise _invalid()
    return int(text, 8)


def of_text(text: bytes) -> int:
    """A decimal number of 64 bits, with or without a sign; raises `InvalidLayer`."""
    sign = text[:1]
    digits = text[1:] if sign in {b"+", b"-"} else text
    significant = digits.lstrip(b"0")
    if not digits.isdigit() or len(significant) > len(str(_LARGEST)):
        raise _invalid()
    number = int(significant or b"0")
    if number > _LARGEST:
        raise _invalid()
    return -number if sign == b"-" else number


def time_of_text(text: bytes) -> int:
    """A time such as `1350244992.023960108`, in nanoseconds since 1970; raises `InvalidLayer`."""
    seconds, _, fraction = text.partition(b".")
    if fraction and not fraction.isdigit():
        raise _invalid()
    nanoseconds = int(fraction[:_DIGITS].ljust(_DIGITS, b"0"))
    if seconds.startswith(b"-"):
        nanoseconds = -nanoseconds
    return of_text(seconds) * _SECOND + nanoseconds


def of_seconds(seconds: int) -> int:
    """A time in nanoseconds."""
    return seconds * _SECOND


def _invalid() -> InvalidLayer:
    return InvalidLayer("its tar has a header with a number that is none")
