"""The policy.json to obey: that of this machine, another one, or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..lockfile.demands import Policy


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Declare `--policy` and `--insecure-policy`."""
    policies = parser.add_mutually_exclusive_group()
    policies.add_argument(
        "--policy",
        type=Path,
        metavar="PATH",
        help="the policy.json to obey (default: the one that podman and skopeo obey here)",
    )
    policies.add_argument(
        "--insecure-policy",
        action="store_true",
        help="obey no policy.json; what images.toml asks for by signed-by stays",
    )


def policy(arguments: argparse.Namespace) -> Policy | None:
    """The policy that the arguments name, or that of this machine; None where there is none."""
    if getattr(arguments, "insecure_policy", False):
        return None
    from ..lockfile.machine_policy import named_policy, policy_here

    named: Path | None = getattr(arguments, "policy", None)
    return policy_here(os.environ) if named is None else named_policy(named)
