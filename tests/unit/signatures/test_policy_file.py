"""The policy.json of a machine: where it is, and what it demands of an image."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.policies import ACCEPT, REJECT, identity, sigstore

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.policy_file import PolicyError, PolicyFile
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement

REDIS = Reference.parse("redis:7")
DIGEST = f"sha256:{'a' * 64}"
PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)
DATA = base64.b64encode(PEM).decode()
HOW_TO_GO_ON = (
    'write in images.toml whose signature you want, as in signed-by = ["keys/acme.pub"], or '
    "signed-by = [] for none; or run this with --insecure-policy, which reads no policy.json"
)


def write(path: Path, default: object = ACCEPT, **transports: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"default": default, "transports": transports}))
    return path


def demand(
    tmp_path: Path, *requirements: object, image: Reference = REDIS
) -> tuple[Requirement, ...]:
    return PolicyFile(write(tmp_path / "policy.json", list(requirements))).demand(image)


class TestReading:
    def test_it_is_read_once_it_is_needed(self, tmp_path: Path) -> None:
        file = PolicyFile(tmp_path / "policy.json")
        write(tmp_path / "policy.json")
        assert file.demand(REDIS) == ()
        write(tmp_path / "policy.json", REJECT)
        assert file.demand(REDIS) == ()

    def test_a_named_file_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(NixfetchError) as caught:
            PolicyFile(tmp_path / "policy.json").demand(REDIS)
        what = "cannot be read (No such file or directory)"
        assert str(caught.value) == f"{tmp_path}/policy.json: {what}"

    def test_an_error_in_it_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "policy.json").write_text('{"default": [{"type": 1}]}')
        with pytest.raises(NixfetchError) as caught:
            PolicyFile(tmp_path / "policy.json").demand(REDIS)
        assert str(caught.value) == (
            f"{tmp_path}/policy.json: default[0].type: expected a string, found an integer; "
            "containers-policy.json(5) says what may stand there"
        )


class TestDemand:
    def test_whoever_accepts_anything_asks_nothing(self, tmp_path: Path) -> None:
        assert demand(tmp_path, *ACCEPT) == ()

    @pytest.mark.parametrize(
        ("requirement", "what"),
        [
            pytest.param(REJECT[0], "images of this scope are refused (reject)", id="reject"),
            pytest.param(
                {"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/pki/k"},
                "it asks for a signature by GPG (signedBy), and this is not supported",
                id="signedBy",
            ),
            pytest.param(
                sigstore(keyData=DATA, rekorPublicKeyPath="/r"),
                "it asks for an entry in a transparency log (rekorPublicKeyPath), and this is "
                "not supported",
                id="log",
            ),
        ],
    )
    def test_a_refusal_says_how_to_go_on(
        self, requirement: dict[str, object], what: str, tmp_path: Path
    ) -> None:
        # What else is asked cannot make up for it.
        with pytest.raises(PolicyError) as caught:
            demand(tmp_path, *ACCEPT, requirement)
        assert str(caught.value) == (f"{tmp_path}/policy.json: default[1]: {what}; {HOW_TO_GO_ON}")

    def test_a_key_is_read_from_its_file_or_from_the_policy(self, tmp_path: Path) -> None:
        (tmp_path / "a.pub").write_bytes(PEM)
        found = demand(
            tmp_path,
            sigstore(keyPath=str(tmp_path / "a.pub")),
            sigstore(keyDatas=[DATA, DATA]),
        )
        assert [[signer.text for signer in one.signers] for one in found] == [
            [f"{tmp_path}/a.pub"],
            [f"policy.json: default[1].keyDatas[{number}]" for number in range(2)],
        ]
        signers = [signer for one in found for signer in one.signers]
        keys = {signer.key for signer in signers if isinstance(signer, KeySigner)}
        assert keys == {PublicKey.parse(PEM)}
        assert not any(one.every for one in found)

    @pytest.mark.parametrize(
        ("image", "signed", "accepted"),
        [
            pytest.param("redis:7", "redis:7", True, id="tag"),
            pytest.param("redis", "redis:latest", True, id="default tag"),
            pytest.param("redis:7", "redis:8", False, id="other tag"),
            pytest.param("redis:7", "redis", False, id="no tag"),
            pytest.param(f"redis@{DIGEST}", "redis:7", True, id="digest"),
            pytest.param(f"redis:7@{DIGEST}", "redis:8", True, id="tag and digest"),
        ],
    )
    def test_the_name_is_compared_as_podman_reads_it(
        self, image: str, signed: str, accepted: bool, tmp_path: Path
    ) -> None:
        asked = Reference.parse(image)
        (found,) = demand(tmp_path, sigstore(keyData=DATA), image=asked)
        seen = asked.tagged if asked.digest is None else Reference.parse(f"redis@{DIGEST}")
        assert found.accepts(seen, Reference.parse(signed)) is accepted

    def test_a_key_that_is_gone_is_an_error_of_its_images(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "policy.json",
            docker={"quay.io": [sigstore(keyPath=f"{tmp_path}/gone.pub")]},
        )
        file = PolicyFile(path)
        assert file.demand(REDIS) == ()
        with pytest.raises(NixfetchError) as caught:
            file.demand(Reference.parse("quay.io/a/b"))
        places = [f'{path}: transports.docker."quay.io"[0].keyPath', f"{tmp_path}/gone.pub"]
        assert caught.value.places == places

    def test_a_key_that_is_none_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(NixfetchError) as caught:
            demand(tmp_path, identity("matchRepository"))
        assert str(caught.value).startswith(f"{tmp_path}/policy.json: default[0].keyData: it is")

    @pytest.mark.parametrize(
        ("fields", "where"),
        [
            pytest.param({"keyPaths": [""]}, "keyPaths[0]", id="a path alone"),
            pytest.param({"keyPaths": ["KEY", ""]}, "keyPaths[1]", id="a path beside another"),
            pytest.param({"keyDatas": [""]}, "keyDatas[0]", id="data"),
            pytest.param({"keyData": ""}, "keyData", id="the data of one key"),
        ],
    )
    def test_an_empty_key_is_not_left_out(
        self, fields: dict[str, Any], where: str, tmp_path: Path
    ) -> None:
        (tmp_path / "a.pub").write_bytes(PEM)
        written = json.loads(json.dumps(fields).replace("KEY", str(tmp_path / "a.pub")))
        with pytest.raises(NixfetchError) as caught:
            demand(tmp_path, sigstore(**written))
        assert str(caught.value).startswith(f"{tmp_path}/policy.json: default[0].{where}: it is")


class TestFiles:
    def check(self, tmp_path: Path, **transports: object) -> str:
        (tmp_path / "real").mkdir(exist_ok=True)
        if not (tmp_path / "web").exists():
            (tmp_path / "web").symlink_to(tmp_path / "real")
        file = PolicyFile(write(tmp_path / "policy.json", ACCEPT, **transports))
        try:
            file.admit_file("oci", tmp_path / "web", None)
        except PolicyError as error:
            return error.what
        return ""

    def test_an_image_in_a_file_has_scopes_too(self, tmp_path: Path) -> None:
        refused = "images of this scope are refused (reject)"
        assert self.check(tmp_path, oci={str(tmp_path / "real"): REJECT}) == refused
        assert self.check(tmp_path, oci={str(tmp_path / "web"): REJECT}) == ""
        assert self.check(tmp_path, docker={"": REJECT}) == ""

    def test_it_has_no_signature(self, tmp_path: Path) -> None:
        assert self.check(tmp_path, oci={"": [sigstore(keyData=DATA)]}) == (
            "it asks for a signature, which an image in a file has not"
        )
