"""Where a registry's name leads: the URL at which its API answers."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .images import RegistrySettings
from .reference import DOCKER_HUB

_DOCKER_HUB_HOST = "registry-1.docker.io"


def base_url(registry: str, settings: RegistrySettings) -> str:
    """The URL under which `/v2/` stands.

    Plain HTTP where the settings ask for it; where they do not say, for loopback hosts alone.
    """
    plain = is_loopback(registry) if settings.plain_http is None else settings.plain_http
    host = _DOCKER_HUB_HOST if registry == DOCKER_HUB else registry
    return f"{'http' if plain else 'https'}://{host}"


def is_loopback(registry: str) -> bool:
    """Whether `host[:port]` is this machine itself."""
    host = urlsplit(f"//{registry}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
