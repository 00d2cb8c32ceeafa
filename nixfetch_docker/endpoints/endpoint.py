"""An endpoint: the URL and the repository under which an image is asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..base.values import dataclass, replace
from ..oci.reference import DOCKER_HUB, DOCKER_HUB_API

if TYPE_CHECKING:
    from .settings import RegistrySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A registry or a mirror that may have an image.

    The API is at `url` + `/v2/`, as the distribution spec requires, and `repository` is the image's
    name in it. Logins are kept by the host `registry`.
    https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints

    `namespace` is the registry whose image a mirror is asked for, and "" for a registry itself.
    """

    url: str
    registry: str
    repository: str
    namespace: str = ""

    @classmethod
    def of_registry(
        cls, registry: str, repository: str, settings: RegistrySettings | None
    ) -> Endpoint:
        """The endpoint of a registry, the host of a reference.

        It uses plain HTTP where the settings say so. Where they do not say, it uses plain HTTP for
        a loopback host without certificates, as docker does:
        https://docs.docker.com/reference/cli/dockerd/#insecure-registries
        """
        plain_http = settings.plain_http if settings is not None else None
        if plain_http is None:
            has_certificates = settings is not None and settings.has_certificates
            plain_http = is_loopback(registry) and not has_certificates
        scheme = "http" if plain_http else "https"
        host = DOCKER_HUB_API if registry == DOCKER_HUB else registry
        return cls(url=f"{scheme}://{host}", registry=registry, repository=repository)

    @classmethod
    def of_mirror(cls, mirror: str, repository: str) -> Endpoint:
        """The endpoint of a mirror by its URL, whose path goes before the repository's name.

        Harbor's proxy caches have such paths:
        https://goharbor.io/docs/2.12.0/administration/configure-proxy-cache/
        """
        url = urlsplit(mirror)
        path = url.path.strip("/")
        return cls(
            url=f"{url.scheme}://{url.netloc}",
            registry=url.netloc,
            repository=f"{path}/{repository}" if path else repository,
        )

    def as_mirror_of(self, registry: str) -> Endpoint:
        """The endpoint as a mirror of a registry, unless it is that registry itself."""
        host = DOCKER_HUB_API if registry == DOCKER_HUB else registry
        is_itself = urlsplit(self.url).netloc == host
        return self if is_itself else replace(self, namespace=registry)


@lru_cache(maxsize=64)
def is_loopback(registry: str) -> bool:
    """Whether `host[:port]` is this machine, by its name (RFC 6761) or its address."""
    host = urlsplit(f"//{registry}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
