"""Signatures beside an image: those that count, and attacks, each refused with its own message."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from support.faults.answers import body, html, json_error, status
from support.faults.client import WEB, Client, MakeClient
from support.faults.registry import FaultRegistry
from support.faults.server import Answer
from support.oci import INDEX, MANIFEST, descriptor, digest, encode, image, index, layer
from support.signing import (
    BUNDLE,
    EMPTY,
    KINDS,
    PAYLOAD,
    Signed,
    SigningKey,
    dsse_bundle,
    key,
    message_bundle,
    parsed,
    payload,
    put_referrer,
    put_signatures,
    signed,
    statement,
)

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.registry import referrers
from nixfetch_docker.signatures import finder
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement
from nixfetch_docker.signatures.verification import NotSigned, verify

ACME, OTHER, LAB = key("acme"), key("other"), key("lab")
NAMES = {ACME: "acme.pub", OTHER: "other.pub", LAB: "lab.pub"}
TAG = f"/v2/web/manifests/{WEB.digest.replace(':', '-')}.sig"
FALLBACK = f"/v2/web/manifests/{WEB.digest.replace(':', '-')}"
REFERRERS = f"/v2/web/referrers/{WEB.digest}"
# Another image than WEB, and an index of two.
ARM = image(layer({"hello": b"arm"}), platform="linux/arm64")
BOTH = digest(index([WEB, ARM]))


def signer(one: SigningKey = ACME, **annotations: str) -> KeySigner:
    return KeySigner(
        file=NAMES.get(one, "key.pub"), key=PublicKey.parse(one.pem), annotations=annotations
    )


def vouchers(
    client: Client,
    *signers: KeySigner,
    every: bool = False,
    as_podman: bool = False,
    name: str = "web:1",
    digests: tuple[str, ...] = (WEB.digest,),
) -> list[tuple[str, str]]:
    """Who vouches for which digest."""
    wanted = signers or (signer(),)
    found = verify(
        client.registries,
        client.reference(name),
        list(map(Digest.parse, digests)),
        Requirement(signers=wanted, every=every, as_podman=as_podman),
    )
    for one in found:
        assert one.fingerprint in {known.key.fingerprint for known in wanted}
        assert str(one) in {known.text for known in wanted}
    return [(one.signer, str(one.digest)) for one in found]


def refused(client: Client, *signers: KeySigner, **named: Any) -> str:
    """What is said where nobody vouches, without its end, which says where it was looked for."""
    with pytest.raises(NotSigned) as caught:
        vouchers(client, *signers, **named)
    assert str(caught.value).isprintable()
    assert caught.value.hint
    what, _, looked = caught.value.what.rpartition(" (looked for the tag ")
    assert looked.endswith("….sig and for referrers at " + client.host + ")") or " and " in looked
    return what


def short(one: str) -> str:
    return Digest.parse(one).short


def said(found: str, by: str = "acme.pub") -> str:
    return f"it is not signed by {by}: {short(WEB.digest)} has {found}"


def by_acme(registry: FaultRegistry, **optional: object) -> Signed:
    """A right signature for `web`."""
    return signed(ACME, payload(WEB.digest, f"{registry.host}/web", optional or None))


class TestByTag:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_of_key(self, registry: FaultRegistry, client: MakeClient, kind: str) -> None:
        one = key("acme", kind)
        data = payload(WEB.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [signed(one, data)])
        assert vouchers(client(registry), signer(one))

    def test_it_takes_two_requests(self, registry: FaultRegistry, client: MakeClient) -> None:
        one = by_acme(registry)
        put_signatures(registry, "web", WEB.digest, [one])
        assert vouchers(client(registry)) == [("acme.pub", WEB.digest)]
        assert registry.lines() == [f"GET {TAG}", f"GET /v2/web/blobs/{digest(one.data)}"]

    def test_any_of_several_signatures_will_do(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        other = signed(OTHER, payload(WEB.digest, f"{registry.host}/web"))
        put_signatures(registry, "web", WEB.digest, [other, by_acme(registry)])
        made = client(registry)
        assert vouchers(made) == [("acme.pub", WEB.digest)]
        # The same payload is fetched once.
        assert len(registry.lines()) == 2
        assert vouchers(made, signer(), signer(OTHER)) == [("other.pub", WEB.digest)]

    @pytest.mark.parametrize(
        ("name", "asked"),
        [
            pytest.param("{host}/web", "web:1", id="repository"),
            pytest.param("{host}/web:1", "web:1", id="same tag"),
            pytest.param("{host}/web:0", f"web@{WEB.digest}", id="a tag, asked for by digest"),
            pytest.param(f"{{host}}/web@{WEB.digest}", "web:1", id="digest"),
            pytest.param("", "web:1", id="no name"),
        ],
    )
    def test_the_names_that_count(
        self, registry: FaultRegistry, client: MakeClient, name: str, asked: str
    ) -> None:
        data = payload(WEB.digest, name.format(host=registry.host))
        put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
        assert vouchers(client(registry), name=asked)

    def test_annotations_are_compared(self, registry: FaultRegistry, client: MakeClient) -> None:
        put_signatures(registry, "web", WEB.digest, [by_acme(registry, env="prod", run=7)])
        made = client(registry)
        assert vouchers(made, signer(env="prod"))
        assert refused(made, signer(env="test")) == said(
            "a signature without the annotation env=test (it has 'prod'), by acme.pub with "
            "env=test",
            "acme.pub with env=test",
        )
        assert "without the annotation run=7, by" in refused(made, signer(run="7"))
        assert "without the annotation more=x, by" in refused(made, signer(env="prod", more="x"))


class TestReferrers:
    @pytest.fixture(params=["the API", "the fallback tag"])
    def put(self, request: pytest.FixtureRequest, registry: FaultRegistry) -> Callable[..., str]:
        """Serves a referrer of `web` by the API, or by its fallback tag."""
        registry.lists_referrers = request.param == "the API"

        def put_one(data: bytes, **named: Any) -> str:
            made = put_referrer(registry, "web", WEB.digest, data, **named)
            if not registry.lists_referrers:
                tag = FALLBACK.rpartition("/")[2]
                listed = registry.referrers("web", WEB.digest)
                registry.add_manifest(f"web:{tag}", listed, INDEX)
            return made

        return put_one

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_signed_statement(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str], kind: str
    ) -> None:
        one = key("acme", kind)
        put(dsse_bundle(one, statement(WEB.digest)))
        assert vouchers(client(registry), signer(one))

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_signature_of_the_manifest_itself(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str], kind: str
    ) -> None:
        one = key("acme", kind)
        put(message_bundle(one, WEB.manifest))
        assert vouchers(client(registry), signer(one))

    def test_signatures_of_cosign_2(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        one = by_acme(registry)
        kind = "application/vnd.dev.cosign.artifact.sig.v1+json"
        put(one.data, kind=kind, layer=one.descriptor)
        assert vouchers(client(registry))

    def test_a_kind_that_the_list_does_not_say(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        put(dsse_bundle(ACME, statement(WEB.digest)), kind="", layer={"mediaType": BUNDLE})
        assert vouchers(client(registry))

    def test_a_fallback_tag_as_cosign_makes_it(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Its list has the type of the config instead of the artifact's, and no annotations."""
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, statement(WEB.digest)))
        sbom = "https://spdx.dev/Document"
        data = dsse_bundle(ACME, statement(WEB.digest, sbom))
        put_referrer(registry, "web", WEB.digest, data, predicate=sbom)
        listed = parsed(registry.referrers("web", WEB.digest))
        for entry in listed["manifests"]:
            entry["artifactType"] = EMPTY
            del entry["annotations"]
        registry.add_manifest(f"web:{FALLBACK.rpartition('/')[2]}", encode(listed), INDEX)
        made = client(registry)
        assert vouchers(made)
        message = refused(made, signer(OTHER))
        assert "a signature by another key and an attestation of https://spdx.dev" in message
        # The SBOM itself is fetched for neither.
        assert not [line for line in registry.lines() if line.endswith(f"/blobs/{digest(data)}")]

    def test_provenance_counts_and_what_others_say_of_an_image_does_not(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        for kind in (
            "https://spdx.dev/Document",
            "https://cosign.sigstore.dev/attestation/vuln/v1",
        ):
            put(dsse_bundle(ACME, statement(WEB.digest, kind)))
        made = client(registry)
        assert refused(made) == said("2 attestations, which are no signatures")
        put(dsse_bundle(ACME, statement(WEB.digest, "https://slsa.dev/provenance/v1")))
        assert vouchers(made)

    def test_an_sbom_that_says_so_is_not_fetched(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        kind = "https://spdx.dev/Document"
        data = dsse_bundle(ACME, statement(WEB.digest, kind))
        put(data, predicate=kind)
        assert refused(client(registry)) == said(
            "an attestation of https://spdx.dev/Document, which is no signature"
        )
        assert not [line for line in registry.lines() if "/blobs/" in line]

    def test_annotations_of_a_subject_are_compared(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        put(dsse_bundle(ACME, statement(WEB.digest, annotations={"env": "prod"})))
        made = client(registry)
        assert vouchers(made, signer(env="prod"))
        assert "without the annotation env=test (it has 'prod')" in refused(
            made, signer(env="test")
        )

    def test_artifacts_of_other_kinds_are_no_signatures(
        self, registry: FaultRegistry, client: MakeClient, put: Callable[..., str]
    ) -> None:
        put(b"{}", kind="application/spdx+json")
        assert refused(client(registry)) == said("no signature")
        assert not [line for line in registry.lines() if "/blobs/" in line]

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            pytest.param(b"", "this is not JSON", id="empty"),
            pytest.param(b"[1]", "expected a table, found an array", id="array"),
            pytest.param(b'{"mediaType": "x"}', "its mediaType is 'x'", id="another type"),
            pytest.param(
                dsse_bundle(ACME, statement(WEB.digest), messageSignature={"signature": ""}),
                "it has two contents",
                id="two contents",
            ),
            pytest.param(
                dsse_bundle(ACME, statement(WEB.digest))[:-1] + b', "mediaType": "x"}',
                "mediaType: this key is there twice",
                id="a key twice",
            ),
            pytest.param(
                dsse_bundle(ACME, b"{}").replace(b"in-toto", b"another"),
                "its payloadType is 'application/vnd.another+json'",
                id="another payload",
            ),
            pytest.param(
                dsse_bundle(ACME, b"{}").replace(b'"signatures": [', b'"signatures": [{},'),
                "it has 2 signatures, and a bundle has one",
                id="two signatures",
            ),
            pytest.param(
                dsse_bundle(ACME, b"{}").replace(b'"sig": "', b'"sig": "*'),
                "dsseEnvelope.signatures[0].sig: this is not base64",
                id="no base64",
            ),
            pytest.param(b"[" * 200_000, "nested too deeply", id="deep"),
            pytest.param(b"[1" + b",1" * 200_001 + b"]", "more than 200000 values", id="values"),
        ],
    )
    def test_a_bundle_that_cannot_be_read_is_told(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        put: Callable[..., str],
        data: bytes,
        what: str,
    ) -> None:
        put(data)
        message = refused(client(registry))
        assert "has a signature that cannot be read (" in message
        assert what in message


class TestAttacks:
    def test_nothing_is_signed(self, registry: FaultRegistry, client: MakeClient) -> None:
        with pytest.raises(NotSigned) as caught:
            vouchers(client(registry))
        assert str(caught.value) == (
            f"{said('no signature')} (looked for the tag sha256-{short(WEB.digest)[7:]}….sig and "
            f"for referrers at {registry.host}); sign it with cosign, skopeo or podman, or have "
            "whoever copies it copy its signatures too; signed-by = [] takes it as it is"
        )
        assert registry.lines() == [f"GET {TAG}", f"GET {REFERRERS}", f"GET {FALLBACK}"]

    def test_other_keys(self, registry: FaultRegistry, client: MakeClient) -> None:
        data = payload(WEB.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [signed(OTHER, data)])
        made = client(registry)
        assert refused(made) == said("a signature by another key")
        put_signatures(registry, "web", WEB.digest, [signed(OTHER, data), signed(LAB, data)])
        assert refused(made) == said("2 signatures by other keys")
        assert refused(made, signer(), signer(key("more"))) == said(
            "2 signatures by other keys", "acme.pub or key.pub"
        )

    def test_a_signature_of_another_digest(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        data = payload(ARM.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
        registry.lists_referrers = True
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, statement(ARM.digest)))
        put_referrer(registry, "web", WEB.digest, message_bundle(ACME, ARM.manifest))
        assert refused(client(registry)) == said(
            "2 signatures of other digests and a signature by another key"
        )

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("{host}/other", "{host}/other"),
            ("{host}/web/more", "{host}/web/more"),
            ("{host}/web:2", "{host}/web:2"),
            (f"{{host}}/web@{ARM.digest}", f"{{host}}/web@{ARM.digest}"),
            ("web", "docker.io/library/web"),
            ("ghcr.io/acme/web", "ghcr.io/acme/web"),
        ],
    )
    def test_a_signature_of_another_repository_or_tag(
        self, registry: FaultRegistry, client: MakeClient, name: str, shown: str
    ) -> None:
        data = payload(WEB.digest, name.format(host=registry.host))
        put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
        assert refused(client(registry)) == said(
            f"a signature for another name ({shown.format(host=registry.host)}), by acme.pub"
        )

    def test_a_statement_about_another_repository(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = True
        data = statement(WEB.digest, name=f"{registry.host}/other")
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, data))
        made = client(registry)
        assert f"for another name ({registry.host}/other)" in refused(made)
        # The name of a file, say, is none of an image.
        data = statement(WEB.digest, name="web.tar")
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, data))
        assert vouchers(made)

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            pytest.param(
                (b'"identity"', b'"image": {"docker-manifest-digest": "x"}, "identity"'),
                "critical.image: this key is there twice",
                id="a key twice",
            ),
            pytest.param((b'"image"', b'"Image"'), "critical.Image: unknown key", id="a case"),
            pytest.param(
                (b'"critical"', b'"more": 1, "critical"'), "more: unknown key", id="another key"
            ),
            pytest.param(
                (b"cosign container image", b"atomic container"),
                "its type is 'atomic container signature'",
                id="another type",
            ),
            pytest.param((b"sha256:", b"sha256:0"), "is not a digest", id="no digest"),
            pytest.param((b"/web", b"/Web"), "has upper case in its repository", id="no name"),
            pytest.param((b"}", b"", 9), "this is not JSON", id="no JSON"),
        ],
    )
    def test_a_payload_that_reads_otherwise_elsewhere(
        self, registry: FaultRegistry, client: MakeClient, change: tuple[bytes, bytes], what: str
    ) -> None:
        data = payload(WEB.digest, f"{registry.host}/web").replace(*change)
        put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
        message = refused(client(registry))
        assert "has a signature by acme.pub whose text cannot be read (" in message
        assert what in message

    def test_what_no_asked_for_key_signed_is_not_even_read(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        put_signatures(registry, "web", WEB.digest, [signed(OTHER, b"{")])
        assert refused(client(registry)) == said("a signature by another key")

    def test_a_keyless_signature_is_by_no_key(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        data = payload(WEB.digest, f"{registry.host}/web")
        annotations = {"dev.sigstore.cosign/certificate": "-----BEGIN CERTIFICATE-----"}
        put_signatures(registry, "web", WEB.digest, [signed(OTHER, data, **annotations)])
        assert refused(client(registry)) == said("a keyless signature, by no key")

    @pytest.mark.parametrize(
        ("one", "what"),
        [
            pytest.param(Signed(b"{}", None, {}), "is not there", id="none"),
            pytest.param(Signed(b"{}", "MEU*", {}), "is not base64", id="no base64"),
        ],
    )
    def test_a_signature_that_cannot_be_read(
        self, registry: FaultRegistry, client: MakeClient, one: Signed, what: str
    ) -> None:
        put_signatures(registry, "web", WEB.digest, [one])
        assert refused(client(registry)) == said(
            f"a signature that cannot be read (its dev.cosignproject.cosign/signature {what})"
        )

    def test_one_of_two_keys_where_both_are_asked_for(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        put_signatures(registry, "web", WEB.digest, [by_acme(registry)])
        made = client(registry)
        both = signer(), signer(OTHER)
        assert refused(made, *both, every=True) == (
            f"it is not signed by other.pub (it is by acme.pub): {short(WEB.digest)} has a "
            "signature by another key"
        )
        data = payload(WEB.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [by_acme(registry), signed(OTHER, data)])
        assert vouchers(made, *both, every=True) == [
            ("acme.pub", WEB.digest),
            ("other.pub", WEB.digest),
        ]


class TestIndexes:
    DIGESTS = (BOTH, WEB.digest, ARM.digest)

    @pytest.fixture(autouse=True)
    def _index(self, registry: FaultRegistry) -> None:
        registry.add("web:1", WEB, ARM)

    def sign(self, registry: FaultRegistry, signed_digest: str, one: SigningKey = ACME) -> None:
        data = payload(signed_digest, f"{registry.host}/web")
        put_signatures(registry, "web", signed_digest, [signed(one, data)])

    def test_the_index_vouches_for_all(self, registry: FaultRegistry, client: MakeClient) -> None:
        self.sign(registry, BOTH)
        assert vouchers(client(registry), digests=self.DIGESTS) == [("acme.pub", BOTH)]

    def test_each_manifest_may_be_signed_instead(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        self.sign(registry, WEB.digest)
        made = client(registry)
        assert refused(made, digests=self.DIGESTS) == (
            f"it is not signed by acme.pub: {short(BOTH)} has no signature; "
            f"{short(ARM.digest)} has no signature"
        )
        self.sign(registry, ARM.digest, OTHER)
        assert vouchers(made, signer(), signer(OTHER), digests=self.DIGESTS) == [
            ("acme.pub", WEB.digest),
            ("other.pub", ARM.digest),
        ]
        message = refused(made, signer(), signer(OTHER), every=True, digests=self.DIGESTS)
        assert message.startswith("it is not signed by acme.pub: ")


class TestAsPodman:
    """What podman looks at under a policy.json: the tag of the manifest that it takes."""

    DIGESTS = (BOTH, WEB.digest, ARM.digest)

    def test_each_manifest_must_be_signed_and_the_index_does_not_count(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add("web:1", WEB, ARM)
        made = client(registry)
        for one in (BOTH, WEB.digest, ARM.digest):
            with pytest.raises(NotSigned) as caught:
                vouchers(made, as_podman=True, digests=self.DIGESTS)
            missing = ARM if one == ARM.digest else WEB
            assert str(caught.value).startswith(
                f"it is not signed by acme.pub: {short(missing.digest)} has no signature (looked "
                f"for the tag sha256-{short(WEB.digest)[7:]}….sig at {registry.host}); "
            )
            data = payload(one, f"{registry.host}/web")
            put_signatures(registry, "web", one, [signed(ACME, data)])
        assert vouchers(made, as_podman=True, digests=self.DIGESTS) == [
            ("acme.pub", WEB.digest),
            ("acme.pub", ARM.digest),
        ]

    def test_referrers_do_not_count(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.lists_referrers = True
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, statement(WEB.digest)))
        with pytest.raises(NotSigned):
            vouchers(client(registry), as_podman=True)
        assert registry.lines() == [f"GET {TAG}"]
        put_signatures(registry, "web", WEB.digest, [by_acme(registry)])
        assert vouchers(client(registry), as_podman=True)


class TestLimits:
    def test_a_bundle_of_100_mb_is_refused_before_it_is_fetched(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = True
        put_referrer(registry, "web", WEB.digest, b"{}", layer={"size": 100_000_000})
        assert refused(client(registry)) == said(
            "a signature of 100000000 bytes, which is not read, as 4194304 are the most"
        )
        assert not [line for line in registry.lines() if "/blobs/" in line]

    @pytest.mark.parametrize("link", [f"<{REFERRERS}>", f'<{REFERRERS}?n=1>; rel="next"'])
    def test_a_list_of_referrers_without_end(
        self, registry: FaultRegistry, client: MakeClient, link: str
    ) -> None:
        empty = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
        fields = {"Content-Type": INDEX, "Link": link}
        registry.script("GET", REFERRERS, *link.count("n=1") * [body(empty, fields)])
        registry.script("GET", REFERRERS, body(empty, fields))
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert "the list of referrers never ends" in str(caught.value)
        assert not isinstance(caught.value, NotSigned)

    def test_pages_that_lead_ever_further(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        empty = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})

        def page(number: int) -> Answer:
            fields = {"Content-Type": INDEX, "Link": f'<{REFERRERS}?n={number}>; rel="next"'}
            return body(empty, fields)

        registry.script("GET", REFERRERS, *map(page, range(100)))
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert "more than 2000 entries or 100 pages" in str(caught.value)
        assert len([line for line in registry.lines() if "referrers" in line]) == 100

    def test_pages_of_more_bytes_than_are_read(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Few entries may have annotations of any length."""
        monkeypatch.setattr(referrers, "_TOTAL_LIMIT", 2000)

        def page(number: int) -> Answer:
            entry = {"mediaType": INDEX, "digest": digest(b"%d" % number), "size": 1}
            entries = [{**entry, "annotations": {"a": 600 * "x"}}]
            data = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
            fields = {"Content-Type": INDEX, "Link": f'<{REFERRERS}?n={number}>; rel="next"'}
            return body(data, fields)

        registry.script("GET", REFERRERS, *map(page, range(3)))
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert "the list of referrers has more than 32 MiB; " in str(caught.value)
        assert not isinstance(caught.value, NotSigned)
        assert len([line for line in registry.lines() if "referrers" in line]) == 3

    def test_more_entries_than_are_read(self, registry: FaultRegistry, client: MakeClient) -> None:
        entries = [
            {"mediaType": INDEX, "digest": digest(b"%d" % number), "size": 1}
            for number in range(2001)
        ]
        many = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
        registry.add_manifest(f"web:{FALLBACK.rpartition('/')[2]}", many, INDEX)
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert "the list of referrers has more than 2000 entries" in str(caught.value)

    def test_more_signatures_than_are_read(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(finder, "_SIGNATURES_LIMIT", 3)
        data = payload(WEB.digest, f"{registry.host}/web")
        many = [signed(OTHER, data) for _ in range(4)]
        put_signatures(registry, "web", WEB.digest, [*many, by_acme(registry)])
        assert refused(client(registry)) == said(
            "3 signatures by other keys and others, which are not read: there are more than 3 or "
            "32 MiB of them"
        )

    def test_more_bytes_than_are_read(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(finder, "_TOTAL_LIMIT", 1000)
        many = [
            signed(OTHER, payload(WEB.digest, f"{registry.host}/web", {"n": "x" * size}))
            for size in (100, 101, 102, 103)
        ]
        put_signatures(registry, "web", WEB.digest, many)
        message = refused(client(registry))
        assert "2 signatures by other keys and" in message
        assert "others, which are not read" in message
        assert len([line for line in registry.lines() if "/blobs/" in line]) == 2

    def test_memory_is_for_one_signature_at_a_time(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = True
        for number in range(20):
            data = statement(WEB.digest, name=f"{number}{200_000 * 'x'}")
            put_referrer(registry, "web", WEB.digest, dsse_bundle(OTHER, data))
        made = client(registry)
        assert refused(made) == said("20 signatures by other keys")
        tracemalloc.start()
        try:
            refused(made)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        # All of them together have 5 MB, and what is made of each as much again, twice.
        assert peak < 4_000_000

    def test_what_is_no_signature_takes_a_limited_number_of_requests(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        client: MakeClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(finder, "_REQUESTS_LIMIT", 3)
        gone = [descriptor(b"%d" % number, PAYLOAD) for number in range(9)]
        manifest = encode({"schemaVersion": 2, "mediaType": MANIFEST, "layers": gone})
        for place in (registry, mirror):
            place.add_manifest(f"web:{TAG.rpartition('/')[2]}", manifest, MANIFEST)
        made = client(registry, mirrors=[mirror])
        assert "signatures that the registry has no more and" in refused(made)
        for place in (registry, mirror):
            assert len([line for line in place.lines() if "/blobs/" in line]) == 3


class TestPlaces:
    def test_a_list_of_referrers_that_is_none(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add_manifest(f"web:{FALLBACK.rpartition('/')[2]}", WEB.manifest, MANIFEST)
        with pytest.raises(NixfetchError, match=r"^the list of referrers: the document: "):
            vouchers(client(registry))

    @pytest.mark.parametrize("limit", ["_SIGNATURES_LIMIT", "_TOTAL_LIMIT", "_REQUESTS_LIMIT"])
    def test_a_mirror_with_more_than_is_read_hides_nothing(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        client: MakeClient,
        monkeypatch: pytest.MonkeyPatch,
        limit: str,
    ) -> None:
        monkeypatch.setattr(finder, limit, 1000 if limit == "_TOTAL_LIMIT" else 3)
        name = f"{registry.host}/web"
        many = [signed(OTHER, payload(WEB.digest, name, {"n": str(n)})) for n in range(9)]
        put_signatures(mirror, "web", WEB.digest, many)
        put_signatures(registry, "web", WEB.digest, [by_acme(registry)])
        assert vouchers(client(registry, mirrors=[mirror]))

    def test_what_a_mirror_stripped_is_at_the_registry(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        mirror.add("web:1", WEB)
        made = client(registry, mirrors=[mirror])
        with pytest.raises(NotSigned) as caught:
            vouchers(made)
        assert f"referrers at {mirror.host} and {registry.host})" in caught.value.what
        put_signatures(registry, "web", WEB.digest, [by_acme(registry)])
        assert vouchers(made)

    def test_what_a_mirror_has_needs_no_registry(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        put_signatures(mirror, "web", WEB.digest, [by_acme(registry)])
        assert vouchers(client(registry, mirrors=[mirror]))
        assert registry.lines() == []

    @pytest.mark.parametrize(
        "answers",
        [
            pytest.param(3 * [status(500)], id="fails"),
            pytest.param([html()], id="answers with a page"),
            pytest.param([body(b"{}")], id="sends another document"),
        ],
    )
    def test_a_mirror_that_is_broken_hides_nothing(
        self,
        registry: FaultRegistry,
        mirror: FaultRegistry,
        client: MakeClient,
        answers: list[Answer],
    ) -> None:
        mirror.script("GET", TAG, *answers)
        put_signatures(registry, "web", WEB.digest, [by_acme(registry)])
        assert vouchers(client(registry, mirrors=[mirror]))

    def test_a_blob_that_a_mirror_changed_is_taken_from_the_registry(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        one = by_acme(registry)
        put_signatures(registry, "web", WEB.digest, [one])
        put_signatures(mirror, "web", WEB.digest, [one])
        wrong = body(b"x" * len(one.data))
        mirror.script("GET", f"/v2/web/blobs/{digest(one.data)}", wrong, wrong)
        assert vouchers(client(registry, mirrors=[mirror]))

    def test_a_signature_is_counted_once(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        one = signed(OTHER, payload(WEB.digest, f"{registry.host}/web"))
        for place in (registry, mirror):
            put_signatures(place, "web", WEB.digest, [one])
        message = refused(client(registry, mirrors=[mirror]))
        assert message == said("a signature by another key")

    def test_a_signature_with_another_certificate_is_another(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """A mirror cannot hide the right certificate of a keyless signature by a wrong one."""
        data = payload(WEB.digest, f"{registry.host}/web")
        right = signed(OTHER, data, **{"dev.sigstore.cosign/certificate": "right"})
        wrong = Signed(data, right.signature, {"dev.sigstore.cosign/certificate": "wrong"})
        put_signatures(registry, "web", WEB.digest, [right])
        put_signatures(mirror, "web", WEB.digest, [wrong])
        message = refused(client(registry, mirrors=[mirror]))
        assert message == said("2 keyless signatures, by no key")

    def test_the_manifest_is_fetched_once_for_all_signatures_of_it(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = True
        for one in (OTHER, LAB, ACME):
            put_referrer(registry, "web", WEB.digest, message_bundle(one, WEB.manifest))
        assert vouchers(client(registry))
        path = f"GET /v2/web/manifests/{WEB.digest}"
        assert len([line for line in registry.lines() if line == path]) == 1

    def test_a_payload_that_is_gone(self, registry: FaultRegistry, client: MakeClient) -> None:
        one = by_acme(registry)
        put_signatures(registry, "web", WEB.digest, [one])
        path = f"/v2/web/blobs/{digest(one.data)}"
        registry.script("GET", path, json_error(404, "BLOB_UNKNOWN"))
        assert refused(client(registry)) == said("a signature that the registry has no more")

    @pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 406, 410, 501])
    def test_a_registry_without_the_api_is_asked_for_the_tag(
        self, registry: FaultRegistry, client: MakeClient, code: int
    ) -> None:
        registry.script("GET", REFERRERS, status(code))
        assert refused(client(registry)) == said("no signature")
        assert registry.lines()[-1] == f"GET {FALLBACK}"

    def test_a_page_for_people_is_no_api(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", REFERRERS, html())
        assert refused(client(registry)) == said("no signature")

    def test_an_outage_is_no_missing_signature(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Or a followed version would be passed by for it."""
        registry.script("GET", TAG, *3 * [status(503)])
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert not isinstance(caught.value, NotSigned)
        assert "answered 503" in str(caught.value)
        # What else there is may vouch all the same.
        registry.lists_referrers = True
        put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, statement(WEB.digest)))
        registry.script("GET", TAG, *3 * [status(503)])
        assert vouchers(client(registry))

    def test_what_a_mirror_has_of_no_use_is_not_told(
        self, registry: FaultRegistry, mirror: FaultRegistry, client: MakeClient
    ) -> None:
        """The registry itself may have it right, or else it is told of that."""
        put_signatures(mirror, "web", WEB.digest, [Signed(b"{}", None, {})])
        assert refused(client(registry, mirrors=[mirror])) == said("no signature")

    def test_a_later_page_that_is_refused_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        empty = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
        fields = {"Content-Type": INDEX, "Link": f'<{REFERRERS}?n=1>; rel="next"'}
        registry.script("GET", REFERRERS, body(empty, fields), status(401))
        with pytest.raises(NixfetchError) as caught:
            vouchers(client(registry))
        assert "answered 401" in str(caught.value)
        assert not isinstance(caught.value, NotSigned)

    def test_a_referrer_that_is_broken_hides_no_other(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.lists_referrers = True
        for data in (b"1", b"2"):
            put_referrer(registry, "web", WEB.digest, data)
        last = put_referrer(registry, "web", WEB.digest, dsse_bundle(ACME, statement(WEB.digest)))
        assert vouchers(client(registry))
        registry.script("GET", f"/v2/web/manifests/{last}", body(b"{}"))
        assert "has 3 signatures that cannot be read" in refused(client(registry))
