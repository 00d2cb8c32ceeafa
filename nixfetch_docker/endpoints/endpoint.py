"""Where a registry's API answers."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..endpoints.settings import RegistrySettings
from ..oci.reference import DOCKER_HUB

DOCKER_HUB_HOST = "registry-1.docker.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One place that may have a repository.

    `url` is the one under which `/v2/` stands, `registry` the name that logins are kept under,
    `repository` the image's path there.
    """

    url: str
    registry: str
    repository: str

    @classmethod
    def of(cls, registry: str, repository: str, settings: RegistrySettings) -> Endpoint:
        """A registry under its own name.

        In plain HTTP where the settings ask for it; where they do not say, for loopback hosts
        alone.
        """
        plain = (
            is_loopback(registry) and settings.plain_http is None and not settings.has_certificates
        )
        scheme = "http" if settings.plain_http or plain else "https"
        host = DOCKER_HUB_HOST if registry == DOCKER_HUB else registry
        return cls(url=f"{scheme}://{host}", registry=registry, repository=repository)

    @classmethod
    def of_mirror(cls, mirror: str, repository: str) -> Endpoint:
        """A mirror by its URL, whose path goes before the repository (as Harbor's proxies want)."""
        url = urlsplit(mirror)
        path = url.path.strip("/")
        return cls(
            url=f"{url.scheme}://{url.netloc}",
            registry=url.netloc,
            repository=f"{path}/{repository}" if path else repository,
        )


def is_loopback(registry: str) -> bool:
    """Whether `host[:port]` is this machine itself."""
    host = urlsplit(f"//{registry}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
