"""Texts that name a registry: its host, or its URL."""

from __future__ import annotations

from typing import Self

from ..base import userinfo
from ..base.redact import literal
from ..base.values import dataclass
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB, DOCKER_HUB_HOSTS, Reference

_API = "v2"


class InvalidRegistry(NixfetchError):
    """A text that does not name a registry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryUrl:
    """A registry by the `host` of references, with a port if any.

    `plain_http` says whether the URL's scheme is http, and is None where the text has no scheme.
    """

    host: str
    plain_http: bool | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host[:port]` or `https://host[:port]`, with or without the path `/v2/`.

        Raises `InvalidRegistry`, which does not show a login in the text.
        """
        if userinfo.has_login(text):
            raise InvalidRegistry("the URL of a registry has no login", hint=userinfo.HINT)
        scheme, separator, rest = text.rpartition("://")
        host, _, path = rest.partition("/")
        if host in DOCKER_HUB_HOSTS:
            host = DOCKER_HUB
        is_known = scheme.lower() in {"https", "http"} if separator else True
        if not is_registry(host) or not is_known or path.strip("/") not in {"", _API}:
            raise InvalidRegistry(
                f"{literal(text)} is not a registry",
                hint="write it as https://registry.lab:5000 or registry.lab:5000",
            )
        return cls(host=host, plain_http=scheme.lower() == "http" if separator else None)


def is_registry(host: str) -> bool:
    """Whether a reference can name a registry by this text, and keeps it as it is."""
    try:
        return bool(host) and Reference.parse(f"{host}/x").registry == host
    except NixfetchError:
        return False
