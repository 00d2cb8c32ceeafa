"""Requests that ask what is there, by one HEAD, whose answer has no body.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#checking-if-content-exists-in-the-registry
"""

from __future__ import annotations

from ..errors import RegistryError
from ..oci.digest import Digest, InvalidDigest
from ..oci.media_types import ACCEPTED_TYPES
from ..oci.reference import Reference
from .exchange import Response
from .repository import Repository

_HINT = "tell the registry's operator"
ACCEPTED = {"Accept": ", ".join(ACCEPTED_TYPES)}


def fetch_digest(repository: Repository, image: Reference) -> Digest | None:
    """The digest that a tag points at, by one HEAD; None where the answer has none.

    Raises `RegistryError`.
    """
    with repository.open("HEAD", manifest_url(repository, image), headers=ACCEPTED) as response:
        return sent_digest(response)


def has_content(repository: Repository, digest: Digest, *, is_manifest: bool) -> bool:
    """Whether a blob or, with `is_manifest`, a manifest is there, by one HEAD.

    Raises `RegistryError` for a status other than 200 and 404.
    """
    url = repository.url(f"{'manifests' if is_manifest else 'blobs'}/{digest}")
    headers = ACCEPTED if is_manifest else {}
    with repository.open("HEAD", url, headers=headers, statuses=(200, 404)) as response:
        return response.status == 200


def manifest_url(repository: Repository, image: Reference) -> str:
    """The URL of the manifest or index that the reference's digest or else its tag names."""
    return repository.url(f"manifests/{image.digest or image.tag}")


def sent_digest(response: Response) -> Digest | None:
    """The digest that an answer names in its header, if any; raises `RegistryError`."""
    sent = response.headers.get("docker-content-digest")
    try:
        return Digest.parse(sent) if sent else None
    except InvalidDigest as error:
        raise RegistryError(f"its Docker-Content-Digest header: {error.what}", hint=_HINT) from None
