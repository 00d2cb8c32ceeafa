"""Names of images as podman, quadlet and the modules of Nix take them, with or without a transport.

https://docs.podman.io/en/stable/markdown/podman-pull.1.html#source
"""

from __future__ import annotations

from ...oci.reference import Reference
from .image import parse_pulled

REGISTRY = "docker://"
_LOCAL = (
    "docker-archive:",
    "docker-daemon:",
    "oci-archive:",
    "oci:",
    "dir:",
    "containers-storage:",
)
# Other files of quadlet, which an image may be the one of.
_UNITS = (".image", ".build")


def is_pulled(text: str) -> bool:
    """Whether a name, or the beginning of one, is that of an image in a registry."""
    return not (text.startswith((*_LOCAL, "/")) or text.endswith(_UNITS))


def parse_name(text: str) -> Reference:
    """Read the name of an image in a registry; raises the errors of `parse_pulled`."""
    return parse_pulled(text.removeprefix(REGISTRY))
