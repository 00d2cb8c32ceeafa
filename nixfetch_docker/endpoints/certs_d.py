"""Certificates for one registry: the `certs.d` directories of containers and docker.

containers-certs.d(5) and https://docs.docker.com/engine/security/certificates/ say what is
in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..base.files import unreadable
from ..errors import NixfetchError

SYSTEM_ROOTS = (Path("/etc/containers/certs.d"), Path("/etc/docker/certs.d"))

_HINT = "mend it, or remove it"
# No separator and no leading dot: the host becomes the name of a directory.
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[A-Fa-f0-9:.]+\])(?::[0-9]+)?")


class InvalidCertificates(NixfetchError):
    """Certificates that cannot be used as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """What a registry's directory holds; false where that is nothing.

    `ca_files` are trusted besides the usual CAs; the client's certificate and its key are
    there both or not at all. The files could be read when this was made; whether they are
    PEM is not known.
    """

    ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """The certificates in a directory, in the order of their names; other files are ignored.

        Of several client certificates it is the first. Raises `FileError` for what cannot be
        read, `InvalidCertificates` for a client certificate without its key and the reverse.
        """
        paths = _list(directory)
        certificates = [path for path in paths if path.suffix == ".cert"]
        keys = [path for path in paths if path.suffix == ".key"]
        ca_files = [path for path in paths if path.suffix == ".crt"]
        _check_pairs(certificates, keys)
        for path in (*ca_files, *certificates, *keys):
            _check_readable(path)
        first = certificates[0] if certificates else None
        return cls(
            ca_files=tuple(ca_files),
            client_certificate=first,
            client_key=first and first.with_suffix(".key"),
        )

    def __bool__(self) -> bool:
        return bool(self.ca_files) or self.client_certificate is not None


def find_certificates(
    host: str, environment: Mapping[str, str], roots: Sequence[Path] = SYSTEM_ROOTS
) -> Certificates:
    """The certificates for the registry at `host[:port]`, empty where there are none.

    The user's own directory comes before `roots`. The first that has a directory for the
    host counts, and it alone, as for podman and skopeo. Raises `InvalidCertificates` where
    `host` is none, and the errors of `Certificates.from_directory`.
    """
    if not _HOST.fullmatch(host):
        raise InvalidCertificates(
            f"{host!r} is no host[:port]",
            hint="write it as example.org, example.org:5000 or [2001:db8::1]:5000",
        )
    home = environment.get("HOME")
    own = [Path(home, ".config/containers/certs.d")] if home else []
    for root in (*own, *roots):
        if _exists(root / host):
            return Certificates.from_directory(root / host)
    return Certificates()


def _exists(directory: Path) -> bool:
    try:
        directory.stat()
    except (FileNotFoundError, PermissionError):
        # Where root keeps /etc/docker to itself, podman passes it by as well.
        return False
    except OSError as error:
        raise unreadable(directory, error, hint=_HINT) from None
    return True


def _list(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError as error:
        raise unreadable(directory, error, hint=_HINT) from None


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise unreadable(path, error, hint=_HINT) from None


def _check_pairs(certificates: Sequence[Path], keys: Sequence[Path]) -> None:
    for path in certificates:
        if path.with_suffix(".key") not in keys:
            raise InvalidCertificates(
                f"this client certificate has no {path.stem}.key beside it",
                hint="add the key; if it is a CA's certificate, its name must end in .crt",
            ).at(str(path))
    for path in keys:
        if path.with_suffix(".cert") not in certificates:
            raise InvalidCertificates(
                f"this key has no {path.stem}.cert beside it",
                hint="add the client certificate that it belongs to, or remove the key",
            ).at(str(path))
