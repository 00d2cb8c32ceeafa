"""Signatures by the programs that people sign with, and what skopeo and podman accept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import tomli
from support.command import Project
from support.newer_debian import REASON, NewerDebian
from support.oci import image, layer
from support.registry import registry as run_registry
from support.signers import Signers
from support.signing import key

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))

AMD64 = image(layer({"hello": b"hi"}))
ARM64 = image(layer({"hello": b"hi"}), platform="linux/arm64")
NEXT = image(layer({"hello": b"hello"}))


def tag_of(digest: str) -> str:
    return f"{digest.replace(':', '-')}.sig"


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    """The programs, and a registry whose images are signed, and attacked, once for all tests."""
    directory = tmp_path_factory.mktemp("signatures")
    with run_registry(directory / "registry") as registry:
        made = Signers(registry, NewerDebian(directory / "work"))
        for name in ("web:1", "unsigned:1", "moved:1", "theirs:1", "twice:1"):
            registry.push(name, AMD64)
        registry.push("web:2", NEXT)
        made.skopeo("web:1", "web:1")
        made.skopeo("theirs:1", "theirs:1", key="other")
        made.skopeo("twice:1", "twice:1")
        made.skopeo("twice:1", "twice:1", key="other")
        # What who may write to a registry can do with signatures that others made.
        made.move(f"web:{tag_of(AMD64.digest)}", f"moved:{tag_of(AMD64.digest)}")
        made.move(f"web:{tag_of(AMD64.digest)}", f"web:{tag_of(NEXT.digest)}")
        made.move("web:1", "web:again")
        registry.push("many:1", AMD64, ARM64)
        made.skopeo("many:1", "many:1", "--all")
        index = registry.push("top:1", AMD64, ARM64)
        registry.push("below:1", AMD64, ARM64)
        made.cosign("sign", [f"top@{index}", *(f"below@{one.digest}" for one in (AMD64, ARM64))])
        yield made


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("web:1", None),
        (f"web@{AMD64.digest}", None),
        ("twice:1", None),
        ("many:1", None),
        ("unsigned:1", "has no signature"),
        ("theirs:1", "has a signature by another key"),
        ("moved:1", "has a signature for another name"),
        ("web:2", "has a signature of another digest"),
        ("web:again", "has a signature for another name"),
    ],
)
def test_a_key_accepts_and_refuses_what_skopeo_does_by_it(
    signers: Signers, name: str, reason: str | None
) -> None:
    refusal = signers.refusal(name)
    assert (refusal is None) is (reason is None), refusal
    assert reason is None or reason in str(refusal)
    assert signers.is_accepted_by_skopeo(name) is (reason is None)


@pytest.mark.parametrize(
    ("policy", "accepted", "refused"),
    [
        ("acme", "web:1 @ many:1 twice:1", "theirs:1 moved:1 web:2 web:again top:1 below:1"),
        ("either", "web:1 theirs:1 twice:1", "unsigned:1"),
        ("both", "twice:1", "web:1 theirs:1"),
        ("exact", "web:1", "@ web:again"),
        ("repository", "web:1 web:again below:1", "moved:1 theirs:1 top:1"),
        ("remapped", "moved:1 web:1", "theirs:1"),
        ("web", "web:1 moved:1 web:again", "theirs:1 web:2"),
        ("web1", "web:1 moved:1 web:again", "twice:1"),
        ("anything", "unsigned:1", ""),
        ("nothing", "", "web:1"),
    ],
)
def test_a_policy_accepts_and_refuses_what_skopeo_does_under_it(
    signers: Signers, policy: str, accepted: str, refused: str
) -> None:
    def by_policy(one: str) -> bool:
        # cosign 3 writes bundles, which skopeo does not read.
        return one in accepted.split() and not (one == "below:1" and signers.has_cosign_3)

    names = [*accepted.split(), *refused.split()]
    expected = {one: by_policy(one) for one in names}
    full = {one: one.replace("@", f"web@{AMD64.digest}") for one in names}
    assert {one: signers.is_accepted_by_skopeo(full[one], policy) for one in names} == expected
    assert {one: signers.is_accepted_by_policy(full[one], policy) for one in names} == expected


def test_an_index_vouches_for_its_manifests_and_all_of_them_for_it(signers: Signers) -> None:
    assert signers.is_accepted("top:1")
    assert signers.is_accepted("below:1")
    signers.registry.push("half:1", AMD64, ARM64)
    signers.cosign("sign", [f"half@{AMD64.digest}"])
    message = str(signers.refusal("half:1"))
    assert f"; {ARM64.digest[:19]} has no signature (" in message
    assert AMD64.digest[:19] not in message


def test_update_locks_what_is_signed_and_nothing_else(signers: Signers, project: Project) -> None:
    names = ("web:1", "many:1", "theirs:1", "moved:1", "unsigned:1")
    images = "".join(
        f'[images.{name.partition(":")[0]}]\nimage = "{signers.registry.host}/{name}"\n'
        for name in names
    )
    table = f'[registries."{signers.registry.host}"]\nsigned-by = ["acme.pub"]\n'
    project.images.write_text(images + table)
    (project.images.parent / "acme.pub").write_bytes((signers.work / "acme.pub").read_bytes())
    done = project.try_run("update")
    assert done.returncode == 1
    locked = tomli.loads(project.lock.read_text())["images"]
    assert sorted(locked) == ["many", "web"]
    for one in locked.values():
        assert [voucher["key"] for voucher in one["signed-by"]] == ["acme.pub"]
        assert one["signed-by"][0]["digest"] == one["digest"]
    for reason in ("a signature by another key", "a signature for another name", "no signature"):
        assert reason in done.stderr
    signed = "as the registry has it; signed by acme.pub"
    assert project.run("verify", "web", "many") == f"web: {signed}\nmany: {signed}\n"
    # The image that is signed by another, with a record that says otherwise.
    forged = project.lock.read_text().replace('/web"', '/theirs"').replace("/web:1", "/theirs:1")
    project.lock.write_text(forged.replace("[images.web", "[images.theirs"))
    done = project.try_run("verify", "theirs")
    assert done.returncode == 1
    assert "theirs: it is not signed by acme.pub: " in done.stderr


def test_podman_signs_what_it_pushes_and_accepts_what_is_accepted_here(signers: Signers) -> None:
    host = signers.registry.host
    pull = ("pull", "-q", "--tls-verify=false", "--signature-policy=acme.json")
    for name, is_accepted in (("unsigned:1", False), ("theirs:1", False), ("web:1", True)):
        assert signers.podman(*pull, f"{host}/{name}") is is_accepted
        assert signers.is_accepted(name) is is_accepted
    assert signers.podman(
        *("push", "-q", "--tls-verify=false", "--remove-signatures"),
        "--sign-by-sigstore-private-key=acme.private",
        *("--sign-passphrase-file=password", f"{host}/web:1", f"{host}/pushed:1"),
    )
    assert signers.is_accepted("pushed:1")
    assert "by another key" in str(signers.refusal("pushed:1", "other"))


def test_cosign_names_the_repository_alone(signers: Signers) -> None:
    digest = signers.registry.push("cosigned:1", AMD64)
    signers.cosign("sign", [f"cosigned@{digest}"], "-a", "env=prod")
    assert signers.is_accepted("cosigned:1")
    assert signers.is_accepted("cosigned:1", annotations={"env": "prod"})
    assert not signers.is_accepted("cosigned:1", annotations={"env": "test"})
    assert "by another key" in str(signers.refusal("cosigned:1", "other"))
    # skopeo asks for a tag in the signature, unless its policy says otherwise.
    assert not signers.is_accepted_by_skopeo("cosigned:1")
    assert signers.is_accepted_by_skopeo("cosigned:1", "repository") is not signers.has_cosign_3


def test_cosign_signs_with_other_kinds_of_keys(signers: Signers) -> None:
    """With those of Ed25519, cosign 3 signs a hash, and with P-384 it takes a longer one."""
    # Debian's cosign 2.5 takes no others ("unsupported public key type").
    for kind in ("P-384", "RSA", "Ed25519") if signers.has_cosign_3 else ("Ed25519",):
        name = kind.lower().replace("-", "")
        signers.give(name, key("acme", kind))
        digest = signers.registry.push(f"{name}:1", AMD64)
        signers.cosign("sign", [f"{name}@{digest}"], key=name)
        assert signers.is_accepted(f"{name}:1", name), kind
        assert not signers.is_accepted(f"{name}:1"), kind


def test_the_bundles_of_cosign(signers: Signers) -> None:
    digest = signers.registry.push("built:1", AMD64)
    predicate = {"buildDefinition": {}, "runDetails": {"builder": {"id": "https://acme.example"}}}
    (signers.work / "predicate.json").write_text(json.dumps(predicate))
    about = ("--new-bundle-format", "--predicate", "predicate.json", "--type")
    signers.cosign("attest", [f"built@{digest}"], *about, "spdxjson")
    assert "an attestation of https://spdx.dev" in str(signers.refusal("built:1"))
    signers.cosign("attest", [f"built@{digest}"], *about, "slsaprovenance1")
    assert signers.is_accepted("built:1")
    assert not signers.is_accepted("built:1", "other")
    assert not signers.is_accepted_by_policy("built:1", "repository")
    assert not signers.is_accepted_by_skopeo("built:1", "repository")


def test_what_cosign_attests_is_printed_by_the_signer_who_is_asked_for(
    signers: Signers, project: Project
) -> None:
    host = signers.registry.host
    signers.registry.push("attested:1", NEXT)
    (signers.work / "sbom.json").write_text('{"spdxVersion": "SPDX-2.3", "none": null}')
    made = ("--type", "spdxjson", "--predicate", "sbom.json")
    signers.cosign("attest", [f"attested@{NEXT.digest}"], *made)
    asked = f'[images.attested]\nimage = "{host}/attested:1"\nsigned-by = ["key.pub"]\n'
    project.images.write_text(asked)
    reference = (f"{host}/attested:1", "--file", str(project.images))
    listed = project.try_run("inspect", *reference, "--signatures", "--json").stdout
    (found,) = json.loads(listed)["attestations"]
    assert (found["type"], found["subject"]) == ("spdx", NEXT.digest)
    assert found["signed"]
    for name, status in (("acme", 0), ("other", 1)):
        key_file = project.images.parent / "key.pub"
        key_file.write_bytes((signers.work / f"{name}.pub").read_bytes())
        done = project.try_run("attestation", *reference, "--type", "spdx")
        assert (done.returncode, bool(done.stdout)) == (status, not status), done.stderr
        said = "signed by key.pub" if not status else "it has a signature by another key"
        assert said in done.stderr
        assert status or json.loads(done.stdout) == {"spdxVersion": "SPDX-2.3", "none": None}
