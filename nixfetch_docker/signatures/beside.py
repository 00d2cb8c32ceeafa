"""What stands beside an image: signatures, attestations, and documents such as SBOMs.

They are below the tags of cosign (`sha256-….sig`, `.att`, `.sbom`), among the manifests that refer
to the image, and in its index, where BuildKit puts attestations
(https://docs.docker.com/build/metadata/attestations/attestation-storage/). Nothing is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..base.values import dataclass, replace
from ..errors import NixfetchError, placed
from ..oci.artifact import Attached, parse_artifact, parse_referrers
from ..oci.document import InvalidManifest
from ..oci.reference import is_tag
from .bundle import IN_TOTO
from .bundle import MEDIA_TYPE as BUNDLE_TYPE
from .claim import SIGNATURE_PREDICATE
from .finder import (
    PAYLOAD_TYPE,
    PREDICATE_ANNOTATION,
    SIGNATURES_TYPE,
    UNKNOWN_TYPES,
    cosign_tag,
)

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..oci.reference import Reference
    from ..registry.attachments import Attachments
    from ..registry.registries import Registries

T = TypeVar("T")

ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json"
_SUFFIXES = ("sig", "att", "sbom")
_BUILDKIT_TYPE = "vnd.docker.reference.type"
_BUILDKIT = "attestation-manifest"
_BUILDKIT_DIGEST = "vnd.docker.reference.digest"
# How layers and referrers say which predicate they have: BuildKit, cosign 2, bundles.
_PREDICATE_KEYS = (
    "in-toto.io/predicate-type",
    "predicateType",
    PREDICATE_ANNOTATION,
)
# More than these are not looked at: each may take a request.
_LIMIT = 200


class Kind(Enum):
    """What something beside an image is."""

    SIGNATURE = "signature"
    ATTESTATION = "attestation"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Something beside an image.

    `type` is that of an attestation's predicate, "" where nothing tells it, or else `media_type`.
    `subject` is the digest of the image's index or manifest that it is about. `content` is its own
    descriptor: that of a layer or, where it `is_referrer`, of the manifest that has the layer.
    """

    kind: Kind
    type: str
    subject: Digest
    content: Attached
    where: str
    media_type: str
    place: Attachments
    is_referrer: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether it has a signature of its own, right or wrong."""
        is_bundle = self.media_type.startswith(BUNDLE_TYPE)
        return self.kind is Kind.SIGNATURE or is_bundle or self.media_type == ENVELOPE_TYPE


Look = Callable[[], list[Beside]]
Map = Callable[[Callable[[Look], list[Beside]], Iterable[Look]], Iterable[list[Beside]]]


def find_beside(
    registries: Registries, image: Reference, manifest: Digest, index: Digest | None, map_: Map
) -> list[Beside]:
    """All that stands beside the manifest of one platform, and beside its index if it has one.

    `map_` looks at several places: `map`, or one that does so concurrently. What a mirror and the
    registry have is listed once. Raises an error of the registry; a mirror that cannot be asked is
    passed by.
    """
    looks: list[Look] = []
    subjects = [manifest] if index is None else [index, manifest]
    *mirrors, registry = registries.attachments(image)
    for place in (*mirrors, registry):
        of_place: list[Look] = [
            *(partial(_tagged, place, one, suffix) for one in subjects for suffix in _SUFFIXES),
            *(partial(_referring, place, one) for one in subjects),
        ]
        if index is not None:
            of_place.append(partial(_in_index, place, index, manifest))
        looks += of_place if place is registry else [partial(_or_none, one) for one in of_place]
    found: dict[object, Beside] = {}
    for items in map_(_look, looks):
        for one in items:
            found.setdefault((one.subject, one.content.digest, one.type), one)
    return list(found.values())


def _look(look: Look) -> list[Beside]:
    return look()


def _or_none(look: Look) -> list[Beside]:
    try:
        return look()
    except NixfetchError:
        return []


def _tagged(place: Attachments, subject: Digest, suffix: str) -> list[Beside]:
    """What is below a tag of cosign."""
    tag = cosign_tag(subject, suffix)
    content = place.tagged(tag) if is_tag(tag) else None
    if content is None:
        return []
    where = f"the tag {subject.algorithm}-{subject.hex[:12]}….{suffix}"
    with placed(where):
        layers = limited(parse_artifact(content.data).layers)
    return [_beside(place, subject, layer, where, layer.descriptor.media_type) for layer in layers]


def _referring(place: Attachments, subject: Digest) -> list[Beside]:
    """The manifests that refer to the subject."""
    entries = limited(place.referrers(subject))
    return [replace(_referrer(place, subject, one), is_referrer=True) for one in entries]


def _referrer(place: Attachments, subject: Digest, entry: Attached) -> Beside:
    kind = entry.descriptor.artifact_type
    if kind in UNKNOWN_TYPES or (kind.startswith(BUNDLE_TYPE) and not _predicate(entry)):
        # What the list does not say, the manifest itself tells.
        manifest = place.manifest(entry.digest, entry.size)
        with placed(f"the referrer {entry.digest.short}"):
            artifact = parse_artifact(manifest.data)
        kind = artifact.artifact_type
        if kind in UNKNOWN_TYPES and len(artifact.layers) == 1:
            kind = artifact.layers[0].descriptor.media_type
        entry = replace(entry, annotations={**entry.annotations, **artifact.annotations})
    return _beside(place, subject, entry, "a referrer", kind)


def _in_index(place: Attachments, index: Digest, manifest: Digest) -> list[Beside]:
    """The attestations of BuildKit in an index that are about one of its manifests."""
    entries = [
        entry
        for entry in parse_referrers(place.manifest(index).data)
        if entry.annotations.get(_BUILDKIT_TYPE) == _BUILDKIT
        and entry.annotations.get(_BUILDKIT_DIGEST) == str(manifest)
    ]
    found: list[Beside] = []
    for entry in limited(entries):
        with placed(f"the attestations {entry.digest.short} in its index"):
            artifact = parse_artifact(place.manifest(entry.digest, entry.size).data)
        found += [
            _beside(place, manifest, layer, "its index", layer.descriptor.media_type)
            for layer in limited(artifact.layers)
        ]
    return found


def limited(items: Sequence[T]) -> Sequence[T]:
    """The items; raises `InvalidManifest` where there are too many."""
    if len(items) > _LIMIT:
        raise InvalidManifest(
            f"it has {len(items)} entries, and {_LIMIT} are the most that are looked at"
        )
    return items


def _beside(
    place: Attachments, subject: Digest, content: Attached, where: str, media_type: str
) -> Beside:
    predicate = _predicate(content)
    is_bundle = media_type.startswith(BUNDLE_TYPE)
    kind = Kind.DOCUMENT
    if media_type in {PAYLOAD_TYPE, SIGNATURES_TYPE} or (
        is_bundle and predicate in {"", SIGNATURE_PREDICATE}
    ):
        kind = Kind.SIGNATURE
    elif is_bundle or media_type in {ENVELOPE_TYPE, IN_TOTO}:
        kind = Kind.ATTESTATION
    return Beside(
        kind=kind,
        type=predicate if kind is Kind.ATTESTATION else media_type,
        subject=subject,
        content=content,
        where=where,
        media_type=media_type,
        place=place,
    )


def _predicate(content: Attached) -> str:
    """The type of predicate that annotations tell, or ""."""
    found = (content.annotations.get(key) for key in _PREDICATE_KEYS)
    return next(filter(None, found), "")
