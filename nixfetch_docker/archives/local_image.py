"""An image in files, with the methods that a registry has for reading one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..base.values import dataclass
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT
from ..oci.manifest import Content
from ..oci.reference import Reference, is_tag
from ..registry.offers import listed
from .file_tree import FileTree
from .local_reference import LocalReference
from .regular_file import InvalidLocalImage

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalImage:
    """One image, or one for each of several platforms. Implements `registry.offers.Source`.

    `name` is its full name; `top` is its manifest or index. A blob is in `contents`, or in the
    file of `tree` that `files` gives for its digest, or else at its path in an OCI layout.
    """

    name: Reference
    top: Content
    tree: FileTree
    files: Mapping[Digest, str]
    contents: Mapping[Digest, bytes]

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        """The manifest or index with the digest of `image` or, without a digest, the top one.

        `size` in bytes bounds the read. Raises `InvalidLocalImage`.
        """
        if image.digest is None:
            return self.top
        data = b"".join(self.read(image.digest, MANIFEST_LIMIT if size is None else size))
        return Content(digest=image.digest, content_type=None, data=data)

    def small_blob(self, _repository: Reference, digest: Digest, size: int) -> bytes:
        """A blob of `size` bytes that fits into memory; raises `InvalidLocalImage`."""
        return b"".join(self.read(digest, size))

    def read(self, digest: Digest, limit: int) -> Iterator[bytes]:
        """The bytes of a blob in pieces, verified at the end.

        Reading stops at the first piece that exceeds `limit` bytes. Raises `InvalidLocalImage`
        where the blob is missing or its content does not match its digest.
        """
        hasher, received = digest.hasher(), 0
        for piece in self._pieces(digest):
            received += len(piece)
            hasher.update(piece)
            yield piece
            if received > limit:
                break
        if hasher.hexdigest() != digest.hex:
            raise InvalidLocalImage(
                f"the content of {digest} does not match its digest",
                hint="if the image was changed, lock it again: nixfetch-docker update",
            )

    def _pieces(self, digest: Digest) -> Iterator[bytes]:
        if digest in self.contents:
            yield self.contents[digest]
            return
        name = self.files.get(digest, f"blobs/{digest.algorithm}/{digest.hex}")
        with self.tree.open(name) as file:
            while piece := file.read(_PIECE):
                yield piece


def full_name(reference: LocalReference, names: Sequence[str]) -> Reference:
    """The name that an engine gets to know the image by.

    It is the first full name among `names`, those that the file gives; without one, it is
    localhost/ and the file's own name, with the first of `names` that can be a tag.
    """
    for name in names:
        if "/" in name or ":" in name:
            return _parse_or_default(name)
    stem = Path(reference.path).name.partition(".")[0].lower() or "image"
    tag = next((name for name in names if is_tag(name)), None)
    return _parse_or_default(f"localhost/{stem}:{tag}" if tag else f"localhost/{stem}")


def not_one_image(names: Sequence[str]) -> InvalidLocalImage:
    """The error for a reference that fits none or several of the images `names` in a file."""
    if not names:
        return InvalidLocalImage(
            "it does not hold exactly one image", hint="write a file with this image alone"
        )
    return InvalidLocalImage(
        "this names none or several of the images in it",
        hint=f"name one of these after a colon: {listed(names)}",
    )


def _parse_or_default(text: str) -> Reference:
    try:
        return Reference.parse(text)
    except NixfetchError:
        return Reference.parse("localhost/image")
