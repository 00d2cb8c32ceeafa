"""A registry named by its URL, apart from the images in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..base.redact import quote
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB, Reference
from .endpoint import DOCKER_HUB_HOST

_API = "v2"


class InvalidRegistry(NixfetchError):
    """A text that names no registry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryUrl:
    """A registry's host with its port, as a reference names it, and how to speak to it.

    `plain_http` is None where the text does not say.
    """

    host: str
    plain_http: bool | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `https://host[:port]`, also with `/v2/` behind it, or `host[:port]`.

        Raises `InvalidRegistry`, without what may be a password in it.
        """
        scheme, separator, rest = text.rpartition("://")
        host, _, path = rest.partition("/")
        if host in {DOCKER_HUB_HOST, "index.docker.io"}:
            host = DOCKER_HUB
        try:
            is_host = Reference.parse(f"{host}/x").registry == host
        except NixfetchError:
            is_host = False
        is_known = scheme.lower() in {"https", "http"} if separator else True
        if not is_host or not is_known or path.strip("/") not in {"", _API}:
            raise InvalidRegistry(
                f"{quote(repr(_without_login(text)))} is no registry",
                hint="write it as https://registry.lab:5000 or registry.lab:5000",
            )
        return cls(host=host, plain_http=scheme.lower() == "http" if separator else None)


def _without_login(text: str) -> str:
    """`text` without what stands before an `@`, but for the scheme."""
    scheme, separator, rest = text.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
