"""Images whose containers run: with Debian's static busybox."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from . import oci


@cache
def busybox() -> oci.Layer:
    """The layer with busybox in it."""
    return oci.layer({"bin/busybox": Path("/bin/busybox").read_bytes()})


def saying(text: str, *layers: oci.Layer) -> oci.Image:
    """An image whose container prints a text."""
    command = ["/bin/busybox", "cat", "/say"]
    return oci.image(busybox(), *layers, oci.layer({"say": text.encode()}), command=command)
