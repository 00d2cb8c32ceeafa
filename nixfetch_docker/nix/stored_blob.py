"""The bytes of a small blob that the Nix store of this machine has, read without Nix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base import files
from ..errors import NixfetchError
from ..oci.blob import Blob
from ..oci.document import MANIFEST_LIMIT
from ..oci.labels import Origin
from .store_path import blob_path

_DIRECTORY = "/nix/store"


def stored_blob(blob: Blob, environment: Mapping[str, str]) -> bytes | None:
    """The content of a blob, verified; None where the store lacks it, or it is no small one.

    `environment` names the store's directory as for Nix, in `NIX_STORE_DIR`.
    """
    if blob.size > MANIFEST_LIMIT:
        return None
    directory = environment.get("NIX_STORE_DIR") or _DIRECTORY
    try:
        data = files.read_bytes(Path(blob_path(directory, blob.digest)))
    except (NixfetchError, OSError):
        return None
    return data if blob.digest.matches(data) else None


def stored_origin(config: Blob, environment: Mapping[str, str]) -> Origin | None:
    """What the labels in an image's config say; None where the store does not have the config."""
    data = stored_blob(config, environment)
    return Origin.from_config(data) if data is not None else None
