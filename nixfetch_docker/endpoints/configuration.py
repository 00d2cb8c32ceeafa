"""The configuration for reaching registries, of images.toml and of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RegistryError
from ..oci.reference import DOCKER_HUB, DOCKER_HUB_API, Reference
from . import conf_files
from .endpoint import Endpoint

if TYPE_CHECKING:
    from .location import Location
    from .registries_conf import RegistriesConf
    from .settings import RegistrySettings
    from .tls import Tls


class RegistryConfiguration:
    """The endpoints of images, and the certificates for hosts.

    The settings of images.toml, which a team shares, go before registries.conf and certs.d, which
    belong to one machine.
    """

    def __init__(
        self,
        settings: Mapping[str, RegistrySettings],
        directory: Path,
        environment: Mapping[str, str],
        conf: RegistriesConf | None = None,
    ) -> None:
        """`settings` are those of an images.toml in `directory`, to which its paths are relative.

        Without `conf`, registries.conf is found by the `environment`. Raises `NixfetchError` for a
        file of it that cannot be read, and for the name of a registry with a login in it.
        """
        for host in settings:
            from .settings import refuse_login

            refuse_login(host)
        self._settings = settings
        self._directory = directory
        self._environment = environment
        if conf is None and conf_files.may_be_there(environment):
            from .registries_conf import RegistriesConf

            conf = RegistriesConf.from_environment(environment)
        self._conf = conf
        self._insecure: set[str] = set()

    def check(self, image: str) -> None:
        """Raise `AmbiguousName` for a reference's text that is another image for podman here."""
        if self._conf is not None:
            self._conf.check_short_name(image)
        else:
            Reference.parse(image)

    def endpoints(self, image: Reference) -> list[Endpoint]:
        """The endpoints of an image in the order to try them: mirrors, then the registry itself.

        Raises `RegistryError` for a registry that registries.conf blocks, and `InvalidField` for a
        location in it that makes no reference.
        """
        own = self._settings.get(image.registry)
        mirrors: list[Endpoint] = []
        origin: list[Endpoint] = []
        if self._conf is not None:
            mirrors, origin = self._configured(self._conf, image)
        if own is not None and own.mirrors:
            mirrors = [Endpoint.of_mirror(mirror, image.repository) for mirror in own.mirrors]
        if own is not None or not origin:
            origin = [Endpoint.of_registry(image.registry, image.repository, own)]
        return [*(mirror.as_mirror_of(image.registry) for mirror in mirrors), *origin]

    def _configured(
        self, conf: RegistriesConf, image: Reference
    ) -> tuple[list[Endpoint], list[Endpoint]]:
        """The mirrors and the origin that registries.conf has for an image."""
        found = conf.locations(image)
        if found.blocked:
            raise RegistryError(
                f"{image.registry} is blocked", hint="use another registry, or unblock it"
            ).at(found.place)
        mirrors = [endpoint for mirror in found.mirrors for endpoint in self._located(mirror)]
        return mirrors, self._located(found.origin)

    def tls(self, host: str) -> Tls:
        """The certificates for `host[:port]`.

        Raises `InvalidCertificates` and `FileError` for those in certs.d that cannot be used.
        """
        from .certs_d import find_certificates
        from .tls import Tls

        registry = DOCKER_HUB if host == DOCKER_HUB_API else host
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
            settings = self._settings.get(location.host)
            return [Endpoint.of_registry(location.host, location.repository, settings)]
        from .settings import RegistrySettings

        # Insecure means TLS with any certificate, then plain HTTP (containers-registries.conf(5)).
        self._insecure.add(location.host)
        return [
            Endpoint.of_registry(
                location.host, location.repository, RegistrySettings(plain_http=plain)
            )
            for plain in (False, True)
        ]
