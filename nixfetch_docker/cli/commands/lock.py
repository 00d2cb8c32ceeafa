"""`lock`: resolve the images that images.toml changed, and write the lock."""

from __future__ import annotations

from .update import configure_lock as configure
from .update import run

__all__ = ["configure", "run"]
