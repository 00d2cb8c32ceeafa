"""policy.json, in which podman and skopeo keep what is asked of images. Without I/O.

The rules are those of containers-policy.json(5):
https://github.com/containers/image/blob/v5.34.2/docs/containers-policy.json.5.md

Like there, a key or a value that is not known makes the whole file invalid: a typing error in it
must not accept an image.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Self

from ..base import strict_json
from ..base.redact import literal
from ..base.table import InvalidField, Table
from ..base.values import dataclass
from ..oci.reference import Reference
from .policy_requirement import PolicyRequirement
from .strict_object import not_null, only

_DOCKER = "docker"
# The transports whose scopes are paths, and those that have no scope but the default one.
_PATHS = ("oci", "oci-archive", "dir")
_WITHOUT_SCOPES = ("docker-archive", "tarball")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The contents of policy.json: the default, and what goes before it by transport and scope."""

    default: tuple[PolicyRequirement, ...]
    transports: Mapping[str, Mapping[str, tuple[PolicyRequirement, ...]]]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the file; raises `NixfetchError` with the dotted path of the wrong value."""
        document = strict_json.parse_table(data)
        only(document, "default", "transports")
        default = _requirements(document, "default")
        found = document.table_or_empty("transports")
        not_null(found)
        transports = {}
        for transport in found.values:
            scopes = found.table(transport)
            not_null(scopes)
            for scope in scopes.values:
                _check_scope(scopes, transport, scope)
            transports[transport] = {scope: _requirements(scopes, scope) for scope in scopes.values}
        return cls(default=default, transports=transports)

    def for_image(self, image: Reference) -> tuple[PolicyRequirement, ...]:
        """The requirements of an image in a registry, which has a tag or a digest."""
        return self._first(_DOCKER, docker_scopes(image))

    def for_file(
        self, transport: str, path: str, name: str | None
    ) -> tuple[PolicyRequirement, ...]:
        """The requirements of an image in a file with an absolute path, without symbolic links."""
        return self._first(transport, path_scopes(path, name) if transport in _PATHS else [])

    def _first(self, transport: str, scopes: Iterable[str]) -> tuple[PolicyRequirement, ...]:
        known = self.transports.get(transport, {})
        found = (known[scope] for scope in (*scopes, "") if scope in known)
        return next(found, self.default)


def docker_scopes(image: Reference) -> list[str]:
    """The scopes of an image in a registry, the narrowest first.

    They are the image, its repository, the paths above that, the host, and the wildcards of its
    domains.
    """
    name = str(image.name)
    parts = name.split("/")
    scopes = [str(image), *("/".join(parts[:end]) for end in range(len(parts), 0, -1))]
    # Like there, what is before the first colon is the host, also of an address of IPv6.
    labels = parts[0].partition(":")[0].split(".")
    return [*scopes, *(f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))]


def path_scopes(path: str, name: str | None) -> list[str]:
    """The scopes of an image in an OCI layout at an absolute path, the narrowest first."""
    scopes = [f"{path}:{name or ''}"]
    while path not in {"", "/"}:
        scopes.append(path)
        path = path.rpartition("/")[0]
    return scopes


def _requirements(table: Table, key: str) -> tuple[PolicyRequirement, ...]:
    found = tuple(map(PolicyRequirement.from_table, table.tables(key)))
    if not found:
        raise InvalidField(
            "it has no requirement",
            hint='write [{"type": "insecureAcceptAnything"}] to ask nothing',
        ).at(table.where(key))
    return found


def _check_scope(scopes: Table, transport: str, scope: str) -> None:
    """Raise for a scope that its transport cannot have, as containers/image does."""
    if not scope:
        return
    if transport in _WITHOUT_SCOPES:
        raise InvalidField(
            f"images of {transport} have no scope but the default one", hint='write ""'
        ).at(scopes.where(scope))
    if transport in _PATHS and (
        not scope.startswith("/") or scope == "/" or _clean(scope) != scope
    ):
        raise InvalidField(
            f"{literal(scope)} is not an absolute path in its shortest form",
            hint='write one such as "/srv/images"; "" is for all of them',
        ).at(scopes.where(scope))


def _clean(path: str) -> str:
    """A path as Go's `filepath.Clean` has it."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
