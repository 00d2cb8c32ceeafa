"""The file of a trusted root: the authorities and logs of a sigstore of one's own.

https://github.com/sigstore/protobuf-specs/blob/v0.4.3/protos/sigstore_trustroot.proto
"""

from __future__ import annotations

from pathlib import Path

from ..base import files
from ..errors import NixfetchError

ROOT_HINT = 'name the file of your deployment\'s trusted root, trusted-root = "root.json"'


def root_fingerprint(path: Path) -> str:
    """The SHA-256 of the file in hexadecimal; raises `FileError`."""
    import hashlib

    try:
        return hashlib.sha256(files.read_bytes(path)).hexdigest()
    except OSError as error:
        raise files.unreadable(path, error, hint=ROOT_HINT) from None
    except NixfetchError as error:
        raise error.at(str(path)) from None
