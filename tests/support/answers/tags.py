"""Messages about what a tag leads to."""

from __future__ import annotations

import json
from pathlib import Path

from .. import oci, signing
from ..faults.answers import body, status
from .scene import ARM, DIGEST, IMAGE, LAYER, OTHER, Scene, case


@case
def platform_is_missing(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:2", ARM)
    scene.ask(f"{registry.host}/web:2", 'platforms = ["linux/amd64"]')
    scene.run("update")


@case
def platform_is_lost(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:2", IMAGE, ARM)
    scene.ask(f"{registry.host}/web:2")
    scene.run("update")
    registry.add("web:2", IMAGE)
    scene.run("update")


def _follow(scene: Scene, version: str, *tags: str) -> None:
    registry = scene.registry()
    for tag in tags:
        registry.add(f"app:{tag}", IMAGE)
    scene.ask(f"{registry.host}/app", f'version = "{version}"')
    scene.run("update")


@case
def no_such_version(scene: Scene) -> None:
    _follow(scene, "^8", "7.2.1", "7.4.0", "latest")


@case
def another_suffix(scene: Scene) -> None:
    _follow(scene, "^7", "7.2.1-alpine", "7.4.0-alpine")


@case
def only_names(scene: Scene) -> None:
    _follow(scene, "^7", "latest", "stable")


@case
def pushed_again(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:7.4.1", IMAGE)
    scene.ask(f"{registry.host}/web:7.4.1")
    scene.run("update")
    registry.add("web:7.4.1", OTHER)
    scene.run("update")


@case
def frozen(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:7", IMAGE)
    scene.ask(f"{registry.host}/web:7")
    scene.run("update")
    scene.run("freeze", "web")
    registry.add("web:7", OTHER)
    scene.run("update", "--verbose")


@case
def a_chart(scene: Scene) -> None:
    registry = scene.registry()
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci.MANIFEST,
        "config": {
            "mediaType": "application/vnd.cncf.helm.config.v1+json",
            "digest": registry.add_blob(b"{}"),
            "size": 2,
        },
        "layers": [],
    }
    registry.add_manifest("chart:1", json.dumps(manifest).encode(), oci.MANIFEST)
    scene.ask(f"{registry.host}/chart:1")
    scene.run("update")


@case
def a_manifest_that_is_gone(scene: Scene) -> None:
    registry = scene.registry()
    registry.add_manifest("web:2", oci.index([IMAGE, ARM]), oci.INDEX)
    registry.add("web:x", IMAGE)
    scene.ask(f"{registry.host}/web:2")
    scene.run("update")


@case
def schema_1(scene: Scene) -> None:
    registry = scene.registry()
    media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    document = {"schemaVersion": 1, "name": "old", "tag": "1", "fsLayers": [], "history": []}
    data = json.dumps(document).encode()
    registry.script("GET", "/web/manifests/1", *[body(data, {"Content-Type": media_type})] * 9)
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


@case
def no_tags(scene: Scene) -> None:
    registry = scene.registry()
    registry.add_manifest("app", IMAGE.manifest, oci.MANIFEST)
    scene.ask(f"{registry.host}/app", 'version = "^1"')
    scene.run("update")


@case
def passed_by(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("app:2.1", IMAGE, ARM)
    scene.ask(f"{registry.host}/app", 'version = "^2"')
    scene.run("update")
    registry.add("app:2.2", IMAGE)
    scene.run("update", "--verbose")


@case
def too_young(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("app:2.1", oci.image(LAYER, created="2026-11-01T09:30:00Z"))
    scene.ask(f"{registry.host}/app", 'version = "^2"', 'minimum-age = "3 days"')
    scene.run("update")
    registry.add("app:2.2", oci.image(LAYER, created="2126-11-27T18:00:00Z"))
    scene.run("update", "--verbose")


@case
def all_are_too_young(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("app:2.2", oci.image(LAYER, created="2126-11-27T18:00:00Z"))
    scene.ask(f"{registry.host}/app", 'version = "^2"', 'minimum-age = "3 days"')
    scene.run("update")


@case
def not_signed(scene: Scene) -> None:
    registry = scene.registry()
    Path("acme.pub").write_bytes(signing.key("acme").pem)
    scene.ask(f"{registry.host}/web:1", 'signed-by = ["acme.pub"]')
    scene.run("update")


@case
def signed_by_another(scene: Scene) -> None:
    registry = scene.registry()
    Path("acme.pub").write_bytes(signing.key("acme").pem)
    payload = signing.payload(IMAGE.digest, f"{registry.host}/web")
    signature = signing.signed(signing.key("other"), payload)
    signing.put_signatures(registry, "web", IMAGE.digest, [signature])
    scene.ask(f"{registry.host}/web:1", 'signed-by = ["acme.pub"]')
    scene.run("update")


def _under_a_policy(scene: Scene, **requirement: str) -> None:
    Path("policy.json").write_text(json.dumps({"default": [requirement]}))
    scene.ask(f"{scene.registry().host}/web:1")
    scene.run("update", "--policy", "policy.json")


@case
def refused_by_a_policy(scene: Scene) -> None:
    _under_a_policy(scene, type="reject")


@case
def a_policy_of_gpg(scene: Scene) -> None:
    _under_a_policy(scene, type="signedBy", keyType="GPGKeys", keyPath="/etc/pki/key")


@case
def no_key_file(scene: Scene) -> None:
    scene.ask(f"{scene.registry().host}/web:1", 'signed-by = ["keys/acme.pub"]')
    scene.run("update")


@case
def a_private_key(scene: Scene) -> None:
    Path("acme.key").write_bytes(signing.key("acme").private_pem)
    scene.ask(f"{scene.registry().host}/web:1", 'signed-by = ["acme.key"]')
    scene.run("update")


@case
def a_lock_that_was_changed(scene: Scene) -> None:
    registry = scene.registry()
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")
    lock = Path("images.lock.toml")
    lock.write_text(lock.read_text().replace(DIGEST.removeprefix("sha256:"), "d" * 64))
    scene.run("verify")


@case
def no_age(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("app:2.1", IMAGE)
    scene.ask(f"{registry.host}/app", 'version = "^2"', 'minimum-age = "3 days"')
    scene.run("update")


@case
def a_check_of_what_is_gone(scene: Scene) -> None:
    registry = scene.registry()
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")
    registry.script("HEAD", f"/blobs/{DIGEST}", *[status(404)] * 9)
    scene.run("check")
