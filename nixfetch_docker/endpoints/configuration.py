"""What images.toml and this machine's configuration say of reaching registries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..endpoints.settings import RegistrySettings
from ..errors import RegistryError
from ..oci.reference import DOCKER_HUB, Reference
from .certs_d import find_certificates
from .endpoint import DOCKER_HUB_HOST, Endpoint
from .registries_conf import Location, RegistriesConf
from .tls import Tls


class Network:
    """Where to fetch images from, and how to trust whom.

    The settings of images.toml, which a team shares, come before those of containers'
    registries.conf and of certs.d, which are one machine's.
    """

    def __init__(
        self,
        settings: Mapping[str, RegistrySettings],
        directory: Path,
        environment: Mapping[str, str],
        conf: RegistriesConf | None = None,
    ) -> None:
        """`directory` is the one of images.toml, which its file names are relative to."""
        self._settings = settings
        self._directory = directory
        self._environment = environment
        self._conf = conf or RegistriesConf.from_environment(environment)
        self._insecure: set[str] = set()

    def check(self, image: str) -> None:
        """Raise where this machine gives the text of a reference another meaning."""
        self._conf.check_short_name(image)

    def endpoints(self, image: Reference) -> list[Endpoint]:
        """All places to fetch an image from, in the order to try them; at last the registry.

        Raises `RegistryError` for a registry that the person has blocked.
        """
        own = self._settings.get(image.registry)
        found = self._conf.locations(image)
        if found.blocked:
            raise RegistryError(
                f"{image.registry} is blocked", hint="take another registry, or unblock it"
            ).at(found.place)
        mirrors = [endpoint for mirror in found.mirrors for endpoint in self._located(mirror)]
        origin = self._located(found.origin)
        if own is not None:
            origin = [Endpoint.of(image.registry, image.repository, own)]
            if own.mirrors:
                mirrors = [Endpoint.of_mirror(mirror, image.repository) for mirror in own.mirrors]
        return [*mirrors, *origin]

    def tls(self, host: str) -> Tls:
        """How to trust `host[:port]`; raises `NixfetchError` for certificates of no use."""
        registry = DOCKER_HUB if host == DOCKER_HUB_HOST else host
        own = self._settings.get(registry)
        if own is not None and own.has_certificates:
            return Tls(
                ca_files=(self._directory / own.ca_file,) if own.ca_file else (),
                client_certificate=own.client_certificate
                and self._directory / own.client_certificate,
                client_key=own.client_key and self._directory / own.client_key,
            )
        found = find_certificates(registry, self._environment)
        return Tls(
            ca_files=found.ca_files,
            client_certificate=found.client_certificate,
            client_key=found.client_key,
            verify=host not in self._insecure,
        )

    def _located(self, location: Location) -> list[Endpoint]:
        if not location.insecure:
            settings = self._settings.get(location.host, RegistrySettings())
            return [Endpoint.of(location.host, location.repository, settings)]
        # What containers mean by insecure: TLS that nobody vouches for, else none at all.
        self._insecure.add(location.host)
        return [
            Endpoint.of(location.host, location.repository, RegistrySettings(plain_http=plain))
            for plain in (False, True)
        ]
