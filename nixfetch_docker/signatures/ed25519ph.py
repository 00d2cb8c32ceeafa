"""Ed25519ph: signatures by keys of Ed25519 over the hash of what is signed.

cosign 3 makes them with such a key. The library cryptography verifies Ed25519 alone, and a program
that verifies has no secret, so Python's own numbers will do. The rules are those of
https://www.rfc-editor.org/rfc/rfc8032#section-5.1, with numbers of which an attacker may choose
all but the public key.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_SIZE = 32
# dom2(1, ""): the hash is signed, without a context.
_DOMAIN = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])

_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960

# X, Y, Z and T, where x = X/Z, y = Y/Z and xy = T/Z.
_Point = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)
_BASE: _Point = (_X, _Y, 1, _X * _Y % _P)


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the owner of a public key, of 32 bytes, signed the SHA-512 of `data`."""
    return is_signed(public, signature, hashlib.sha512(data).digest(), domain=_DOMAIN)


def is_signed(public: bytes, signature: bytes, message: bytes, *, domain: bytes = b"") -> bool:
    """Whether a signature is over a message, in a domain; without one that is Ed25519 itself.

    As Go and OpenSSL have it, the equation must hold without the cofactor, and the point in the
    signature must be written in its one form.
    """
    if len(public) != _SIZE or len(signature) != 2 * _SIZE:
        return False
    key = _decoded(public)
    commitment, factor = signature[:_SIZE], int.from_bytes(signature[_SIZE:], "little")
    if key is None or factor >= _ORDER:
        return False
    hashed = hashlib.sha512(domain + commitment + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % _ORDER
    x, y, z, t = key
    negative = (-x % _P, y, z, -t % _P)
    return _encoded(_sum(multiple(_BASE, factor), multiple(negative, challenge))) == commitment


def multiple(point: _Point, factor: int) -> _Point:
    """A point added to itself, `factor` times in all."""
    found = _NEUTRAL
    for bit in f"{factor:b}":
        found = _sum(found, found)
        if bit == "1":
            found = _sum(found, point)
    return found


def _sum(one: _Point, other: _Point) -> _Point:
    """https://www.rfc-editor.org/rfc/rfc8032#section-5.1.4, which holds for all pairs of points."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % _P
    b = (y1 + x1) * (y2 + x2) % _P
    c = 2 * t1 * t2 * _D % _P
    d = 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _encoded(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(_SIZE, "little")


def _decoded(data: bytes) -> _Point | None:
    """The point that 32 bytes mean, or None where they mean none."""
    number = int.from_bytes(data, "little")
    is_odd, y = number >> 255, number & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P != 0:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P != 0 or (x == 0 and is_odd):
        return None
    if x & 1 != is_odd:
        x = _P - x
    return (x, y, 1, x * y % _P)
