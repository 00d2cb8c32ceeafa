"""Reading images in files: docker-archives, and OCI image layouts as directories and as tars.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..base.table import Table
from ..base.values import replace
from ..errors import placed
from ..oci.descriptor import Descriptor
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT, MANIFEST_SHAPE
from ..oci.manifest import Content
from ..oci.media_types import OCI_INDEX
from .docker_archive import read_docker_archive
from .file_tree import FileTree, open_tree, parse_json, read_small
from .local_image import LocalImage, full_name, not_one_image
from .local_reference import Kind, LocalReference

# The fullest name first: containerd's has the registry, the spec's is a tag as a rule.
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


def open_image(reference: LocalReference, directory: Path) -> LocalImage:
    """The image that `reference` names; its path starts from `directory` unless it is absolute.

    No layer of an OCI layout is read. Raises `NixfetchError`, placed at the reference.
    """
    with placed(reference):
        tree = open_tree(directory / reference.path)
        if reference.kind is Kind.OCI:
            return _read_layout(tree, reference)
        return read_docker_archive(tree, reference)


def _read_layout(tree: FileTree, reference: LocalReference) -> LocalImage:
    data = read_small(tree, "index.json")
    entries = Table.of(parse_json(data, "index.json", MANIFEST_SHAPE), "index.json").tables(
        "manifests"
    )
    chosen = [entry for entry in entries if reference.name in {None, *_names_of(entry)}]
    if not chosen or len({_names_of(entry)[-1:] for entry in chosen}) > 1:
        raise not_one_image(sorted({name for entry in entries for name in _names_of(entry)[-1:]}))
    image = LocalImage(
        name=full_name(reference, _names_of(chosen[0])),
        top=_index_of(chosen),
        tree=tree,
        files={},
        contents={},
    )
    if len(chosen) > 1:
        return image
    entry = Descriptor.from_table(chosen[0])
    manifest = b"".join(image.read(entry.digest, MANIFEST_LIMIT))
    top = Content(digest=entry.digest, content_type=entry.media_type, data=manifest)
    return replace(image, top=top)


def _index_of(entries: Sequence[Table]) -> Content:
    """An index of some entries of index.json, which may have entries of other images too."""
    manifests = [dict(entry.values) for entry in entries]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}
    data = json.dumps(document, separators=(",", ":")).encode()
    return Content(digest=Digest.of(data), content_type=OCI_INDEX, data=data)


def _names_of(entry: Table) -> tuple[str, ...]:
    """The names that the annotations of an entry of index.json give it, the fullest first."""
    annotations = entry.table_or_empty("annotations")
    return tuple(name for key in _NAMES if (name := annotations.get(key, str)))
