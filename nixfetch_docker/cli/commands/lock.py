"""`lock`: resolve the images that images.toml changed, and write the lock."""

from __future__ import annotations

import argparse

from .update import configure_lock, run

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `lock`."""
    configure_lock(parser)
