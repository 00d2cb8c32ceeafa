"""Nix32: Nix's own base 32, in which it writes store paths and many hashes.

It is not the base 32 of RFC 4648: another alphabet, and the last bytes come first.

https://nix.dev/manual/nix/latest/protocols/nix32
"""

from __future__ import annotations

# Without e, o, t and u.
_DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"
_BITS = 5
# The digits of a SHA-512, the longest hash. Decoding takes the square of the length.
_LONGEST = 103


def encode(data: bytes) -> str:
    """The base 32 of `data`, read as a little-endian number: eight digits for five bytes."""
    number = int.from_bytes(data, "little")
    positions = range(0, len(data) * 8, _BITS)
    return "".join(_DIGITS[number >> position & 31] for position in reversed(positions))


def decode(text: str) -> bytes:
    """The bytes whose base 32 is `text`; raises `ValueError` where there are none, as Nix does."""
    if len(text) > _LONGEST:
        raise ValueError("too long for a hash")
    number = 0
    for digit in text:
        number = number << _BITS | _DIGITS.index(digit)
    size = len(text) * _BITS // 8
    data = (number % (1 << size * 8)).to_bytes(size, "little")
    if encode(data) != text:
        raise ValueError("not base 32")
    return data
