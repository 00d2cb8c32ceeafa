"""The certificates for a registry in the `certs.d` directories of podman and docker.

The rules are those of containers-certs.d(5) and of docker:
https://github.com/containers/image/blob/v5.34.2/docs/containers-certs.d.5.md and
https://docs.docker.com/engine/security/certificates/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from ..base.files import unreadable
from ..base.redact import literal
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError

SYSTEM_ROOTS = (Path("/etc/containers/certs.d"), Path("/etc/docker/certs.d"))

_HINT = "make it readable, or remove it"
# A host has no slash and no leading dot, because it becomes the name of a directory.
_HOST = regex(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[A-Fa-f0-9:.]+\])(?::[0-9]+)?")


class InvalidCertificates(NixfetchError):
    """A set of certificates that is incomplete, or a host that cannot have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The certificates in a registry's directory; false where it has none.

    The CAs in `ca_files` are trusted besides the usual ones. A client certificate has its key.
    All files are readable; their contents are not checked.
    """

    ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """The certificates in a directory: all CAs by name, and the first client certificate.

        Files with other suffixes than .crt, .cert and .key are ignored. Raises `FileError` for a
        file that cannot be read, and `InvalidCertificates` for a client certificate without its
        key or a key without its certificate.
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
    """The certificates for the registry at `host[:port]`; empty where it has no directory.

    The user's own directory is searched before `roots`. Only the first that has a directory for
    the host is used, as by podman and skopeo. Raises `InvalidCertificates` for a malformed `host`,
    and the errors of `Certificates.from_directory`.
    """
    if not _HOST.fullmatch(host):
        raise InvalidCertificates(
            f"{literal(host)} is not a host[:port]",
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
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # HOME may be /dev/null. /etc/docker may be closed to users, and podman skips it then, too.
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
