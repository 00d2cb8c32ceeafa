"""Images whose containers run: with Debian's static busybox."""

from __future__ import annotations

from pathlib import Path

from . import oci

LAYER = oci.layer({"bin/busybox": Path("/bin/busybox").read_bytes()})


def saying(text: str, *layers: oci.Layer) -> oci.Image:
    """An image whose container prints a text."""
    command = ["/bin/busybox", "cat", "/say"]
    return oci.image(LAYER, *layers, oci.layer({"say": text.encode()}), command=command)
