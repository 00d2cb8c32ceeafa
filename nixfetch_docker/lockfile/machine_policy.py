"""The policy.json of this machine, which podman and skopeo obey.

https://github.com/containers/image/blob/v5.34.2/docs/containers-policy.json.5.md

Distributions ship one that accepts anything. It is recognized here, so that no start waits for the
code that reads all others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import files
from ..errors import NixfetchError

if TYPE_CHECKING:
    from .demands import Policy

SYSTEM = Path("/etc/containers/policy.json")
_USER = Path(".config/containers/policy.json")

# Objects as lists of pairs, which cannot have a key twice unseen: what Debian and NixOS ship, and
# what skopeo and Fedora's containers-common did for long.
_ANYTHING = [[("type", "insecureAcceptAnything")]]
_ACCEPTING = (
    [("default", _ANYTHING)],
    [("default", _ANYTHING), ("transports", [("docker-daemon", [("", _ANYTHING)])])],
)


def policy_here(environment: Mapping[str, str], system: Path = SYSTEM) -> Policy | None:
    """The policy that podman and skopeo obey here: the user's own, or the system's.

    None where there is none, or one that accepts anything. No other is read yet, so that its faults
    are those of the images that ask for it.
    """
    home = environment.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - HOME may be unset
    path = next((path for path in (Path(home, _USER), system) if _is_there(path)), None)
    if path is None or _accepts_anything(path):
        return None
    return named_policy(path, is_named=False)


def named_policy(path: Path, *, is_named: bool = True) -> Policy:
    """The policy in a file, which is read when it is needed.

    `is_named` is that of `files.read_bytes`.
    """
    from ..signatures.policy_file import PolicyFile

    return PolicyFile(path, is_named=is_named)


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True


def _accepts_anything(path: Path) -> bool:
    import json

    try:
        return json.loads(files.read_bytes(path), object_pairs_hook=list) in _ACCEPTING
    except (OSError, ValueError, RecursionError, NixfetchError):
        return False
