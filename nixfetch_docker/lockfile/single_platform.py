"""Requests that name, by its digest, the manifest of a single platform."""

from __future__ import annotations

from collections.abc import Sequence

from ..base.values import replace
from ..errors import NixfetchError
from ..oci.manifest import Index
from ..oci.platform import Platform
from ..oci.reference import Reference
from .sources import ImageSource

_DEFAULT_TAG = "latest"


def describe_single_platform(
    source: ImageSource, asked: Reference, platforms: Sequence[Platform]
) -> list[str]:
    """A line to say that the digest in `asked` pins a single platform where its tag has more.

    `platforms` are those of the manifest that the digest names. The tag is that of `asked`, or else
    `latest`. Gives no line where the tag points at no index, or cannot be read.
    """
    tag = asked.tag or _DEFAULT_TAG
    tagged = source.tagged(tag)
    try:
        # A HEAD first, which Docker Hub does not count against its limit.
        if source.digest(tagged) == asked.digest:
            return []
        content = source.manifest(tagged)
        index = content.document
    except NixfetchError:
        return []
    if not isinstance(index, Index):
        return []
    what = f"this digest is the manifest of {', '.join(map(str, platforms))} alone"
    if any(entry.digest == asked.digest for entry in index.manifests):
        whole = replace(asked, digest=content.digest).familiar
        return [f"{what}; to pin every platform of {tag}, write {whole}"]
    return [
        f"{what}, and {tag} is an index of several; to pin every platform, write the digest "
        "that `nixfetch-docker digest` prints for a tag"
    ]
