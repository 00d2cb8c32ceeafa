"""policy.json: what it may be, and the requirements that it has for an image."""

from __future__ import annotations

import json

import pytest
from support.policies import ACCEPT, INVALID, REJECT, VALID, VALID_SINCE_TRIXIE, identity, sigstore

from nixfetch_docker.base.strict_json import InvalidJson
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.policy import Policy, docker_scopes, path_scopes
from nixfetch_docker.signatures.policy_requirement import Type

DIGEST = f"sha256:{'a' * 64}"


def policy(default: object = ACCEPT, **transports: object) -> Policy:
    return Policy.parse(json.dumps({"default": default, "transports": transports}).encode())


def parametrized(texts: dict[str, str]) -> list[object]:
    return [pytest.param(text, id=name) for name, text in texts.items()]


@pytest.mark.parametrize("text", parametrized(VALID | VALID_SINCE_TRIXIE))
def test_what_containers_image_reads_is_read(text: str) -> None:
    assert Policy.parse(text.encode()).default[0].type is Type.ACCEPT


@pytest.mark.parametrize("text", parametrized(INVALID))
def test_what_containers_image_refuses_is_refused(text: str) -> None:
    with pytest.raises(NixfetchError):
        Policy.parse(text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "line 1, column 2: this is not JSON", id="syntax"),
        pytest.param(
            '{"default": [{"type": "reject"}], "transport": {}}',
            "transport: unknown key; did you mean 'transports'?",
            id="key",
        ),
        pytest.param(
            '{"default": [{"type": "sigstore"}]}',
            "default[0].type: 'sigstore' is not a requirement; did you mean 'sigstoreSigned'?",
            id="type",
        ),
        pytest.param(
            '{"default": []}',
            'default: it has no requirement; write [{"type": "insecureAcceptAnything"}] to ask '
            "nothing",
            id="none",
        ),
        pytest.param(
            '{"default": [{"type": "sigstoreSigned", "keyPath": null}]}',
            "default[0].keyPath: expected a value, found null; remove the key",
            id="null",
        ),
        pytest.param(
            '{"default": [{"type": "sigstoreSigned", "keyPath": "/k", "keyData": ""}]}',
            "default[0]: expected one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki, "
            "found keyPath and keyData",
            id="keys",
        ),
    ],
)
def test_an_error_names_its_place(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Policy.parse(text.encode())
    assert str(caught.value) == message
    assert isinstance(caught.value, InvalidJson) is (text == "{")


@pytest.mark.parametrize(
    ("image", "scopes"),
    [
        pytest.param(
            "redis:7",
            [
                "docker.io/library/redis:7",
                "docker.io/library/redis",
                "docker.io/library",
                "docker.io",
                "*.io",
            ],
            id="docker hub",
        ),
        pytest.param(
            f"reg.lab.example:5000/a/b@{DIGEST}",
            [
                f"reg.lab.example:5000/a/b@{DIGEST}",
                "reg.lab.example:5000/a/b",
                "reg.lab.example:5000/a",
                "reg.lab.example:5000",
                "*.lab.example",
                "*.example",
            ],
            id="port and digest",
        ),
        pytest.param(
            "localhost/a:1", ["localhost/a:1", "localhost/a", "localhost"], id="one label"
        ),
        pytest.param(
            "[::1]:5000/a:1", ["[::1]:5000/a:1", "[::1]:5000/a", "[::1]:5000"], id="address"
        ),
    ],
)
def test_the_scopes_of_an_image(image: str, scopes: list[str]) -> None:
    assert docker_scopes(Reference.parse(image)) == scopes


@pytest.mark.parametrize("scope", [*docker_scopes(Reference.parse("reg.lab:5000/a/b:1")), ""])
def test_the_narrowest_scope_applies(scope: str) -> None:
    scopes = [*docker_scopes(Reference.parse("reg.lab:5000/a/b:1")), ""]
    wider = dict.fromkeys(scopes[scopes.index(scope) + 1 :], REJECT)
    found = policy(REJECT, docker={scope: ACCEPT, **wider}).for_image(
        Reference.parse("reg.lab:5000/a/b:1")
    )
    assert [one.type for one in found] == [Type.ACCEPT]


@pytest.mark.parametrize(
    "scope",
    [
        *("reg.lab:5000/a/b:2", "reg.lab:5000/a/bb", "reg.lab", "lab:5000", "*.reg.lab", "*lab"),
        *("reg.lab:5000/", "reg.lab:5000/a/", "b", "a/b:1", "*", "*.lab:5000", "REG.lab:5000"),
    ],
)
def test_another_scope_does_not_apply(scope: str) -> None:
    found = policy(ACCEPT, docker={scope: REJECT}).for_image(Reference.parse("reg.lab:5000/a/b:1"))
    assert [one.type for one in found] == [Type.ACCEPT]


def test_the_default_of_a_transport_is_its_own() -> None:
    read = policy(REJECT, docker={"": ACCEPT})
    assert read.for_image(Reference.parse("redis:7"))[0].type is Type.ACCEPT
    assert read.for_file("oci", "/srv/web", None)[0].type is Type.REJECT


@pytest.mark.parametrize(
    ("path", "name", "scopes"),
    [
        ("/srv/web", None, ["/srv/web:", "/srv/web", "/srv"]),
        ("/srv/web", "1", ["/srv/web:1", "/srv/web", "/srv"]),
    ],
)
def test_the_scopes_of_a_layout(path: str, name: str | None, scopes: list[str]) -> None:
    assert path_scopes(path, name) == scopes
    assert policy(ACCEPT, oci={"/srv": REJECT}).for_file("oci", path, name)[0].type is Type.REJECT


def test_an_archive_has_only_the_default_of_its_transport() -> None:
    read = policy(ACCEPT, **{"docker-archive": {"": REJECT}})
    assert read.for_file("docker-archive", "/srv/web.tar", None)[0].type is Type.REJECT


@pytest.mark.parametrize(
    ("requirement", "unsupported"),
    [
        pytest.param(sigstore(keyPath="/k"), "", id="key"),
        pytest.param(
            {"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/k"},
            "a signature by GPG (signedBy)",
            id="GPG",
        ),
        pytest.param(
            sigstore(keyPath="/k", rekorPublicKeyPath="/r"),
            "an entry in a transparency log (rekorPublicKeyPath)",
            id="log",
        ),
        pytest.param(
            sigstore(
                fulcio={"caPath": "/c", "oidcIssuer": "i", "subjectEmail": "e"},
                rekorPublicKeyPath="/r",
            ),
            "a certificate of a Fulcio (fulcio)",
            id="fulcio",
        ),
        pytest.param(
            sigstore(pki={"caRootsPath": "/c", "subjectEmail": "e"}),
            "a certificate of a PKI (pki)",
            id="PKI",
        ),
        pytest.param(
            {"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}},
            "a signed base layer (signedBaseLayer), which no program checks",
            id="base layer",
        ),
    ],
)
def test_what_cannot_be_checked_is_told(requirement: dict[str, object], unsupported: str) -> None:
    assert policy([requirement]).default[0].unsupported == unsupported


TAG = "reg.lab/a/b:1"
BY_DIGEST = f"reg.lab/a/b@{DIGEST}"
OTHER_DIGEST = f"reg.lab/a/b@sha256:{'b' * 64}"


@pytest.mark.parametrize(
    ("rule", "image", "accepted", "refused"),
    [
        pytest.param(
            identity("matchExact"),
            TAG,
            [TAG],
            ["reg.lab/a/b:2", "reg.lab/a/b", "a/b:1", BY_DIGEST, f"{TAG}@{DIGEST}"],
            id="matchExact",
        ),
        pytest.param(
            identity("matchExact"), BY_DIGEST, [BY_DIGEST], [TAG, OTHER_DIGEST], id="exact digest"
        ),
        pytest.param(
            identity("matchRepoDigestOrExact"),
            TAG,
            [TAG],
            ["reg.lab/a/b:2", "reg.lab/a/b", BY_DIGEST],
            id="matchRepoDigestOrExact, a tag",
        ),
        pytest.param(
            sigstore(keyPath="/k"),
            BY_DIGEST,
            [TAG, BY_DIGEST, OTHER_DIGEST, f"{TAG}@{DIGEST}"],
            ["reg.lab/a/b", "reg.lab/a/c:1"],
            id="the default rule, a digest",
        ),
        pytest.param(
            identity("matchRepository"),
            TAG,
            [TAG, "reg.lab/a/b", "reg.lab/a/b:2", BY_DIGEST],
            ["reg.lab/a", "reg.lab/a/b/c", "reg.lab:5000/a/b"],
            id="matchRepository",
        ),
        pytest.param(
            identity("exactReference", dockerReference="redis:7"),
            TAG,
            ["redis:7", "docker.io/library/redis:7"],
            [TAG, "redis", "redis:8"],
            id="exactReference",
        ),
        pytest.param(
            identity("exactRepository", dockerRepository="redis:7"),
            TAG,
            ["redis", "redis:8", f"docker.io/library/redis@{DIGEST}"],
            [TAG, "redis/a"],
            id="exactRepository",
        ),
        pytest.param(
            identity("remapIdentity", prefix="reg.lab", signedPrefix="example.org/up"),
            TAG,
            ["example.org/up/a/b:1"],
            [TAG, "example.org/up/a/b:2", "example.org/up/a/b"],
            id="remapIdentity",
        ),
        pytest.param(
            identity("remapIdentity", prefix="reg.la", signedPrefix="example.org"),
            TAG,
            [TAG],
            ["example.orgb/a/b:1", "example.org/a/b:1"],
            id="another prefix",
        ),
        pytest.param(
            identity("remapIdentity", prefix="reg.lab/a/b", signedPrefix="busybox"),
            TAG,
            [],
            [TAG, "busybox:1", "docker.io/library/busybox:1"],
            id="a short name",
        ),
    ],
)
def test_the_name_in_a_signature(
    rule: dict[str, object], image: str, accepted: list[str], refused: list[str]
) -> None:
    found = policy([rule]).for_image(Reference.parse(image))[0].identity
    asked = Reference.parse(image)
    names = {name: Reference.parse(name) for name in [*accepted, *refused]}
    assert [name for name, read in names.items() if found.accepts(asked, read)] == accepted
    assert not found.accepts(asked, None)
