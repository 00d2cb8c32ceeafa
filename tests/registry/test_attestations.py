"""What stands beside an image, and attestations: which are read, and which are believed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from support.attesting import (
    CYCLONEDX,
    ENVELOPE,
    SLSA,
    SPDX,
    attestation,
    envelope,
    put_attested,
    put_built,
    put_tagged,
)
from support.faults.answers import status
from support.faults.client import WEB, Client, MakeClient
from support.faults.registry import FaultRegistry
from support.oci import INDEX, MANIFEST, descriptor, digest, encode, image, layer
from support.signing import (
    BUNDLE,
    IN_TOTO,
    SIGNED,
    SigningKey,
    dsse_bundle,
    key,
    message_bundle,
    payload,
    put_referrer,
    put_signatures,
    signed,
    statement,
)

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.signatures.attestation import Attestation, read
from nixfetch_docker.signatures.beside import Beside, Kind, find_beside
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.rejected import Rejected
from nixfetch_docker.signatures.signer import KeySigner, Requirement

ACME, OTHER = key("acme"), key("other")
ARM = image(layer({"hello": b"hi"}), platform="linux/arm64")
SBOM = {"spdxVersion": "SPDX-2.3", "nothing": None}
NONE: Mapping[str, str] = {}
PROVENANCE = {"builder": {"id": "x"}}


@pytest.fixture(autouse=True)
def _lists(registry: FaultRegistry) -> None:
    registry.lists_referrers = True


def beside(client: Client, index: str | None = None, manifest: str = WEB.digest) -> list[Beside]:
    return find_beside(
        client.registries,
        client.reference("web:1"),
        Digest.parse(manifest),
        None if index is None else Digest.parse(index),
        map,
    )


def listed(found: list[Beside]) -> list[tuple[Kind, str, bool]]:
    return [(one.kind, one.type, one.is_signed) for one in found]


def attestations(client: Client, index: str | None = None) -> list[Attestation]:
    return [read(one) for one in beside(client, index) if one.kind is not Kind.SIGNATURE]


def requirement(*keys: SigningKey, every: bool = False) -> Requirement:
    names = {ACME: "acme.pub", OTHER: "other.pub"}
    signers = [KeySigner(file=names[one], key=PublicKey.parse(one.pem)) for one in keys]
    return Requirement(signers=tuple(signers), every=every)


class TestBeside:
    def test_nothing(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.add("web:1", WEB)
        assert beside(client(registry)) == []
        tag = WEB.digest.replace(":", "-")
        assert registry.lines() == [
            *(f"GET /v2/web/manifests/{tag}.{suffix}" for suffix in ("sig", "att", "sbom")),
            f"GET /v2/web/referrers/{WEB.digest}",
        ]

    def test_all_forms(self, registry: FaultRegistry, client: MakeClient) -> None:
        index = put_built(registry, "web:1", [WEB, ARM], (SPDX, SBOM), (SLSA, PROVENANCE))
        put_signatures(registry, "web", index, [signed(ACME, payload(index, "x/web"))])
        attested = attestation(WEB.digest, SBOM, CYCLONEDX)
        put_tagged(
            registry,
            "web",
            WEB.digest,
            [(envelope(ACME, attested), ENVELOPE, {"predicateType": CYCLONEDX})],
        )
        put_tagged(registry, "web", WEB.digest, [(b"{}", "text/spdx+json", {})], "sbom")
        bundle = dsse_bundle(ACME, attestation(index, PROVENANCE, SLSA))
        put_referrer(registry, "web", index, bundle, kind=BUNDLE, predicate=SLSA)
        own = dsse_bundle(ACME, statement(index))
        put_referrer(registry, "web", index, own, kind=BUNDLE, predicate=SIGNED)
        put_referrer(registry, "web", index, message_bundle(ACME, b"index"), kind=BUNDLE)
        put_referrer(registry, "web", WEB.digest, b"{ }", kind="application/spdx+json")
        put_referrer(registry, "web", ARM.digest, b"{  }", kind="application/spdx+json")
        found = beside(client(registry), index)
        assert listed(found) == [
            (Kind.SIGNATURE, "application/vnd.dev.cosign.simplesigning.v1+json", True),
            (Kind.ATTESTATION, CYCLONEDX, True),
            (Kind.DOCUMENT, "text/spdx+json", False),
            (Kind.ATTESTATION, SLSA, True),
            (Kind.SIGNATURE, BUNDLE, True),
            (Kind.SIGNATURE, BUNDLE, True),
            (Kind.DOCUMENT, "application/spdx+json", False),
            (Kind.ATTESTATION, SPDX, False),
            (Kind.ATTESTATION, SLSA, False),
        ]
        subjects = [str(one.subject) for one in found]
        assert subjects == [index, WEB.digest, WEB.digest, *[index] * 3, *[WEB.digest] * 3]

    def test_a_registry_without_the_list_has_a_tag(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = False
        put_referrer(registry, "web", WEB.digest, b"{}", kind="application/spdx+json")
        data = registry.referrers("web", WEB.digest)
        tag = WEB.digest.replace(":", "-")
        registry.add_manifest(f"web:{tag}", data, "application/vnd.oci.image.index.v1+json")
        assert listed(beside(client(registry))) == [(Kind.DOCUMENT, "application/spdx+json", False)]

    @pytest.mark.parametrize("own", [BUNDLE, None])
    def test_a_list_that_does_not_know_of_artifacts(
        self, own: str | None, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Such as the fallback tag of cosign 3, which names the kind of the config."""
        registry.lists_referrers = False
        bundle = dsse_bundle(ACME, attestation(WEB.digest, SBOM))
        registry.add_blob(bundle)
        empty = "application/vnd.oci.empty.v1+json"
        manifest = encode(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                **({} if own is None else {"artifactType": own}),
                "config": descriptor(b"{}", empty),
                "layers": [descriptor(bundle, BUNDLE)],
                "annotations": {"dev.sigstore.bundle.predicateType": SPDX},
            }
        )
        registry.add_manifest("web", manifest, MANIFEST)
        entry = {**descriptor(manifest, MANIFEST), "artifactType": empty}
        listing = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})
        registry.add_manifest(f"web:{WEB.digest.replace(':', '-')}", listing, INDEX)
        web = client(registry)
        assert listed(beside(web)) == [(Kind.ATTESTATION, SPDX, True)]
        assert attestations(web)[0].predicate == SBOM

    def test_what_a_mirror_has_too_is_listed_once_and_its_fault_is_none(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        layers = [(envelope(ACME, attestation(WEB.digest, SBOM)), ENVELOPE, NONE)]
        for one in (registry, mirror):
            put_tagged(one, "web", WEB.digest, layers)
        mirror.script("GET", f"/referrers/{WEB.digest}", *[status(500)] * 3)
        assert len(beside(client(registry, mirrors=[mirror]))) == 1

    def test_an_artifact_that_cannot_be_read_is_named(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tag = WEB.digest.replace(":", "-")
        data = b'{"schemaVersion": 2, "layers": {}}'
        registry.add_manifest(f"web:{tag}.att", data, "application/vnd.oci.image.manifest.v1+json")
        with pytest.raises(NixfetchError) as caught:
            beside(client(registry))
        assert str(caught.value).startswith(f"the tag {tag[:19]}….att: ")

    def test_more_entries_than_anybody_has(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        layers = [(str(number).encode(), ENVELOPE, NONE) for number in range(201)]
        put_tagged(registry, "web", WEB.digest, layers)
        with pytest.raises(NixfetchError) as caught:
            beside(client(registry))
        assert "it has 201 entries, and 200 are the most" in str(caught.value)


class TestRead:
    def test_a_predicate_keeps_what_it_has(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        put_attested(registry, "web", WEB.digest, ACME, attestation(WEB.digest, SBOM))
        (found,) = attestations(client(registry))
        assert (found.type, found.predicate) == (SPDX, SBOM)
        assert found.statement["predicateType"] == SPDX

    def test_a_document_has_no_statement(self, registry: FaultRegistry, client: MakeClient) -> None:
        put_referrer(registry, "web", WEB.digest, b'{"a": null}', kind="application/spdx+json")
        (found,) = attestations(client(registry))
        assert found.predicate == found.statement == {"a": None}

    def test_buildkits_are_those_of_the_platform(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        index = put_built(registry, "web:1", [ARM, WEB], (SPDX, SBOM))
        (found,) = attestations(client(registry), index)
        assert found.data == attestation(WEB.digest, SBOM, name="_")

    @pytest.mark.parametrize(
        ("layers", "reason"),
        [
            pytest.param(
                [(envelope(ACME, attestation(ARM.digest, SBOM)), ENVELOPE, NONE)],
                "it is not about sha256:",
                id="another image",
            ),
            pytest.param(
                [(envelope(ACME, b"{}", "text/plain"), ENVELOPE, NONE)],
                "its payloadType is 'text/plain'",
                id="type",
            ),
            pytest.param([(b"[]", ENVELOPE, NONE)], "expected a table, found an array", id="array"),
            pytest.param([(b'{"a": 1, "a": 2}', IN_TOTO, {})], "there twice", id="twice"),
            pytest.param([(b"SPDX: 2", "text/spdx", {})], "this is not JSON", id="no JSON"),
            pytest.param([(b"[" * 9999, "spdx+json", {})], "nested too deeply", id="nested"),
            pytest.param(
                [(b"[1" + b",1" * 2_000_001 + b"]", "spdx+json", {})],
                "it has more than 2000000 values",
                id="values",
            ),
        ],
    )
    def test_what_is_refused(
        self,
        layers: Sequence[tuple[bytes, str, Mapping[str, str]]],
        reason: str,
        registry: FaultRegistry,
        client: MakeClient,
    ) -> None:
        put_tagged(registry, "web", WEB.digest, layers)
        with pytest.raises(NixfetchError) as caught:
            attestations(client(registry))
        assert reason in str(caught.value)
        assert str(caught.value).startswith(
            f"the attestation {Digest.parse(digest(layers[0][0])).short}: "
        )

    def test_one_of_many_megabytes_is_not_fetched(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        size = {"size": 33 * 1024 * 1024}
        put_referrer(registry, "web", WEB.digest, b"{}", kind="spdx+json", layer=size)
        with pytest.raises(NixfetchError) as caught:
            attestations(client(registry))
        assert "it has 34603008 bytes, and 33554432 are the most that is read" in str(caught.value)
        assert not [line for line in registry.lines() if "/blobs/" in line]


class TestSigners:
    def said(self, client: Client, demanded: Requirement) -> list[str] | str:
        (found,) = attestations(client)
        try:
            return found.check(client.reference("web:1"), demanded)
        except Rejected as reason:
            return str(reason)

    @pytest.mark.parametrize("form", ["envelope", "bundle"])
    def test_the_key_that_is_asked_for(
        self, form: str, registry: FaultRegistry, client: MakeClient
    ) -> None:
        data: Any = attestation(WEB.digest, SBOM, version="v1")
        if form == "envelope":
            put_attested(registry, "web", WEB.digest, ACME, data)
        else:
            put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, data), predicate=SPDX)
        web = client(registry)
        assert self.said(web, requirement(ACME)) == ["acme.pub"]
        assert self.said(web, requirement(OTHER, ACME)) == ["acme.pub"]
        assert self.said(web, requirement(OTHER)) == "a signature by another key"
        assert self.said(web, requirement(ACME, OTHER, every=True)) == "a signature by another key"
        for every in (False, True):
            assert self.said(web, requirement(every=every)) == "no signature of its own"

    def test_a_statement_that_was_changed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = json.loads(envelope(ACME, attestation(WEB.digest, {"old": 1})))
        changed = json.loads(envelope(OTHER, attestation(WEB.digest, {"new": 1})))
        changed["signatures"] = made["signatures"]
        layers = [(json.dumps(changed).encode(), ENVELOPE, NONE)]
        put_tagged(registry, "web", WEB.digest, layers)
        assert self.said(client(registry), requirement(ACME)) == "a signature by another key"

    def test_one_of_another_repository(self, registry: FaultRegistry, client: MakeClient) -> None:
        data = attestation(WEB.digest, SBOM, name="reg.lab/api")
        put_attested(registry, "web", WEB.digest, ACME, data)
        assert self.said(client(registry), requirement(ACME)) == (
            "a signature for another name (reg.lab/api)"
        )

    def test_a_document_that_nobody_signed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        put_tagged(registry, "web", WEB.digest, [(b"{}", "spdx+json", {})], "sbom")
        assert self.said(client(registry), requirement(ACME)) == "no signature of its own"
