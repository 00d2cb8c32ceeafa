"""`verify`: all that is locked, compared with the registry, and its signatures checked anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from support import oci, signing
from support.faults.answers import status
from support.signed_project import (
    ACME,
    ARM,
    BY_ACME,
    BY_OTHER,
    IMAGE,
    LAYER,
    NEW,
    OTHER,
    TWO,
    Scene,
    schema,
    signed_scene,
)

from nixfetch_docker.signatures.public_key import PublicKey

LOCK = Path("images.lock.toml")


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    with signed_scene(tmp_path, monkeypatch, capsys) as found:
        yield found


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ('tag = "1.1"\n', "the lock has the tag 1.1, which is none that is followed"),
        ("", "the lock has no tag, and a tag is followed"),
    ],
)
def test_a_tag_that_no_update_takes_is_found(tag: str, said: str, scene: Scene) -> None:
    """Of what was signed once, somebody may want to have an old version."""
    scene.push("web:1.1", IMAGE)
    scene.ask("web", 'version = "^1"', BY_ACME)
    scene.run("update")
    scene.push("web:2.0", NEW)
    assert scene.run("verify")[0] == 0
    scene.ask("web", 'version = "^2"', BY_ACME)
    text = LOCK.read_text().replace('version = "^1"', 'version = "^2"')
    LOCK.write_text(text.replace('tag = "1.1"\n', tag))
    status, printed = scene.run("verify")
    assert (status, f"web: {said}; restore the lock from git" in printed) == (1, True)


def test_all_that_is_locked_is_told_in_a_line_each(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.push("app:1", NEW, ARM, by=None)
    scene.push("db:1", NEW, by=None)
    scene.ask("web:1", BY_ACME)
    text = Path("images.toml").read_text()
    for name in ("app", "db"):
        text += f'[images.{name}]\nimage = "{scene.host}/{name}:1"\n'
    Path("images.toml").write_text(text)
    scene.run("update")
    assert scene.run("verify") == (
        0,
        "web: as the registry has it; signed by keys/acme.pub\n"
        "app: as the registry has it\n"
        "db: as the registry has it\n"
        "no signature is asked for: app, db\n",
    )
    assert scene.run("verify", "web") == (
        0,
        "web: as the registry has it; signed by keys/acme.pub\n",
    )


def test_no_tag_is_asked_for(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    scene.push("web:1", NEW, by=None)
    requests = scene.requests("verify")
    assert requests[0] == f"GET /v2/web/manifests/{digest}"
    assert not [line for line in requests if re.search(r"/tags/|/manifests/(1|latest)$", line)]


def test_it_is_verified_by_the_keys_as_they_are_now(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    Path("keys/acme.pub").write_bytes(OTHER.pem)
    code, printed = scene.run("verify")
    assert code == 1
    assert printed.startswith("nixfetch-docker: web: it is not signed by keys/acme.pub: sha256:")
    assert "has a signature by another key" in printed
    Path("keys/acme.pub").write_bytes(ACME.pem)
    assert scene.run("verify")[0] == 0


def test_what_images_toml_demands_now_counts(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1")
    scene.run("update")
    scene.ask("web:1", BY_OTHER)
    code, printed = scene.run("verify")
    assert (code, "web: it is not signed by keys/other.pub: " in printed) == (1, True)
    scene.ask("web:1", BY_ACME)
    assert scene.run("verify") == (
        0,
        "web: as the registry has it; signed by keys/acme.pub\n"
        "web is locked for another entry than the one in images.toml: run `nixfetch-docker lock`\n",
    )
    scene.ask("web:1", registry=BY_OTHER)
    assert scene.run("verify")[0] == 1


def test_a_record_that_somebody_wrote_into_the_lock_is_not_believed(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    text = LOCK.read_text()
    digest = scene.push("web:1", NEW, by=OTHER)
    # As a pull request would have it: another image, and all that goes with it.
    scene.ask("web:1", BY_OTHER)
    scene.run("update")
    fingerprint = re.findall(r'fingerprint = "([0-9a-f]+)"', text)[0]
    forged = LOCK.read_text().replace("keys/other.pub", "keys/acme.pub")
    forged = re.sub(r'fingerprint = "[0-9a-f]+"', f'fingerprint = "{fingerprint}"', forged)
    LOCK.write_text(forged)
    scene.ask("web:1", BY_ACME)
    assert scene.signers == ["keys/acme.pub"]
    assert str(scene.locked.digest) == digest
    code, printed = scene.run("verify")
    assert code == 1
    assert "web: it is not signed by keys/acme.pub: " in printed


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


FORGED_RECORDS = [
    pytest.param(
        'key = "keys/acme.pub"', 'key = "keys/boss.pub"', "whom images.toml does not", id="key"
    ),
    pytest.param(
        f'"{PublicKey.parse(ACME.pem).fingerprint}"',
        f'"{"0" * 64}"',
        f"keys/acme.pub with the fingerprint {'0' * 64} as its signer, whom images.toml does not",
        id="fingerprint",
    ),
    pytest.param(
        f'key = "keys/acme.pub", fingerprint = "{PublicKey.parse(ACME.pem).fingerprint}"',
        f'key = "keys/other.pub", fingerprint = "{PublicKey.parse(OTHER.pem).fingerprint}"',
        "as its signer, and it is not signed by keys/other.pub: ",
        id="another who may sign",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), FORGED_RECORDS)
@pytest.mark.parametrize("of_registry", [False, True], ids=["image", "registry"])
def test_a_record_of_another_signer_is_found(
    old: str, new: str, said: str, scene: Scene, *, of_registry: bool
) -> None:
    """A reviewer reads the record as well."""
    either = 'signed-by = ["keys/acme.pub", "keys/other.pub"]'
    scene.push("web:1", IMAGE)
    scene.ask("web:1", *([] if of_registry else [either]), registry=either if of_registry else "")
    scene.run("update")
    right = LOCK.read_text()
    LOCK.write_text(replaced(old, new)(right))
    code, printed = scene.run("verify")
    assert (code, "web: the lock records keys/" in printed, said in printed) == (1, True, True)
    # An update asks again where no key of today is recorded, and believes the record else.
    scene.run("update")
    assert scene.run("verify")[0] == (1 if "other" in new else 0)
    LOCK.write_text(right)
    assert scene.run("verify")[0] == 0


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


OTHER_HEX = "d" * 64
FORGED = [
    pytest.param(
        replaced(sha256(LAYER.data), OTHER_HEX),
        "the lock has layer 1 for linux/amd64 as sha256:dddddddddddd with "
        f"{len(LAYER.data)} bytes, and the image has {oci.digest(LAYER.data)[:19]} with "
        f"{len(LAYER.data)}",
        id="layer",
    ),
    pytest.param(
        replaced(f"size = {len(LAYER.data)} }},\n]", f"size = {len(LAYER.data) + 1} }},\n]"),
        f"with {len(LAYER.data) + 1} bytes, and ",
        id="size of a layer",
    ),
    pytest.param(
        replaced(sha256(IMAGE.config), OTHER_HEX),
        "the lock has the config sha256:dddddddddddd for linux/amd64, and the image has "
        f"{oci.digest(IMAGE.config)[:19]}",
        id="config",
    ),
    pytest.param(
        replaced(
            f'manifest = {{ sha256 = "{sha256(IMAGE.manifest)}"',
            f'manifest = {{ sha256 = "{OTHER_HEX}"',
        ),
        "the lock has the manifest sha256:dddddddddddd for linux/amd64, and the image has "
        f"{IMAGE.digest[:19]}",
        id="manifest",
    ),
    pytest.param(
        replaced(f"size = {len(IMAGE.config)} }}", f"size = {len(IMAGE.config) + 1} }}"),
        f"the lock has {len(IMAGE.config) + 1} bytes for the config for linux/amd64, and the image "
        f"has {len(IMAGE.config)}",
        id="size of the config",
    ),
    pytest.param(
        replaced("vnd.oci.image.manifest.v1", "vnd.docker.distribution.manifest.v2"),
        "the lock has another media type for the manifest for linux/amd64 than the image",
        id="media type",
    ),
    pytest.param(
        lambda text: re.sub(r"(layers = \[\n)(.*\n)", r"\1\2\2", text, count=1),
        "the lock has 2 layers for linux/amd64, and the image has 1",
        id="one layer more",
    ),
    pytest.param(
        lambda text: re.sub(r"(layers = \[\n).*\n", r"\1", text, count=1),
        "the lock has 0 layers for linux/amd64, and the image has 1",
        id="one layer less",
    ),
    pytest.param(
        replaced('platforms."linux/amd64"', 'platforms."linux/riscv64"'),
        "there is no image for linux/riscv64",
        id="a platform that the image does not have",
    ),
]


@pytest.mark.parametrize(("forge", "message"), FORGED)
@pytest.mark.parametrize("demand", [[], [BY_ACME]], ids=["no signature", "signature"])
def test_a_lock_whose_blobs_somebody_changed_is_found(
    forge: Callable[[str], str], message: str, demand: list[str], scene: Scene
) -> None:
    scene.push("web:1", IMAGE, ARM)
    scene.ask("web:1", *demand)
    scene.run("update")
    # What an update does not see, as the tag's digest is that of the lock.
    LOCK.write_text(forge(LOCK.read_text()))
    assert scene.document("update", "--check")["images"][0]["change"] == "unchanged"
    code, printed = scene.run("verify")
    assert code == 1
    assert "nixfetch-docker: web: " in printed
    assert message in printed


def test_blobs_of_two_platforms_are_not_exchanged(scene: Scene) -> None:
    scene.push("web:1", IMAGE, oci.image(TWO, platform="linux/arm64"))
    scene.ask("web:1")
    scene.run("update")
    text = LOCK.read_text()
    text = text.replace("linux/amd64", "linux/x").replace("linux/arm64", "linux/amd64")
    LOCK.write_text(text.replace("linux/x", "linux/arm64"))
    code, printed = scene.run("verify")
    assert (code, "the lock has the manifest sha256:" in printed) == (1, True)


def test_an_image_whose_digest_the_registry_does_not_have_is_told(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1")
    scene.run("update")
    scene.registry.script("GET", f"/manifests/{digest}", *[status(404)] * 9)
    code, printed = scene.run("verify")
    assert (code, printed.startswith("nixfetch-docker: web: ")) == (1, True)
    assert f"HOST: the repository web has no manifest {digest[:19]}; " in printed


def test_one_that_fails_keeps_no_other_from_being_verified(scene: Scene) -> None:
    scene.push("web:1", IMAGE, by=OTHER)
    scene.push("app:1", IMAGE)
    scene.ask("web:1")
    more = f'[images.app]\nimage = "{scene.host}/app:1"\n{BY_ACME}\n'
    Path("images.toml").write_text(Path("images.toml").read_text() + more)
    scene.run("update")
    web, rest = Path("images.toml").read_text().split("[images.app]")
    Path("images.toml").write_text(f"{web}{BY_ACME}\n[images.app]{rest}")
    code, printed = scene.run("verify")
    assert code == 1
    assert "nixfetch-docker: web: it is not signed by keys/acme.pub" in printed
    assert "app: as the registry has it; signed by keys/acme.pub\n" in printed


def test_programs_are_told_the_same(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    found = scene.document("verify")
    jsonschema.validate(found, schema("verify"))
    (image,) = found["images"]
    (voucher,) = image.pop("signedBy")
    assert (voucher["key"], voucher["digest"]) == ("keys/acme.pub", digest)
    assert image == {
        "name": "web",
        "repository": f"{scene.host}/web",
        "tag": "1",
        "digest": digest,
        "verified": True,
        "demanded": True,
        "error": None,
    }
    scene.ask("web:1", BY_OTHER)
    found = scene.document("verify")
    jsonschema.validate(found, schema("verify"))
    (image,) = found["images"]
    assert (image["verified"], image["demanded"]) == (False, None)
    assert image["error"].startswith("web: it is not signed by keys/other.pub: ")
    scene.ask("web:1")
    (image,) = scene.document("verify")["images"]
    assert (image["verified"], image["demanded"], "signedBy" in image) == (True, False, False)


def test_an_image_in_a_file_is_compared_with_the_file(scene: Scene, tmp_path: Path) -> None:
    oci.write_layout(tmp_path / "layout", [IMAGE])
    Path("images.toml").write_text('[images.web]\nimage = "oci:./layout"\n')
    scene.run("update")
    assert scene.run("verify") == (
        0,
        "web: as the file has it\nno signature is asked for: web\n",
    )
    LOCK.write_text(LOCK.read_text().replace(sha256(LAYER.data), OTHER_HEX))
    assert scene.run("verify")[0] == 1


def test_what_is_not_locked_is_told(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1")
    code, printed = scene.run("verify")
    assert (code, "web is not locked yet; run `nixfetch-docker lock`" in printed) == (0, True)
    assert scene.run("verify", "web")[0] == 2


def test_a_signature_that_was_withdrawn_is_told(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    signing.put_signatures(scene.registry, "web", digest, [])
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]
    assert scene.run("verify")[0] == 1
