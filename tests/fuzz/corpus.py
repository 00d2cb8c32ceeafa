"""The inputs to start from, in corpus/TARGET/: documents as they are met, and past failures."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).parent / "corpus"


def paths(target: str) -> list[Path]:
    """The files of a target's inputs, in order."""
    return sorted(path for path in (ROOT / target).iterdir() if path.is_file())


def inputs(target: str) -> list[bytes]:
    """A target's inputs, in the order of their names."""
    return [path.read_bytes() for path in paths(target)]


def keep(target: str, data: bytes, root: Path = ROOT) -> Path:
    """Write an input that failed beside the others, under a name of its own; returns its path."""
    path = root / target / f"regression-{hashlib.sha256(data).hexdigest()[:12]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
