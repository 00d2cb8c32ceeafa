"""Pin and fetch container images for Nix, layer by layer.

The names in `__all__` are for other programs:

    import nixfetch_docker

    with nixfetch_docker.connect() as client:
        image = client.image("redis:7.4-alpine", nixfetch_docker.Platform.parse("linux/arm64"))
        print(image.digest, [layer.size for layer in image.layers])
        nixfetch_docker.write_archive(client, image, Path("redis.tar"))
"""

from __future__ import annotations

# Of `typing`, which takes milliseconds to import: an interrupt of these would show a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

    from .archives.writer import stream_archive, write_archive, write_directory
    from .endpoints.settings import RegistrySettings
    from .errors import NixfetchError
    from .lockfile.images import Images
    from .lockfile.lock import Lock
    from .logins.login import Login
    from .nix.expression import image_expression
    from .oci.digest import Digest
    from .oci.image import Image
    from .oci.platform import Platform
    from .oci.reference import Reference
    from .registry.client import Client, connect

__version__ = "0.2.0"

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

# The modules of the names. Each is imported when its name is first used, for a fast start.
_MODULES = {
    "Client": "registry.client",
    "Digest": "oci.digest",
    "Image": "oci.image",
    "Images": "lockfile.images",
    "Lock": "lockfile.lock",
    "Login": "logins.login",
    "NixfetchError": "errors",
    "Platform": "oci.platform",
    "Reference": "oci.reference",
    "RegistrySettings": "endpoints.settings",
    "connect": "registry.client",
    "image_expression": "nix.expression",
    "stream_archive": "archives.writer",
    "write_archive": "archives.writer",
    "write_directory": "archives.writer",
}


def __getattr__(name: str) -> typing.Any:
    """Import a public name when it is first used (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted([*globals(), *_MODULES])
