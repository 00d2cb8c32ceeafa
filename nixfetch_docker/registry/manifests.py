"""Requests for manifests and indexes, and checks of their bytes.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
"""

from __future__ import annotations

from io import BytesIO

from ..errors import RegistryError, WrongContent
from ..oci.digest import Digest, InvalidDigest
from ..oci.document import MANIFEST_LIMIT, check_document
from ..oci.manifest import Content
from ..oci.media_types import ACCEPTED_TYPES
from ..oci.reference import Reference
from .body import read
from .download import Download
from .exchange import Response
from .repository import Repository
from .retry import Patience

_HINT = "tell the registry's operator"
_HEADERS = {"Accept": ", ".join(ACCEPTED_TYPES)}


def fetch_manifest(
    repository: Repository, image: Reference, size: int | None, *, is_image: bool
) -> Content:
    """The manifest or index that the reference's digest or else its tag names, by one GET.

    With `size`, the body must have that many bytes. With `is_image`, a tag must not lead to the
    manifest of another artifact. Raises `RegistryError`, `WrongContent` or `InvalidManifest`.
    """
    with repository.open("GET", _url(repository, image), headers=_HEADERS) as response:
        content = _read(response, image.digest, size, repository.patience)
        if image.digest is None:
            # Without a digest only this tells a mirror's manifest from a mirror's error page.
            if is_image:
                content.document  # noqa: B018 - raises
            else:
                check_document(content.data)
        return content


def fetch_digest(repository: Repository, image: Reference) -> Digest | None:
    """The digest that a tag points at, by one HEAD; None where the answer has none.

    Raises `RegistryError`.
    """
    with repository.open("HEAD", _url(repository, image), headers=_HEADERS) as response:
        return _sent_digest(response)


def has_content(repository: Repository, digest: Digest, *, is_manifest: bool) -> bool:
    """Whether a blob or, with `is_manifest`, a manifest is there, by one HEAD.

    Raises `RegistryError` for a status other than 200 and 404.
    """
    url = repository.url(f"{'manifests' if is_manifest else 'blobs'}/{digest}")
    headers = _HEADERS if is_manifest else {}
    with repository.open("HEAD", url, headers=headers, statuses=(200, 404)) as response:
        return response.status == 200


def _url(repository: Repository, image: Reference) -> str:
    return repository.url(f"manifests/{image.digest or image.tag}")


def _read(
    response: Response, digest: Digest | None, size: int | None, patience: Patience
) -> Content:
    limit = MANIFEST_LIMIT if size is None else min(size, MANIFEST_LIMIT)
    data = read(response, limit, patience)
    if len(data) > limit:
        raise WrongContent(
            f"the manifest is larger than {limit} bytes", hint="no manifest of an image is"
        )
    # By tag the header is all there is to compare with, and some registries send none.
    expected = digest or _sent_digest(response) or Digest.of(data)
    download = Download(expected, size, BytesIO())
    download.take([data])
    download.finish(was_all="content-length" in response.headers)
    return Content(digest=expected, content_type=response.headers.get("content-type"), data=data)


def _sent_digest(response: Response) -> Digest | None:
    sent = response.headers.get("docker-content-digest")
    try:
        return Digest.parse(sent) if sent else None
    except InvalidDigest as error:
        raise RegistryError(f"its Docker-Content-Digest header: {error.what}", hint=_HINT) from None
