"""The store path of a blob, as Nix computes it for the output of a fixed-output derivation.

https://nix.dev/manual/nix/latest/protocols/store-path
"""

from __future__ import annotations

import hashlib

from ..oci.digest import Digest
from . import base32

_HASH_BYTES = 20


def blob_name(digest: Digest) -> str:
    """The name of a blob's derivation, which is made of its digest alone."""
    return f"{digest.algorithm}-{digest.hex}"


def blob_path(directory: str, digest: Digest) -> str:
    """The path of a blob in the store at `directory`, which is "/nix/store" on most machines."""
    name = blob_name(digest)
    inner = _sha256(f"fixed:out:{digest.algorithm}:{digest.hex}:").hex()
    outer = _sha256(f"output:out:sha256:{inner}:{directory}:{name}")
    folded = bytearray(_HASH_BYTES)
    for position, byte in enumerate(outer):
        folded[position % _HASH_BYTES] ^= byte
    return f"{directory}/{base32.encode(bytes(folded))}-{name}"


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
