"""Requests for manifests and indexes, and checks of their bytes.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
"""

from __future__ import annotations

from io import BytesIO

from ..errors import WrongContent
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT, check_document
from ..oci.manifest import Content
from ..oci.reference import Reference
from .body import read
from .download import Download
from .exchange import Response
from .heads import ACCEPTED, manifest_url, sent_digest
from .repository import Repository
from .retry import Patience


def fetch_manifest(
    repository: Repository, image: Reference, size: int | None, *, is_image: bool
) -> Content:
    """The manifest or index that the reference's digest or else its tag names, by one GET.

    With `size`, the body must have that many bytes. With `is_image`, a tag must not lead to the
    manifest of another artifact. Raises `RegistryError`, `WrongContent` or `InvalidManifest`.
    """
    with repository.open("GET", manifest_url(repository, image), headers=ACCEPTED) as response:
        content = _read(response, image.digest, size, repository.patience)
        if image.digest is None:
            # Without a digest only this tells a mirror's manifest from a mirror's error page.
            if is_image:
                content.document  # noqa: B018 - raises
            else:
                check_document(content.data)
        return content


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
    expected = digest or sent_digest(response) or Digest.of(data)
    download = Download(expected, size, BytesIO())
    download.take([data])
    download.finish(was_all="content-length" in response.headers)
    return Content(digest=expected, content_type=response.headers.get("content-type"), data=data)
