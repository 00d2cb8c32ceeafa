"""Signatures beside an image: those that count, and attacks, each refused with its own message."""

from __future__ import annotations

from typing import Any

import pytest
from support.faults.client import WEB, Client, MakeClient
from support.faults.registry import FaultRegistry
from support.oci import digest
from support.signing import (
    KINDS,
    SigningKey,
    key,
    payload,
    put_signatures,
    signed,
)

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement
from nixfetch_docker.signatures.verification import NotSigned, verify

ACME, OTHER, LAB = key("acme"), key("other"), key("lab")
NAMES = {ACME: "acme.pub", OTHER: "other.pub", LAB: "lab.pub"}
TAG = f"/v2/web/manifests/{WEB.digest.replace(':', '-')}.sig"
FALLBACK = f"/v2/web/manifests/{WEB.digest.replace(':', '-')}"
REFERRERS = f"/v2/web/referrers/{WEB.digest}"


def signer(one: SigningKey, **annotations: str) -> KeySigner:
    return KeySigner(
        file=NAMES.get(one, "key.pub"), key=PublicKey.parse(one.pem), annotations=annotations
    )


def vouchers(
    client: Client,
    *signers: KeySigner,
    every: bool = False,
    name: str = "web:1",
    digests: tuple[str, ...] = (WEB.digest,),
) -> list[tuple[str, str]]:
    """Who vouches for which digest."""
    found = verify(
        client.registries,
        client.reference(name),
        list(map(Digest.parse, digests)),
        Requirement(signers=signers or (signer(ACME),), every=every),
    )
    for one in found:
        assert one.fingerprint in {PublicKey.parse(known.pem).fingerprint for known in NAMES}
    return [(one.signer, str(one.digest)) for one in found]


def refused(client: Client, *signers: KeySigner, **named: Any) -> str:
    """What is said where nobody vouches, without its end, which says where it was looked for."""
    with pytest.raises(NotSigned) as caught:
        vouchers(client, *signers, **named)
    assert str(caught.value).isprintable()
    what, _, looked = caught.value.what.rpartition(" (looked for the tag ")
    assert looked.endswith(f"….sig and for referrers at {client.host})")
    assert caught.value.hint
    return what


def said(found: str, by: str = "acme.pub") -> str:
    return f"it is not signed by {by}: {Digest.parse(WEB.digest).short} has {found}"


class TestByTag:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_of_key(
        self, registry: FaultRegistry, client: MakeClient, kind: str, monkeypatch: Any
    ) -> None:
        one = key("acme", kind)
        monkeypatch.setitem(NAMES, one, "acme.pub")
        data = payload(WEB.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [signed(one, data)])
        assert vouchers(client(registry), signer(one)) == [("acme.pub", WEB.digest)]

    def test_it_takes_two_requests(self, registry: FaultRegistry, client: MakeClient) -> None:
        data = payload(WEB.digest, f"{registry.host}/web")
        put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
        vouchers(client(registry))
        assert registry.lines() == [f"GET {TAG}", f"GET /v2/web/blobs/{digest(data)}"]
