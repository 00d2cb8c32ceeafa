"""The places of registries.conf, without reading it: most machines that build have none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "CONTAINERS_REGISTRIES_CONF"
SYSTEM_DIRECTORY = Path("/etc/containers")
NAME = "registries.conf"
DROP_INS = "registries.conf.d"


def user_directory(environment: Mapping[str, str]) -> Path | None:
    """The directory of the user's own configuration, where there is a home for it."""
    if base := environment.get("XDG_CONFIG_HOME"):
        return Path(base, "containers")
    home = environment.get("HOME", "")
    # Users without a home may have HOME=/dev/null.
    return Path(home, ".config", "containers") if os.path.isdir(home) else None  # noqa: PTH112


def may_be_there(environment: Mapping[str, str], system: Path = SYSTEM_DIRECTORY) -> bool:
    """Whether there is a file to read, or a directory that may have one."""
    if environment.get(VARIABLE):
        return True
    user = user_directory(environment)
    return any(
        _may_be(directory / name)
        for directory in ([system] if user is None else [system, user])
        for name in (NAME, DROP_INS)
    )


def _may_be(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
