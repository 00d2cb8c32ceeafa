"""Pin and fetch container images for Nix, layer by layer.

What is in `__all__` is for other programs:

    import nixfetch_docker

    with nixfetch_docker.connect() as client:
        image = client.image("redis:7.4-alpine", nixfetch_docker.Platform.parse("linux/arm64"))
        print(image.digest, [layer.size for layer in image.layers])
        nixfetch_docker.write_archive(client, image, Path("redis.tar"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assemble import stream_archive, write_archive, write_directory
    from .client import Client, connect
    from .credential_files import Login
    from .digest import Digest
    from .errors import NixfetchError
    from .image import Image
    from .images import Images, RegistrySettings
    from .lock import Lock
    from .nix_text import image_expression
    from .platform import Platform
    from .reference import Reference

__version__ = "0.1.0"

__all__ = [
    "Client",
    "Digest",
    "Image",
    "Images",
    "Lock",
    "Login",
    "NixfetchError",
    "Platform",
    "Reference",
    "RegistrySettings",
    "__version__",
    "connect",
    "image_expression",
    "stream_archive",
    "write_archive",
    "write_directory",
]

# Where the names are, which are imported once they are asked for: what starts, starts fast.
_MODULES = {
    "Client": "client",
    "Digest": "digest",
    "Image": "image",
    "Images": "images",
    "Lock": "lock",
    "Login": "credential_files",
    "NixfetchError": "errors",
    "Platform": "platform",
    "Reference": "reference",
    "RegistrySettings": "images",
    "connect": "client",
    "image_expression": "nix_text",
    "stream_archive": "assemble",
    "write_archive": "assemble",
    "write_directory": "assemble",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted([*globals(), *_MODULES])
