"""The search for the signatures of one digest, within limits.

They are where cosign, skopeo and podman put them
(https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#storage): below the tag
`sha256-….sig`, and among the manifests that refer to the image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import NixfetchError, NotFoundError, WrongContent
from ..oci.artifact import Attached, parse_artifact
from ..oci.document import MANIFEST_LIMIT, InvalidManifest
from ..oci.reference import is_tag
from .bundle import MEDIA_TYPE as BUNDLE_TYPE
from .bundle import Bundle, InvalidBundle, decode_base64, parse_bundle
from .claim import check_predicate
from .rejected import Rejected
from .signature import CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION, Signature

if TYPE_CHECKING:
    from ..oci.digest import Digest
    from ..registry.attachments import Attachments

PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
# Of cosign 2 with --registry-referrers-mode=oci-1-1.
SIGNATURES_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json"
# Lists that registries or clients made without knowing of artifacts say nothing of their kind, or
# that of their config, as the fallback tag of cosign does.
UNKNOWN_TYPES = ("", "application/vnd.oci.empty.v1+json")
PREDICATE_ANNOTATION = "dev.sigstore.bundle.predicateType"

# A payload has some 300 bytes, and a bundle some 10 KiB; podman reads signatures of up to 4 MiB.
_BYTES_LIMIT = 4 * 1024 * 1024
_TOTAL_MIB = 32
# What is larger is fetched again where it is there twice, so that memory is for one of it.
_KEPT_LIMIT = 64 * 1024
_TOTAL_LIMIT = _TOTAL_MIB * 1024 * 1024
# Of one digest, at each place: what a mirror has too many of hides nothing of the registry's.
_SIGNATURES_LIMIT = 200
# Of the same. A signature takes two at most, and what turns out to be none takes some too.
_REQUESTS_LIMIT = 500


class Finder:
    """The search for the signatures of one digest, within limits."""

    def __init__(self, subject: Digest, *, is_tag_alone: bool) -> None:
        self._subject = subject
        self._looks = (self._tagged,) if is_tag_alone else (self._tagged, self._referring)
        self._manifest: bytes | None = None
        self._known: set[bytes] = set()
        self._read: dict[Digest, bytes] = {}
        self._total = 0
        self._requests = 0

    def find(self, places: list[Attachments]) -> Iterator[Signature | Rejected]:
        """All of them, the tag's first; raises what kept the last place from being searched."""
        for place in places:
            self._total = self._requests = 0
            failures: list[NixfetchError] = []
            is_last = place is places[-1]
            for count, one in enumerate(self._at(place, failures, is_last=is_last)):
                if count == _SIGNATURES_LIMIT:
                    if is_last:
                        yield _rest()
                    break
                yield one
            if failures and is_last:
                raise failures[0]

    def _at(
        self, place: Attachments, failures: list[NixfetchError], *, is_last: bool
    ) -> Iterator[Signature | Rejected]:
        """Those of a place that no other had; what kept it from being searched is in `failures`."""
        for look in self._looks:
            try:
                for one in look(place):
                    # What a mirror lacks, the registry itself may have.
                    if self._is_new(one) if isinstance(one, Signature) else is_last:
                        yield one
            except Rejected as reason:
                if is_last:
                    yield reason
            except NixfetchError as error:
                failures.append(error)

    def _is_new(self, one: Signature) -> bool:
        # With what vouches for a keyless one: a mirror may have that wrong.
        texts = [
            text.encode(errors="surrogatepass")
            for pair in sorted(one.annotations.items())
            for text in pair
        ]
        parts = [one.signed, one.signature, one.bundle or b"", *texts]
        key = b"".join(hashlib.sha256(part).digest() for part in parts)
        is_new = key not in self._known
        self._known.add(key)
        return is_new

    def _tagged(self, place: Attachments) -> Iterator[Signature | Rejected]:
        tag = cosign_tag(self._subject, "sig")
        content = place.tagged(tag) if is_tag(tag) else None
        if content is not None:
            yield from self._of_manifest(place, content.data, "its tag")

    def _referring(self, place: Attachments) -> Iterator[Signature | Rejected]:
        for entry in place.referrers(self._subject):
            kind = entry.descriptor.artifact_type
            if kind in (*UNKNOWN_TYPES, SIGNATURES_TYPE) or kind.startswith(BUNDLE_TYPE):
                try:
                    yield from self._of_referrer(place, entry)
                except Rejected as reason:
                    yield reason

    def _of_referrer(self, place: Attachments, entry: Attached) -> Iterator[Signature | Rejected]:
        _check_predicate(entry.annotations)
        data = self._content(
            entry, MANIFEST_LIMIT, lambda: place.manifest(entry.digest, entry.size).data
        )
        yield from self._of_manifest(place, data, f"the referrer {entry.digest.short}")

    def _of_manifest(
        self, place: Attachments, data: bytes, where: str
    ) -> Iterator[Signature | Rejected]:
        try:
            artifact = parse_artifact(data)
        except InvalidManifest as error:
            raise _unreadable(f"{where}: {error.cause}") from None
        _check_predicate(artifact.annotations)
        for layer in artifact.layers:
            kind = layer.descriptor.media_type
            is_bundle = kind.startswith(BUNDLE_TYPE)
            if kind != PAYLOAD_TYPE and not is_bundle:
                continue
            try:
                blob = self._blob(place, layer)
                yield (
                    self._bundle(place, layer, blob, where)
                    if is_bundle
                    else self._simple(layer, blob, where)
                )
            except Rejected as reason:
                yield reason

    def _blob(self, place: Attachments, layer: Attached) -> bytes:
        return self._content(layer, _BYTES_LIMIT, lambda: place.blob(layer.digest, layer.size))

    def _content(self, entry: Attached, limit: int, fetch: Callable[[], bytes]) -> bytes:
        """The content of a descriptor, fetched once; raises `Rejected` where it cannot be had."""
        if entry.size > limit:
            raise _too_large(entry.size, limit)
        data = self._read.get(entry.digest)
        if data is None:
            if self._total + entry.size > _TOTAL_LIMIT or self._requests == _REQUESTS_LIMIT:
                raise _rest()
            self._total += entry.size
            self._requests += 1
            try:
                data = fetch()
            except NotFoundError:
                raise _gone() from None
            except (WrongContent, InvalidManifest) as error:
                raise _unreadable(error.cause) from None
            if entry.size <= _KEPT_LIMIT:
                self._read[entry.digest] = data
        return data

    def _simple(self, layer: Attached, payload: bytes, where: str) -> Signature:
        text = layer.annotations.get(SIGNATURE_ANNOTATION)
        signature = None if text is None else decode_base64(text)
        if signature is None:
            what = "is not there" if text is None else "is not base64"
            raise _unreadable(f"its {SIGNATURE_ANNOTATION} {what}")
        return Signature(
            where=where,
            media_type=layer.descriptor.media_type,
            signed=payload,
            signature=signature,
            payload=payload,
            annotations=layer.annotations,
            bundle=None,
            has_certificate=CERTIFICATE_ANNOTATION in layer.annotations,
            subject=self._subject,
        )

    def _bundle(self, place: Attachments, layer: Attached, data: bytes, where: str) -> Signature:
        try:
            bundle = parse_bundle(data)
        except InvalidBundle as error:
            raise _unreadable(error.cause) from None
        return Signature(
            where=where,
            media_type=layer.descriptor.media_type,
            signed=self._signed(place, bundle),
            signature=bundle.signature,
            payload=bundle.statement,
            annotations=layer.annotations,
            bundle=data,
            has_certificate=bundle.has_certificate,
            subject=self._subject,
        )

    def _signed(self, place: Attachments, bundle: Bundle) -> bytes:
        if bundle.signed is not None:
            return bundle.signed
        # A signature of the manifest itself.
        if self._manifest is None:
            self._manifest = place.manifest(self._subject).data
        return self._manifest


def cosign_tag(subject: Digest, suffix: str) -> str:
    """The tag below which cosign puts what is beside a digest: with `sig`, its signatures."""
    return f"{subject.algorithm}-{subject.hex}.{suffix}"


def _check_predicate(annotations: Mapping[str, str]) -> None:
    """Raise `Rejected` where they say that a bundle is no signature.

    It saves the request for a large SBOM. What was signed is looked at in any case.
    """
    predicate = annotations.get(PREDICATE_ANNOTATION)
    if predicate is not None:
        check_predicate(predicate)


def _unreadable(reason: str) -> Rejected:
    return Rejected(f"a signature that cannot be read ({reason})", "signatures that cannot be read")


def _too_large(size: int, limit: int) -> Rejected:
    return Rejected(
        f"a signature of {size} bytes, which is not read, as {limit} are the most",
        f"signatures of more than {limit} bytes, which are not read",
    )


def _gone() -> Rejected:
    return Rejected(
        "a signature that the registry has no more", "signatures that the registry has no more"
    )


def _rest() -> Rejected:
    what = (
        f"others, which are not read: there are more than {_SIGNATURES_LIMIT} or "
        f"{_TOTAL_MIB} MiB of them"
    )
    return Rejected(what, what)
