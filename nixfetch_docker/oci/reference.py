"""Image references, as `docker pull` takes them.

The grammar and the normal form are those of
https://github.com/distribution/reference (reference.go, normalize.go).
"""

from __future__ import annotations

import ipaddress
from typing import Self

from ..base import userinfo
from ..base.redact import literal
from ..base.regex import regex
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from .digest import Digest

# Docker Hub as references name it, the host of its API, and all its names in URLs and auth files.
DOCKER_HUB = "docker.io"
DOCKER_HUB_API = "registry-1.docker.io"
_DOCKER_HUB_INDEX = "index.docker.io"
DOCKER_HUB_HOSTS = frozenset({DOCKER_HUB, DOCKER_HUB_API, _DOCKER_HUB_INDEX})
DEFAULT_TAG = "latest"
_OFFICIAL = "library/"
_REPOSITORY_LIMIT = 255
# A name of DNS has at most 253 characters (RFC 1035, section 2.3.4), and a port six with its colon.
_REGISTRY_LIMIT = 259

_LABEL = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_PORT_AT_END = regex(r":\d+$")
_REGISTRY = regex(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?")
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = regex(rf"{_COMPONENT}(?:/{_COMPONENT})*")
# ASCII alone: the `\w` of the original is Go's, which knows no other letters.
_TAG_LIMIT = 128
_TAG = regex(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{_TAG_LIMIT - 1}}}")
_TAG_HINT = (
    f"a tag is up to {_TAG_LIMIT} letters, digits, '_', '.' and '-', "
    "and cannot start with '.' or '-'"
)
_IMAGE_ID = regex(r"[0-9a-f]{64}")


class InvalidReference(NixfetchError):
    """A text that is not an image reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image in a registry: `docker.io/library/redis:7@sha256:…`.

    `registry` is a host with an optional port, `repository` the path in it. With neither
    tag nor digest it names the repository itself.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference in any form that `docker pull` takes.

        Raises `InvalidReference`, or `InvalidDigest` for the text behind the `@`.
        """
        if not text:
            raise InvalidReference("the reference is empty", hint="name an image, such as redis:7")
        if _IMAGE_ID.fullmatch(text):
            # Docker would take it for the ID of a local image.
            raise InvalidReference(
                f"{text!r} is 64 hexadecimal digits, which reads as an image ID",
                hint=f"to name a digest, write NAME@sha256:{text}",
            )
        scheme, separator, _ = text.partition("://")
        if separator:
            # The rest may have a password in it.
            what = f"an image reference has no {literal(scheme + separator)}"
            raise InvalidReference(what, hint="leave that out: redis:7, ghcr.io/acme/web:2")
        name, at, digest_text = text.partition("@")
        # No message below may show a login: it comes before an "@", which only a digest follows.
        if userinfo.has_login(name) or userinfo.has_login(digest_text) or "/" in digest_text:
            raise InvalidReference("an image reference has no login", hint=userinfo.HINT)
        digest = Digest.parse(digest_text) if at else None
        registry, rest = _split_registry(name)
        repository, colon, tag = rest.partition(":")
        if not _is_registry(registry):
            raise InvalidReference(
                f"{literal(text)} names the registry {literal(registry)}, which is not host[:port]",
                hint="write it as example.org, example.org:5000 or [2001:db8::1]:5000",
            )
        if repository != repository.lower():
            raise InvalidReference(
                f"{literal(text)} has upper case in its repository",
                hint="write it in lower case",
            )
        if not _REPOSITORY.fullmatch(repository):
            raise InvalidReference(
                f"{literal(text)} is not an image reference",
                hint="write it as docker pull takes it: [REGISTRY/]NAME[:TAG][@DIGEST]",
            )
        if len(repository) > _REPOSITORY_LIMIT:
            raise InvalidReference(
                f"the repository {repository[:32]}… has {len(repository)} characters",
                hint=f"a registry takes at most {_REPOSITORY_LIMIT}",
            )
        if colon and not is_tag(tag):
            raise InvalidReference(
                f"{literal(text)} has the tag {literal(tag)}",
                hint=_TAG_HINT,
            )
        return cls(
            registry=registry,
            repository=repository,
            tag=tag if colon else None,
            digest=digest,
        )

    @property
    def name(self) -> Self:
        """The repository alone: this reference without its tag and digest."""
        return replace(self, tag=None, digest=None)

    @property
    def tagged(self) -> Self:
        """The reference that docker pulls: its tag is `latest` where it has no tag or digest."""
        has_either = self.tag is not None or self.digest is not None
        return self if has_either else replace(self, tag=DEFAULT_TAG)

    @property
    def familiar(self) -> str:
        """The short form that docker prints: `redis:7` for `docker.io/library/redis:7`."""
        if self.registry != DOCKER_HUB:
            return str(self)
        path = self.repository.removeprefix(_OFFICIAL)
        short = (self.repository if "/" in path else path) + self._suffix()
        try:
            # A first part with a dot, say, would be taken for a registry.
            return short if Reference.parse(short) == self else str(self)
        except InvalidReference:
            return str(self)

    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return tag + digest

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{self._suffix()}"


def parse_tag(text: str) -> str:
    """Read a tag; raises `InvalidReference`."""
    if not is_tag(text):
        raise InvalidReference(f"{literal(text)} is not a tag", hint=_TAG_HINT)
    return text


def is_tag(text: str) -> bool:
    """Whether `text` is a tag by the grammar."""
    return _TAG.fullmatch(text) is not None


def _is_registry(text: str) -> bool:
    """Whether `text` is host[:port] by the grammar, with a port and an address that can exist."""
    if len(text) > _REGISTRY_LIMIT or not _REGISTRY.fullmatch(text):
        return False
    host, _, port = text.rpartition(":") if _PORT_AT_END.search(text) else (text, "", "")
    if port and not 0 < int(port) < 65536:
        return False
    is_address = host.startswith("[") or host.rpartition(".")[2].isdigit()
    try:
        return not is_address or bool(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return False


def _split_registry(text: str) -> tuple[str, str]:
    """The registry and the rest, with Docker Hub's defaults filled in."""
    first, slash, rest = text.partition("/")
    is_registry = slash and (
        first == "localhost" or "." in first or ":" in first or first != first.lower()
    )
    registry, rest = (first, rest) if is_registry else (DOCKER_HUB, text)
    if registry == _DOCKER_HUB_INDEX:
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in rest:
        rest = _OFFICIAL + rest
    return registry, rest
