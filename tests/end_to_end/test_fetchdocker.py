"""Expressions that docker2nix wrote, with a real registry, Nix and podman."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix, error, evaluate, try_evaluate
from support.podman import Podman
from support.process import output
from support.registry import Registry

PKGS = f"(import {REPOSITORY}/tests/nix/host-pkgs.nix)"
DOCKER_HUB = "https://registry-1.docker.io/v2/"
BASE = oci.layer({"hello": b"#!/bin/sh\n", "etc/base": b"base"})
IMAGE = oci.image(BASE, oci.layer({"etc/top": b"top"}), BASE)

# The alphabet and the order of digits of Nix's own base 32 (its manual, "nix-hash").
_BASE32 = "0123456789abcdfghijklmnpqrsvwxyz"


def base32(digest: str) -> str:
    number = int.from_bytes(bytes.fromhex(_hex(digest)), "little")
    return "".join(_BASE32[number >> 5 * place & 31] for place in reversed(range(52)))


def base16(digest: str) -> str:
    return _hex(digest)


def sri(digest: str) -> str:
    return f"sha256-{base64.b64encode(bytes.fromhex(_hex(digest))).decode()}"


FORMS = [base32, base16, sri]


def old_expression(
    registry: str, image: oci.Image, form: Callable[[str], str] = base32, extra: str = ""
) -> str:
    """What docker2nix wrote for `image`, to be called with the functions that it names."""
    digests = [oci.digest(layer.data) for layer in image.layers]
    layers = "\n".join(
        f"""
        layer{n} = fetchDockerLayer {{
          inherit registry repository imageName;
          layerDigest = "{_hex(digest)}";
          sha256 = "{form(digest)}";
          }};"""
        for n, digest in enumerate(digests)
    )
    return f"""
    {{ fetchDockerConfig
    , fetchDockerLayer
    , fetchdocker }}:
    fetchdocker rec {{
      name = "debian";
      registry = "{registry}";
      repository = "library";
      imageName = "debian";
      tag = "jessie";
      {extra}
      imageConfig = fetchDockerConfig {{
        inherit tag registry repository imageName;
        sha256 = "{form(image.id)}";
        }};
      imageLayers = let {layers}
      in [ {" ".join(f"layer{n}" for n, _ in enumerate(digests))} ];
      }}
    """


def test_podman_loads_what_the_composite_script_writes(
    registry: Registry, nix: Nix, podman: Podman, tmp_path: Path
) -> None:
    registry.push("library/debian:jessie", IMAGE)
    result = _build(nix, old_expression(f"http://{registry.host}/v2/", IMAGE))
    script = result / "compositeImage.sh"
    name = f"{registry.host}/library/debian:jessie"

    assert name in podman.load_stream(script)
    loaded = podman.inspect(name)
    assert f"sha256:{loaded['Id']}" == IMAGE.id
    assert loaded["RepoTags"] == [name]

    archive = tmp_path / "debian.tar"
    with archive.open("wb") as file:
        subprocess.run([script], stdout=file, check=True)
    source = f"docker-archive:{archive}"
    assert json.loads(output(["skopeo", "list-tags", source]))["Tags"] == [name]
    inspected = json.loads(output(["skopeo", "inspect", source]))
    assert (inspected["Architecture"], len(inspected["Layers"])) == ("amd64", 3)
    assert output(["skopeo", "inspect", "--config", "--raw", source]).encode() == IMAGE.config


def test_hashes_in_any_form_make_the_same_image() -> None:
    expressions = [_call(old_expression(DOCKER_HUB, IMAGE, form)) for form in FORMS]
    paths = evaluate(f"[ {' '.join(f'({one}).outPath' for one in expressions)} ]")
    assert len(paths) == len(FORMS)
    assert len(set(paths)) == 1


def test_blobs_are_those_of_the_lock_and_fetched_once(
    registry: Registry, project: Project, nix: Nix
) -> None:
    registry.push("library/debian:jessie", IMAGE)
    project.update(f'[images.debian]\nimage = "{registry.host}/library/debian:jessie"')
    # The lock of one platform's image may have read its config.
    after_update = len(registry.asked())
    nix.build(project.images, "debian")
    blobs = {IMAGE.id, *(oci.digest(layer.data) for layer in IMAGE.layers)}

    result = _build(nix, old_expression(f"http://{registry.host}/v2/", IMAGE))

    assert _blobs_asked(registry.asked()[after_update:]) == sorted(blobs)
    locked = nix.build(project.images, "debian", "config")
    closure = output(["nix-store", "--query", "--requisites", result], env=nix.env).split()
    assert str(locked) in closure
    for blob in blobs:
        (path,) = nix.paths(blob.replace(":", "-"))
        assert str(path) in closure


def test_without_a_lock_each_blob_is_fetched_once_and_no_manifest(
    registry: Registry, nix: Nix
) -> None:
    registry.push("library/debian:jessie", IMAGE)
    # The tag has moved since: the config comes by its digest.
    registry.push("library/debian:jessie", oci.image(BASE))
    _build(nix, old_expression(f"http://{registry.host}/v2/", IMAGE))
    blobs = {IMAGE.id, *(oci.digest(layer.data) for layer in IMAGE.layers)}
    assert _blobs_asked(registry.asked()) == sorted(blobs)
    assert [line for line in registry.asked() if "/manifests/" in line] == []


def test_the_store_holds_the_image_once(registry: Registry, nix: Nix) -> None:
    large = oci.image(oci.layer({"large": os.urandom(3_000_000)}, "none"))
    registry.push("library/debian:jessie", large)
    _build(nix, old_expression(f"http://{registry.host}/v2/", large))
    files = [path for path in nix.store.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path.name for path in files if path.stat().st_size > 1_000_000] == [
        *(path.name for path in nix.paths(oci.digest(large.layers[0].data).replace(":", "-")))
    ]


def test_the_values_of_an_image() -> None:
    assert _values(old_expression(DOCKER_HUB, IMAGE)) == {
        "image": "docker.io/library/debian:jessie",
        "imageName": "docker.io/library/debian",
        "imageTag": "jessie",
        "imageId": IMAGE.id,
        "name": "debian",
        "blobs": [
            one.replace(":", "-")
            for one in [IMAGE.id, *(oci.digest(layer.data) for layer in IMAGE.layers)]
        ],
        "repository": "docker.io/library/debian",
    }


def test_an_image_may_be_given_another_name() -> None:
    expression = old_expression(DOCKER_HUB, IMAGE, extra='image = "localhost:5000/mine:1";')
    values = _values(expression)
    assert (values["image"], values["imageName"], values["imageTag"]) == (
        "localhost:5000/mine:1",
        "localhost:5000/mine",
        "1",
    )


def test_docker_hub_and_library_are_the_defaults() -> None:
    expression = f"""
      let pkgs = {PKGS}; in
      map (blob: builtins.elemAt blob.args 1) [
        (pkgs.fetchDockerConfig {{ imageName = "debian"; tag = "1"; sha256 = "{sri(IMAGE.id)}"; }})
        (pkgs.fetchDockerLayer {{ imageName = "debian"; layerDigest = "{IMAGE.id}"; }})
      ]
    """
    assert evaluate(expression) == ["docker.io/library/debian"] * 2


@pytest.mark.parametrize(
    ("registry", "host", "plain"),
    [
        pytest.param(DOCKER_HUB, "docker.io", False, id="Docker Hub"),
        pytest.param("https://quay.io/v2/", "quay.io", False, id="https"),
        pytest.param("http://registry.lab:5000/v2/", "registry.lab:5000", True, id="http"),
        pytest.param("https://[2001:db8::1]:5000/v2", "[2001:db8::1]:5000", False, id="IPv6"),
        pytest.param("https://quay.io", "quay.io", False, id="host alone"),
    ],
)
def test_the_registry_is_a_url(registry: str, host: str, plain: bool) -> None:
    blob = f"""
      ({PKGS}.fetchDockerLayer {{
        registry = "{registry}"; imageName = "a"; layerDigest = "{base16(IMAGE.id)}";
      }})
    """
    _, repository, _, _, _, option, registries, *_ = evaluate(f"{blob}.args")
    assert repository == f"{host}/library/a"
    assert (option, json.loads(registries)) == ("--registries", {host: {"plain-http": plain}})


def test_a_hash_has_the_same_meaning_in_every_form() -> None:
    digests = ["sha256:" + "00" * 32, "sha256:" + "ff" * 32, IMAGE.id]
    digests += [oci.digest(bytes([n])) for n in range(200)]
    nixs_own = ["nix-hash", "--type", "sha256", "--to-base32", *map(_hex, digests)]
    assert output(nixs_own).split() == list(map(base32, digests))

    texts = [form(digest) for digest in digests for form in FORMS]
    texts += [f"sha256:{base32(digest)}" for digest in digests]
    texts += [base16(digest).upper() for digest in digests]
    listed = " ".join(f'"{text}"' for text in texts)
    convert = f"import {REPOSITORY}/nix/compat/sha256-to-hex.nix {{ inherit ({PKGS}) lib; }}"
    hexes = evaluate(f"map ({convert}) [ {listed} ]")
    expected = [_hex(digest) for digest in digests for _ in FORMS]
    assert hexes == expected + list(map(_hex, digests)) * 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("0" * 63, id="short"),
        pytest.param("2" + "0" * 51, id="more than 256 bits in base 32"),
        pytest.param("0" * 51 + "e", id="no digit of base 32"),
        pytest.param("A" * 42 + "B=", id="more than 256 bits in base 64"),
        pytest.param("sha512-" + "A" * 86 + "==", id="another algorithm"),
    ],
)
def test_what_is_no_hash_is_an_error(text: str) -> None:
    config = f'{PKGS}.fetchDockerConfig {{ imageName = "a"; sha256 = "{text}"; }}'
    assert _error(f"({config}).outPath") == (
        f"'{text}' is not a sha256; write it in Nix's base 32, in hexadecimal, or as SRI: sha256-…="
    )


def test_two_hashes_of_one_layer_must_agree() -> None:
    layer = f"""
      {PKGS}.fetchDockerLayer {{
        imageName = "a"; layerDigest = "{base16(IMAGE.id)}"; sha256 = "{sri(IMAGE.digest)}";
      }}
    """
    assert _error(f"({layer}).outPath") == (
        f"the layer of a has the layerDigest {base16(IMAGE.id)} and another sha256, "
        f"{base16(IMAGE.digest)}; both are the hash of the same bytes: remove the sha256"
    )


@pytest.mark.parametrize("url", ["quay.io", "ftp://quay.io/v2/", "https://quay.io/v1/"])
def test_what_is_no_registry_is_an_error(url: str) -> None:
    config = f'{PKGS}.fetchDockerConfig {{ registry = "{url}"; imageName = "a"; sha256 = ""; }}'
    assert _error(f"builtins.elemAt ({config}).args 1") == (
        f"'{url}' is not the URL of a registry; write it as https://registry-1.docker.io/v2/"
    )


def test_an_image_without_a_tag_is_an_error() -> None:
    expression = old_expression(DOCKER_HUB, IMAGE, extra='image = "localhost:5000/mine";')
    assert _error(f"({_call(expression)}).outPath") == (
        "the image 'localhost:5000/mine' has no tag; write it as NAME:TAG"
    )


def test_evaluation_imports_nothing_that_is_built() -> None:
    # This Nix has no store to build in.
    path = evaluate(f"({_call(old_expression(DOCKER_HUB, IMAGE))}).outPath")
    assert path.endswith("-debian")


def _call(expression: str) -> str:
    return f"let pkgs = {PKGS}; in pkgs.callPackage ({expression}) {{ }}"


def _build(nix: Nix, expression: str) -> Path:
    """The store path of what an expression of docker2nix's makes."""
    return Path(
        output(["nix-build", "--no-out-link", "-E", _call(expression)], env=nix.env).strip()
    )


def _values(expression: str) -> dict[str, object]:
    values: dict[str, object] = evaluate(
        f"""
            let made = {_call(expression)};
            in {{
              inherit (made) image imageName imageTag imageId name;
              blobs = map (blob: blob.name) ([ made.config ] ++ made.layers);
              repository = builtins.elemAt made.config.args 1;
            }}
        """
    )
    return values


def _error(expression: str) -> str:
    failed = try_evaluate(expression)
    assert failed.returncode != 0, failed.stdout
    return error(failed.stderr)


def _blobs_asked(lines: list[str]) -> list[str]:
    asked = [re.search(r"/blobs/(\S+)$", line) for line in lines]
    return sorted(match[1] for match in asked if match)


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
