"""What a signed text says: which digest it is for, under which name, with which annotations.

The texts are those of simple signing
(https://github.com/containers/image/blob/v5.34.2/docs/containers-signature.5.md#json-data-format,
with cosign's type), and in-toto's statements
(https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from ..base import strict_json
from ..base.redact import literal, quote
from ..base.table import Table
from ..base.values import dataclass
from ..errors import NixfetchError
from ..oci.digest import Digest, InvalidDigest
from ..oci.reference import InvalidReference, Reference
from .rejected import Rejected

_TYPE = "cosign container image signature"
_STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
# The statement of a signature alone, and those of who built the image.
SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/v1"
_PROVENANCE = "https://slsa.dev/provenance/"
_STATEMENT_SHAPE: strict_json.Shape = {"subject": {}}
# It bounds the memory, as for manifests.
_VALUES_LIMIT = 200_000


class InvalidClaim(NixfetchError):
    """A signed text that cannot be read, or that is not about an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That an image has a digest, with the name and the annotations that its signer gave it.

    `name` is None where the text has no image's name.
    """

    digest: Digest
    name: Reference | None
    annotations: Mapping[str, object]


@contextmanager
def _reading() -> Iterator[None]:
    """Turn every other error of the block into `InvalidClaim`, with the same text."""
    try:
        yield
    except (InvalidClaim, Rejected):
        raise
    except NixfetchError as error:
        raise InvalidClaim(error.cause) from None


def parse_payload(data: bytes) -> Claim:
    """Read the payload of simple signing; raises `InvalidClaim`.

    As for podman, its objects have the keys of the format and no others, but for what is optional.
    """
    with _reading():
        table = _parse(data)
        table.only("critical", "optional")
        critical = table.table("critical")
        critical.only("type", "image", "identity")
        _check_type(critical.require("type", str), (_TYPE,))
        image = critical.table("image")
        image.only("docker-manifest-digest")
        identity = critical.table("identity")
        identity.only("docker-reference")
        name = identity.require("docker-reference", str)
        return Claim(
            digest=image.parse("docker-manifest-digest", Digest.parse),
            # cosign's signers may leave it empty.
            name=Reference.parse(name) if name else None,
            annotations=dict(table.table_or_empty("optional").values),
        )


def parse_statement(data: bytes) -> tuple[Claim, ...]:
    """Read a statement of in-toto, and what it says of each of its subjects.

    Raises `InvalidClaim`, and `Rejected` for a statement that vouches for nothing, such as an SBOM.
    """
    with _reading():
        table = _statement(data, _VALUES_LIMIT)
        check_predicate(table.require("predicateType", str))
        return tuple(_claims(table.tables("subject")))


def parse_attestation(data: bytes, values: int) -> tuple[str, tuple[Claim, ...]]:
    """Read a statement of in-toto with any predicate: its type, and what it is about.

    It may have about so many `values`. Raises `InvalidClaim`.
    """
    with _reading():
        table = _statement(data, values)
        return table.require("predicateType", str), tuple(_claims(table.tables("subject")))


def _statement(data: bytes, values: int) -> Table:
    table = _parse(data, _STATEMENT_SHAPE, values)
    _check_type(table.require("_type", str), _STATEMENTS)
    return table


def check_predicate(predicate: str) -> None:
    """Raise `Rejected` unless a statement with this type of predicate stands for its subjects.

    cosign's signatures do, and the provenance of SLSA, which is signed by who built the image. An
    SBOM, a report of a scan or a VEX document says something about an image that others made.
    """
    if predicate != SIGNATURE_PREDICATE and not predicate.startswith(_PROVENANCE):
        raise Rejected(
            f"an attestation of {quote(predicate)}, which is no signature",
            "attestations, which are no signatures",
        )


def check(
    claims: Collection[Claim],
    digest: Digest,
    image: Reference,
    accepts: Callable[[Reference, Reference | None], bool],
    annotations: Mapping[str, str],
) -> None:
    """Raise `Rejected` unless one of the claims is about `digest`, under the name of the `image`.

    `accepts` compares that name with the signed one, which may be missing, and the `annotations`
    must be there.
    """
    about = [claim for claim in claims if claim.digest == digest]
    if not about:
        others = ", ".join(sorted({claim.digest.short for claim in claims})[:3])
        raise Rejected(
            f"a signature of another digest ({others})" if others else "a signature of no digest",
            "signatures of other digests",
        )
    named = [claim for claim in about if _is_of(claim.name, digest) and accepts(image, claim.name)]
    if not named:
        if about[0].name is None:
            raise Rejected("a signature without a name", "signatures without names")
        raise Rejected(
            f"a signature for another name ({about[0].name})", "signatures for other names"
        )
    reasons = [_missing(claim, annotations) for claim in named]
    if all(reasons):
        raise Rejected(
            f"a signature without the annotation {reasons[0]}",
            "signatures without the annotations that are wanted",
        )


def _is_of(name: Reference | None, digest: Digest) -> bool:
    return name is None or name.digest is None or name.digest == digest


def _missing(claim: Claim, annotations: Mapping[str, str]) -> str:
    """The first of the annotations that a claim has not, in words, or ""."""
    for name, wanted in annotations.items():
        found = claim.annotations.get(name)
        if found != wanted:
            other = f" (it has {literal(found)})" if isinstance(found, str) else ""
            return f"{name}={wanted}{other}"
    return ""


def _parse(
    data: bytes, shape: strict_json.Shape | None = None, values: int = _VALUES_LIMIT
) -> Table:
    if data.count(b",") > values:
        raise InvalidClaim(f"it has more than {values} values")
    return strict_json.parse_table(data, shape=shape)


def _check_type(found: str, known: tuple[str, ...]) -> None:
    if found not in known:
        raise InvalidClaim(f"its type is {literal(found)}, not {known[0]!r}")


def _claims(subjects: list[Table]) -> Iterator[Claim]:
    for subject in subjects:
        digests = subject.table_or_empty("digest")
        for algorithm in digests.values:
            text = digests.require(algorithm, str)
            try:
                digest = Digest.parse(f"{algorithm}:{text}")
            except InvalidDigest:
                # Subjects may have others too, such as a commit's.
                continue
            yield Claim(
                digest=digest,
                name=_image_name(subject.get("name", str) or ""),
                annotations=dict(subject.table_or_empty("annotations").values),
            )


def _image_name(text: str) -> Reference | None:
    """The image that a subject's name names with its registry, or None for any other name.

    Subjects may be files, or have names that mean something to their signer alone.
    """
    first, slash, _ = text.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        return None
    try:
        return Reference.parse(text)
    except (InvalidReference, InvalidDigest):
        return None
