"""The environment variables that name sources of nixpkgs, which some tests need.

NIXPKGS_LIB names a checkout of nix-community/nixpkgs.lib, OCI_CONTAINERS nixpkgs'
nixos/modules/virtualisation/oci-containers.nix.
"""

from __future__ import annotations

import os

VARIABLES = ("NIXPKGS_LIB", "OCI_CONTAINERS")
MISSING = [name for name in VARIABLES if name not in os.environ]
REASON = f"needs sources of nixpkgs: set {' and '.join(MISSING)}"
# For tests/nix/host-nixpkgs.nix, which takes nixpkgs' own lib where there is one.
LIB = {name: os.environ[name] for name in ("NIXPKGS_LIB",) if name in os.environ}
WARNING = (
    f"THE NIXOS MODULE WAS NOT TESTED WITH NIXPKGS, without {' and '.join(MISSING)}; "
    "set NIXPKGS_LIB to a checkout of nix-community/nixpkgs.lib and OCI_CONTAINERS to nixpkgs' "
    "nixos/modules/virtualisation/oci-containers.nix"
)
