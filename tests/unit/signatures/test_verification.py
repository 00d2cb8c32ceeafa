"""Whatever is in a signature, the answer is a voucher or an error of ours in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused
from support.signing import (
    BUNDLE,
    PAYLOAD,
    SIGNATURE,
    dsse_bundle,
    key,
    payload,
    signed,
    statement,
)

from nixfetch_docker.errors import NotFoundError
from nixfetch_docker.oci.artifact import Attached
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.registries import Registries
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signature import CERTIFICATE_ANNOTATION
from nixfetch_docker.signatures.signer import KeySigner, Requirement
from nixfetch_docker.signatures.verification import NotSigned, verify

ACME = key("acme")
WEB = Reference.parse("ghcr.io/acme/web:2")
MANIFEST = b"{}"
SUBJECT = Digest.of(MANIFEST)
SIGNER = KeySigner(file="acme.pub", key=PublicKey.parse(ACME.pem), annotations={"env": "prod"})


class Place:
    """A registry in memory, with one layer at the tag and one that a referrer has."""

    host = "ghcr.io"

    def __init__(
        self, simple: Mapping[str, Any] | None, bundle: bytes | None, blobs: Mapping[Digest, bytes]
    ) -> None:
        self._simple = simple
        self._bundle = bundle
        self._blobs = blobs

    def tagged(self, tag: str) -> Content | None:
        assert tag == f"sha256-{SUBJECT.hex}.sig"
        return None if self._simple is None else content({"layers": [self._simple]})

    def referrers(self, subject: Digest) -> list[Attached]:
        assert subject == SUBJECT
        if self._bundle is None:
            return []
        data = self.manifest(Digest.of(b"")).data
        descriptor = Descriptor(
            media_type="", digest=Digest.of(b""), size=len(data), artifact_type=BUNDLE
        )
        return [Attached(descriptor=descriptor, annotations={})]

    def manifest(self, digest: Digest, _size: int | None = None) -> Content:
        if digest == SUBJECT:
            return Content(digest=SUBJECT, content_type=None, data=MANIFEST)
        assert self._bundle is not None
        return content({"layers": [descriptor(self._bundle, BUNDLE)]})

    def blob(self, digest: Digest, _size: int) -> bytes:
        if digest not in self._blobs:
            raise NotFoundError("gone")
        return self._blobs[digest]


class Places:
    """Registries with one place."""

    def __init__(self, *blobs: bytes, simple: Any = None, bundle: bytes | None = None) -> None:
        self._place = Place(simple, bundle, {Digest.of(blob): blob for blob in blobs})

    def attachments(self, image: Reference) -> list[Place]:
        assert image == WEB
        return [self._place]


def content(document: Mapping[str, Any]) -> Content:
    data = json.dumps({"schemaVersion": 2, **document}).encode()
    return Content(digest=Digest.of(data), content_type=None, data=data)


def descriptor(data: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}


def outcome(places: Places) -> tuple[Any, ...] | None:
    def ask(_: None) -> tuple[Any, ...]:
        registries: Registries = places  # type: ignore[assignment]
        return verify(registries, WEB, [SUBJECT], Requirement(signers=(SIGNER,)))

    return read_or_refused(ask, None)


RIGHT = payload(str(SUBJECT), "ghcr.io/acme/web", {"env": "prod"})
STATEMENT = statement(str(SUBJECT), annotations={"env": "prod"})
# Almost right: a value of a right document is another.
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


def changed(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes of a document with a value replaced, cut, or with a byte changed."""
    ways = list(_ways(json.loads(data)))

    def replaced(way: tuple[str | int, ...], value: object) -> bytes:
        document = json.loads(data)
        inner = document
        for step in way[:-1]:
            inner = inner[step]
        inner[way[-1]] = value
        return json.dumps(document).encode(errors="surrogatepass")

    def byte(position: int, other: bytes) -> bytes:
        return data[:position] + other + data[position + 1 :]

    return st.one_of(
        st.builds(replaced, st.sampled_from(ways), _values),
        st.builds(byte, st.integers(0, len(data) - 1), st.binary(max_size=3)),
        st.integers(0, len(data)).map(lambda end: data[:end]),
        st.binary(),
    )


def _ways(value: Any, way: tuple[str | int, ...] = ()) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in items:
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from _ways(inner, (*way, step))


def test_what_the_changes_start_from_is_right() -> None:
    simple = signed(ACME, RIGHT)
    assert outcome(Places(RIGHT, simple=simple.descriptor))
    bundle = dsse_bundle(ACME, STATEMENT)
    assert outcome(Places(bundle, bundle=bundle))


@given(changed(RIGHT))
def test_any_payload_that_was_signed(data: bytes) -> None:
    found = outcome(Places(data, simple=signed(ACME, data).descriptor))
    if found:
        document = json.loads(data)
        assert document["critical"]["image"]["docker-manifest-digest"] == str(SUBJECT)
        assert document["optional"]["env"] == "prod"


@given(changed(STATEMENT))
def test_any_statement_that_was_signed(data: bytes) -> None:
    bundle = dsse_bundle(ACME, data)
    found = outcome(Places(bundle, bundle=bundle))
    if found:
        assert SUBJECT.hex.encode() in data
        assert b"prod" in data


@given(changed(dsse_bundle(ACME, STATEMENT)))
def test_any_bundle(data: bytes) -> None:
    outcome(Places(data, bundle=data))


@given(
    st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")),
    st.text(max_size=60) | st.binary().map(lambda data: data.hex()),
    st.dictionaries(st.sampled_from([CERTIFICATE_ANNOTATION, "x"]), _values),
)
def test_any_signature_and_annotation(data: bytes, signature: str, more: dict[str, Any]) -> None:
    annotations = {SIGNATURE: signature, **more}
    layer = {**descriptor(data, PAYLOAD), "annotations": annotations}
    assert outcome(Places(data, simple=layer)) is None


@given(changed(json.dumps({**descriptor(RIGHT, PAYLOAD), "annotations": {}}).encode()))
def test_any_layer_of_a_manifest(data: bytes) -> None:
    try:
        layer = json.loads(data)
    except ValueError:
        layer = None
    assert outcome(Places(RIGHT, simple=layer)) is None


@pytest.mark.parametrize(
    ("places", "has"),
    [
        (Places(), "no signature"),
        (Places(RIGHT, simple=signed(ACME, RIGHT).descriptor), "a signature that nobody asked for"),
    ],
)
def test_nobody_is_asked_for(places: Places, has: str) -> None:
    registries: Registries = places  # type: ignore[assignment]
    with pytest.raises(NotSigned, match=f"not signed by anybody: {SUBJECT.short} has {has}"):
        verify(registries, WEB, [SUBJECT], Requirement(signers=()))
