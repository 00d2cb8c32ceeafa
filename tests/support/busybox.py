"""Images whose containers can run, with Debian's static busybox in a layer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from . import oci


@cache
def busybox() -> oci.Layer:
    """A layer with busybox at bin/busybox."""
    return oci.layer({"bin/busybox": Path("/bin/busybox").read_bytes()})


def printing(text: str, *layers: oci.Layer) -> oci.Image:
    """An image whose container prints a text."""
    command = ["/bin/busybox", "cat", "/text"]
    return oci.image(busybox(), *layers, oci.layer({"text": text.encode()}), command=command)


def lasting(text: str, *layers: oci.Layer) -> oci.Image:
    """An image whose container lasts until it is stopped; its file /text has a text."""
    script = "trap 'exit 0' TERM; /bin/busybox sleep 100000 & wait"
    command = ["/bin/busybox", "sh", "-c", script]
    return oci.image(busybox(), *layers, oci.layer({"text": text.encode()}), command=command)
