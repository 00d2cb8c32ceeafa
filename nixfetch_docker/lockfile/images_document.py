"""The document that an images.toml is, before anything is read of its values."""

from __future__ import annotations

from ..base import nix_toml
from ..base.redact import literal
from ..base.table import Table
from ..base.toml import InvalidDocument

IMAGES = "images"


def parse_document(text: str) -> Table:
    """The document as Nix reads it; raises `InvalidDocument`, placed at a line and a column."""
    try:
        return nix_toml.parse_for_nix(text)
    except InvalidDocument as error:
        if error.second[:-1] == (IMAGES,):
            error.what = f"two images are named {literal(error.second[-1])}"
            if not error.is_conflict:
                error.hint = "give one of them another name"
        raise
