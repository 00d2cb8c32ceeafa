"""Images that somebody must have signed: locked with a record of who did, or not locked."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from support import signing
from support.signed_project import (
    ACME,
    ARM,
    BY_ACME,
    BY_OTHER,
    IMAGE,
    NEW,
    OTHER,
    Scene,
    schema,
    signed_scene,
)
from support.sigstore_root import IDENTITY, ISSUER, Root

from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.signatures.voucher import Voucher

FINGERPRINT = r"[0-9a-f]{64}"


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    with signed_scene(tmp_path, monkeypatch, capsys) as found:
        yield found


def test_a_signed_image_is_locked_with_the_key_that_vouched(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    status, printed = scene.run("update")
    assert (status, "\n     signed by keys/acme.pub\n" in printed) == (0, True)
    text = Path("images.lock.toml").read_text()
    assert re.search(
        rf'\ndigest = "{digest}"\nsigned-by = \[\n  \{{ key = "keys/acme.pub", '
        rf'fingerprint = "{FINGERPRINT}", digest = "{digest}" \}},\n\]\n\n\[images.web.platforms',
        text,
    )
    assert Lock.parse(text).to_toml() == text


def test_programs_are_told_who_signed(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    first = scene.document("update")
    jsonschema.validate(first, schema("update"))
    (image,) = first["images"]
    (voucher,) = image["after"]["signedBy"]
    fingerprint = scene.locked.vouchers[0].fingerprint
    assert voucher == {"key": "keys/acme.pub", "fingerprint": fingerprint, "digest": digest}
    for words in (("show",), ("why", "web", "--offline")):
        shown = scene.document(*words)
        jsonschema.validate(shown, schema(words[0]))
        found = shown["images"]["web"] if words == ("show",) else shown
        assert found["signedBy"] == [voucher]
    assert "\nsigned   by keys/acme.pub\n" in scene.run("show", "web")[1]
    assert "\nsigned by   keys/acme.pub\n" in scene.run("why", "web", "--offline")[1]
    Path("images.lock.toml").unlink()
    assert "`signed by keys/acme.pub`" in scene.run("update", "--markdown")[1]


def test_an_unmoved_image_whose_record_says_who_signed_costs_one_request(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    before = Path("images.lock.toml").read_text()
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]
    assert Path("images.lock.toml").read_text() == before


def test_an_image_that_nobody_signed_is_not_locked(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE, by=None)
    scene.ask("web:1", BY_ACME)
    status, printed = scene.run("update")
    short = digest[:19]
    assert (status, Path("images.lock.toml").exists()) == (1, False)
    assert (
        f"web: HOST/web:1: it is not signed by keys/acme.pub: {short} has no signature (looked for "
        f"the tag {short.replace(':', '-')}….sig and for referrers at HOST); "
    ) in printed


@pytest.mark.parametrize("words", [["update"], ["lock"], ["update", "--check"]], ids=" ".join)
def test_the_old_pin_stays_where_the_new_image_is_not_signed(
    words: list[str], scene: Scene
) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    before = Path("images.lock.toml").read_text()
    scene.push("web:1", NEW, by=OTHER)
    if words == ["lock"]:
        scene.ask("web:1", BY_ACME, 'platforms = ["linux/amd64"]')
    status, printed = scene.run(*words)
    assert status == 1
    assert "it is not signed by keys/acme.pub: sha256:" in printed
    assert "has a signature by another key" in printed
    assert Path("images.lock.toml").read_text() == before


def test_a_followed_version_that_is_not_signed_is_passed_by(scene: Scene) -> None:
    scene.push("web:1.1", IMAGE)
    scene.ask("web", 'version = "^1"', BY_ACME)
    scene.run("update")
    scene.push("web:1.2", NEW, by=None)
    status, printed = scene.run("update")
    assert (status, scene.locked.tag) == (0, "1.1")
    assert "1.2 is passed by: it is not signed by keys/acme.pub: " in printed
    assert "1.2: it is not signed by keys/acme.pub: " in scene.run("why", "web")[1]
    Path("images.lock.toml").unlink()
    assert (scene.run("update")[0], scene.locked.tag) == (0, "1.1")


def test_no_version_older_than_the_locked_one_is_taken_because_it_is_signed(scene: Scene) -> None:
    scene.push("web:1.1", IMAGE)
    scene.push("web:1.2", NEW, by=OTHER)
    scene.ask("web", 'version = "^1"', BY_OTHER)
    scene.run("update")
    assert scene.locked.tag == "1.2"
    before = Path("images.lock.toml").read_text()
    scene.ask("web", 'version = "^1"', BY_ACME)
    status, printed = scene.run("update")
    assert (status, Path("images.lock.toml").read_text()) == (1, before)
    assert "web: HOST/web:1.2: it is not signed by keys/acme.pub: " in printed


def test_a_demand_of_a_locked_image_is_verified_without_locking_it_anew(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1")
    scene.run("update")
    before = scene.locked
    scene.ask("web:1", BY_ACME)
    requests = scene.requests("lock")
    assert requests[0] == "HEAD /v2/web/manifests/1"
    assert f"GET /v2/web/manifests/{digest}" not in requests
    assert (scene.locked.platforms, scene.locked.digest) == (before.platforms, before.digest)
    assert scene.signers == ["keys/acme.pub"]


def test_a_key_file_with_another_key_is_verified_again(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    Path("keys/acme.pub").write_bytes(OTHER.pem)
    status, printed = scene.run("update")
    assert status == 1
    assert "has a signature by another key" in printed
    # The same key in another form is the same key.
    Path("keys/acme.pub").write_bytes(b"# Acme's\n" + ACME.pem)
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]


def test_another_signer_is_told(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    scene.sign("web:1", digest, OTHER)
    scene.ask("web:1", BY_OTHER)
    _, printed = scene.run("update")
    assert "signed by keys/other.pub, and before by keys/acme.pub" in printed
    scene.ask("web:1", "signed-by = []")
    _, printed = scene.run("update")
    assert "it no longer has to be signed, and was signed by keys/other.pub" in printed
    assert scene.signers == []


def test_a_registry_asks_for_the_images_that_say_nothing_themselves(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", registry=BY_ACME)
    scene.run("update")
    assert scene.signers == ["keys/acme.pub"]
    # The lock's request is the image's own entry.
    assert scene.locked.request.signed_by is None
    scene.ask("web:1", registry=BY_OTHER)
    assert scene.run("update")[0] == 1
    scene.ask("web:1", "signed-by = []", registry=BY_OTHER)
    assert scene.run("update")[0] == 0
    assert scene.signers == []
    scene.ask("web:1", BY_ACME, registry=BY_OTHER)
    assert scene.run("update")[0] == 0
    assert scene.signers == ["keys/acme.pub"]


def test_a_record_stays_where_another_person_has_no_policy(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", registry=BY_ACME)
    scene.run("update")
    before = Path("images.lock.toml").read_text()
    scene.ask("web:1")
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]
    assert Path("images.lock.toml").read_text() == before


ALL = 'signed-by-all = ["keys/acme.pub", "keys/other.pub"]'


def test_all_of_several_must_have_signed(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", ALL)
    status, printed = scene.run("update")
    assert (status, Path("images.lock.toml").exists()) == (1, False)
    assert "it is not signed by keys/other.pub (it is by keys/acme.pub): " in printed
    scene.sign("web:1", digest, ACME, OTHER)
    assert "signed by keys/acme.pub, keys/other.pub" in scene.run("update")[1]
    assert scene.signers == ["keys/acme.pub", "keys/other.pub"]
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]


def test_one_of_several_is_enough(scene: Scene) -> None:
    scene.push("web:1", IMAGE, by=OTHER)
    scene.ask("web:1", 'signed-by = ["keys/acme.pub", "keys/other.pub"]')
    assert "\n     signed by keys/other.pub\n" in scene.run("update")[1]
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]


def test_the_manifest_of_each_platform_may_be_signed_in_place_of_the_index(scene: Scene) -> None:
    scene.push("web:1", IMAGE, ARM, by=None)
    scene.sign("web:1", IMAGE.digest, ACME)
    scene.ask("web:1", BY_ACME)
    assert scene.run("update")[0] == 1
    scene.sign("web:1", ARM.digest, ACME)
    assert scene.run("update")[0] == 0
    assert {str(one.digest) for one in scene.locked.vouchers} == {IMAGE.digest, ARM.digest}
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]


ANNOTATED = 'signed-by = [{ key = "keys/acme.pub", annotations = { env = "prod" } }]'


def test_annotations_that_are_asked_for_are_in_the_record(scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.ask("web:1", registry=ANNOTATED)
    assert scene.run("update")[0] == 1
    scene.sign("web:1", digest, ACME, env="prod")
    assert scene.run("update")[0] == 0
    assert ', annotations = { env = "prod" }, digest = ' in Path("images.lock.toml").read_text()
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]
    # A record of one demand is none of another.
    scene.ask("web:1", registry=ANNOTATED.replace("prod", "test"))
    assert scene.run("update")[0] == 1


def test_a_frozen_image_is_verified_by_its_digest_alone(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1")
    scene.run("update")
    scene.push("web:1", NEW, by=None)
    scene.ask("web:1", BY_ACME, "frozen = true")
    requests = scene.requests("update")
    assert "HEAD /v2/web/manifests/1" not in requests
    assert scene.signers == ["keys/acme.pub"]
    assert scene.requests("update") == []
    scene.ask("web:1", BY_OTHER, "frozen = true")
    assert scene.run("update")[0] == 1


def test_add_takes_no_image_that_the_registry_must_sign(scene: Scene) -> None:
    scene.push("web:1", IMAGE, by=None)
    scene.push("app:1", IMAGE)
    text = f'[registries."{scene.host}"]\n{BY_ACME}\n'
    Path("images.toml").write_text(text)
    status, printed = scene.run("add", f"{scene.host}/web:1")
    assert status == 1
    assert "HOST/web:1: it is not signed by keys/acme.pub: " in printed
    assert Path("images.toml").read_text() == text
    assert not Path("images.lock.toml").exists()
    status, printed = scene.run("add", f"{scene.host}/app:1")
    # The layer is the same, and its signature is for another repository.
    assert (status, "is for HOST/app" in printed) == (0, False)
    assert "signed by keys/acme.pub" in printed


def test_what_is_edited_besides_keeps_who_signs(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    vouchers = scene.locked.vouchers
    assert scene.run("freeze", "web")[0] == 0
    assert BY_ACME in Path("images.toml").read_text()
    assert scene.locked.vouchers == vouchers
    assert scene.run("unfreeze", "web")[0] == 0
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]


def private_key(path: Path) -> None:
    path.write_bytes(ACME.private_pem)


def fifo(path: Path) -> None:
    os.mkfifo(path)


KEY_FILES = [
    pytest.param(Path.unlink, "there is no such file; name the file of a public key", id="none"),
    pytest.param(fifo, "it is a pipe, which may never end; name a regular", id="FIFO"),
    pytest.param(
        Path.mkdir, "cannot be read (Is a directory); make it readable, or name", id="directory"
    ),
    pytest.param(private_key, "it is a private key, which no other machine should", id="private"),
    pytest.param(lambda path: path.write_bytes(b""), "it is empty; name the file", id="empty"),
    pytest.param(lambda path: path.write_text("ssh-ed25519 AAAA"), "`ssh-keygen -e -m", id="SSH"),
    pytest.param(lambda path: path.symlink_to("/nowhere"), "there is no such file", id="link"),
]


@pytest.mark.parametrize(("make", "message"), KEY_FILES)
@pytest.mark.parametrize("place", ["image", "registry"])
def test_a_key_file_that_cannot_be_used_says_what_to_do(
    make: Callable[[Path], object], message: str, place: str, scene: Scene
) -> None:
    scene.push("web:1", IMAGE)
    path = Path("keys/acme.pub")
    path.unlink()
    if make is not Path.unlink:
        make(path)
    if place == "image":
        scene.ask("web:1", BY_ACME)
    else:
        scene.ask("web:1", registry=BY_ACME)
    status, printed = scene.run("update")
    of_registry = 'registries."HOST".' if place == "registry" else ""
    assert (status, Path("images.lock.toml").exists()) == (1, False)
    assert f"web: HOST/web:1: {of_registry}signed-by[0]: keys/acme.pub: " in printed
    assert message in printed


def test_a_key_may_lie_outside_of_the_project(scene: Scene, tmp_path: Path) -> None:
    scene.push("web:1", IMAGE)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "acme.pub").write_bytes(ACME.pem)
    scene.ask("web:1", f'signed-by = ["{outside}/acme.pub"]')
    assert scene.run("update")[0] == 0
    assert str(scene.locked.vouchers[0]) == f"{outside}/acme.pub"


def test_keys_are_named_relative_to_images_toml(scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    here = Path.cwd()
    os.chdir("/")
    assert scene.run("update", "--file", str(here / "images.toml"))[0] == 0


def test_an_image_that_asks_for_nobody_reads_no_key(scene: Scene) -> None:
    scene.push("web:1", IMAGE, by=None)
    Path("keys/acme.pub").unlink()
    scene.ask("web:1", "signed-by = []", registry=BY_ACME)
    assert scene.run("update")[0] == 0


@pytest.mark.parametrize(
    "demand",
    [
        pytest.param(BY_ACME, id="key"),
        pytest.param(ALL, id="all"),
        pytest.param('signed-by = [{ key = "keys/acme.pub" }]', id="table"),
    ],
)
def test_a_demand_of_the_registry_is_seen_by_lock(demand: str, scene: Scene) -> None:
    digest = scene.push("web:1", IMAGE)
    scene.sign("web:1", digest, ACME, OTHER)
    scene.ask("web:1")
    scene.run("update")
    scene.ask("web:1", registry=demand)
    said = "web is locked without a signature that the table of its registry asks for: run "
    assert said in scene.run("show")[1]
    assert scene.run("lock")[0] == 0
    assert "keys/acme.pub" in scene.signers
    assert scene.run("verify")[1] == (
        f"web: as the registry has it; signed by {', '.join(scene.signers)}\n"
    )
    assert said not in scene.run("show")[1]
    assert scene.requests("lock") == []
    scene.sign("web:1", digest, OTHER)
    Path("keys/new.pub").write_bytes(ACME.pem)
    scene.ask("web:1", registry='signed-by = ["keys/new.pub"]')
    assert scene.run("lock")[0] == 1
    scene.ask("web:1", registry="signed-by = []")
    assert scene.requests("lock") == []


@pytest.mark.parametrize("name", ["LocalHost:{port}", "localhost:{port}"])
@pytest.mark.parametrize("table", ["LOCALHOST:{port}", "localhost:{port}"])
def test_a_registry_has_one_name_in_any_letter_case(name: str, table: str, scene: Scene) -> None:
    """Or an image could leave out what its registry asks for."""
    scene.push("web:1", IMAGE, by=None)
    port = scene.host.rpartition(":")[2]
    text = f'[images.web]\nimage = "{name}/web:1"\n[registries."{table}"]\n{BY_ACME}\n'
    Path("images.toml").write_text(text.format(port=port))
    status, printed = scene.run("update")
    assert (status, "it is not signed by keys/acme.pub" in printed) == (1, True)


def test_the_port_of_https_is_no_other_registry() -> None:
    text = f'[images.web]\nimage = "x"\n[registries."ghcr.io"]\n{BY_ACME}\n'
    images = Images.parse(text)
    assert images.demand_of("GHCR.io:443") == images.signed_by["ghcr.io"]
    assert images.demand_of("ghcr.io:80") is None


@pytest.mark.parametrize(
    "second", ['"keys/../keys/acme.pub"', '"copy.pub"', '{ key = "copy.pub" }']
)
def test_one_signature_does_not_count_for_two_signers(second: str, scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    Path("copy.pub").write_bytes(ACME.pem + b"\n")
    scene.ask("web:1", f'signed-by-all = ["keys/acme.pub", {second}]')
    status, printed = scene.run("update")
    assert (status, Path("images.lock.toml").exists()) == (1, False)
    assert "signed-by-all[1]: it is the same key as signed-by-all[0]; each of" in printed


@pytest.mark.parametrize("words", [("show", "web"), ("why", "web", "--offline")])
def test_no_text_of_a_record_is_a_line_of_its_own(words: tuple[str, ...], scene: Scene) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    text = Path("images.lock.toml").read_text()
    false = 'key = "keys/\\u001b[2J\\u202e\\nsigned by me"'
    Path("images.lock.toml").write_text(text.replace('key = "keys/acme.pub"', false))
    shown = scene.run(*words)[1]
    assert r"keys/\x1b[2J\u202e\nsigned by me" in shown


def test_many_records_are_each_compared_with_few(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.push("web:1", IMAGE)
    scene.ask("web:1", BY_ACME)
    scene.run("update")
    text = Path("images.lock.toml").read_text()
    (line,) = [line for line in text.splitlines() if "fingerprint" in line]
    many = [line.replace("acme.pub", f"{number}.pub") for number in range(300)]
    compared = 0
    equals = Voucher.__eq__

    def counted(one: Voucher, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equals(one, other)

    monkeypatch.setattr(Voucher, "__eq__", counted)
    assert len(Lock.parse(text.replace(line, "\n".join(many))).images["web"].vouchers) == 300
    assert compared < 3000


def test_another_trusted_root_is_another_demand(scene: Scene) -> None:
    """The record of an identity that one root knows says nothing of another root."""
    digest = scene.push("web:1", IMAGE, by=None)
    own = Root()
    data = signing.payload(digest, f"{scene.host}/web")
    annotations = own.annotations(own.signer(), data)
    text = annotations.pop(signing.SIGNATURE)
    signed = [signing.Signed(data, text, annotations)]
    signing.put_signatures(scene.registry, "web", digest, signed)
    item = f'identity = "{IDENTITY}", issuer = "{ISSUER}", trusted-root = "root.json"'
    scene.ask("web:1", f"signed-by = [{{ {item} }}]")
    Path("root.json").write_text(own.trusted_root())
    assert scene.run("update")[0] == 0
    lock = Path("images.lock.toml").read_text()
    assert f'fingerprint = "{hashlib.sha256(Path("root.json").read_bytes()).hexdigest()}"' in lock
    assert scene.requests("update") == ["HEAD /v2/web/manifests/1"]
    Path("other.json").write_text(Root().trusted_root())
    scene.ask("web:1", f"signed-by = [{{ {item.replace('root.json', 'other.json')} }}]")
    status, printed = scene.run("update")
    assert (status, "of an authority that is not trusted" in printed) == (1, True)
    assert Path("images.lock.toml").read_text() == lock
    scene.ask("web:1", f"signed-by = [{{ {item.replace('root.json', 'gone.json')} }}]")
    assert "gone.json: cannot be read (No such file" in scene.run("update")[1]
