"""Files beside the one that is imported, without a disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nixfetch_docker.imports.compose.surroundings import Surroundings


def reading(
    files: Mapping[str, str],
    *,
    environment: Mapping[str, str] | None = None,
    env_files: Sequence[Path] | None = None,
) -> Surroundings:
    """Surroundings with these files, by their paths."""

    def read(path: Path) -> str:
        if str(path) not in files:
            raise FileNotFoundError
        return files[str(path)]

    return Surroundings(environment=environment or {}, env_files=env_files, read=read)
