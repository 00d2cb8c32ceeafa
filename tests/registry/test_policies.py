"""Signatures that a policy.json asks for: whose, and under which name."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from support.faults.client import WEB, Client, MakeClient
from support.faults.registry import FaultRegistry
from support.policies import sigstore
from support.signing import key, message_bundle, payload, put_referrer, put_signatures, signed

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.signatures.policy_file import PolicyFile
from nixfetch_docker.signatures.verification import NotSigned, verify

ACME, OTHER = key("acme"), key("other")


def verified(client: Client, tmp_path: Path, *requirements: object, name: str = "web:1") -> str:
    """What is said where a policy's requirements are not fulfilled, or ""."""
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"default": requirements}))
    image = client.reference(name)
    try:
        for requirement in PolicyFile(policy).demand(image):
            verify(client.registries, image, [Digest.parse(WEB.digest)], requirement)
    except NotSigned as error:
        return error.what.partition(" has ")[2].partition(" (looked ")[0]
    return ""


def by(*signers: object, **fields: object) -> dict[str, object]:
    datas = [base64.b64encode(one.pem).decode() for one in signers]  # type: ignore[attr-defined]
    return sigstore(keyDatas=datas, **fields)


ANY_TAG = {"type": "matchRepository"}


@pytest.mark.parametrize(
    ("name", "rule", "signed_name", "reason"),
    [
        pytest.param("web:1", None, "web:1", "", id="its tag"),
        pytest.param("web:1", None, "web:2", "another name", id="another tag"),
        pytest.param("web:1", None, "web", "another name", id="as cosign names it"),
        pytest.param("web:1", ANY_TAG, "web", "", id="matchRepository"),
        pytest.param("web:1", ANY_TAG, "api", "another name", id="another repository"),
        pytest.param("web:1", ANY_TAG, "", "without a name", id="no name"),
        pytest.param(f"web@{WEB.digest}", None, "web:2", "", id="by digest"),
        pytest.param(f"web:1@{WEB.digest}", None, "web:2", "", id="by tag and digest"),
        pytest.param(f"web@{WEB.digest}", None, "web", "another name", id="by digest, no tag"),
    ],
)
def test_the_name_in_the_signature(
    *,
    name: str,
    rule: dict[str, str] | None,
    signed_name: str,
    reason: str,
    registry: FaultRegistry,
    client: MakeClient,
    tmp_path: Path,
) -> None:
    data = payload(WEB.digest, f"{registry.host}/{signed_name}" if signed_name else "")
    put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
    fields = {} if rule is None else {"signedIdentity": rule}
    found = verified(client(registry), tmp_path, by(ACME, **fields), name=name)
    assert reason in found
    assert bool(found) is bool(reason)


def test_a_signature_among_the_referrers_does_not_count_as_podman_looks_for_none_there(
    registry: FaultRegistry, client: MakeClient, tmp_path: Path
) -> None:
    registry.lists_referrers = True
    put_referrer(registry, "web", WEB.digest, message_bundle(ACME, WEB.manifest))
    found = verified(client(registry), tmp_path, by(ACME, signedIdentity=ANY_TAG))
    assert found == "no signature"


def test_any_key_of_a_requirement_will_do_and_all_requirements_must_hold(
    registry: FaultRegistry, client: MakeClient, tmp_path: Path
) -> None:
    data = payload(WEB.digest, f"{registry.host}/web:1")
    put_signatures(registry, "web", WEB.digest, [signed(ACME, data)])
    web = client(registry)
    assert verified(web, tmp_path, by(OTHER, ACME)) == ""
    assert verified(web, tmp_path, by(ACME), by(OTHER)) == "a signature by another key"
    put_signatures(registry, "web", WEB.digest, [signed(OTHER, data), signed(ACME, data)])
    assert verified(client(registry), tmp_path, by(ACME), by(OTHER)) == ""
