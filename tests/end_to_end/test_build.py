"""From images.toml to an image in an engine, with a real registry, Nix and podman."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import tomli
from support import oci
from support.command import Project
from support.nix import REPOSITORY, Nix, evaluate
from support.podman import Podman
from support.process import output
from support.registry import Registry

BASE = oci.layer({"hello": b"#!/bin/sh\n", "etc/base": b"base"})
TOP = oci.layer({"etc/top": b"top"})


def test_an_image_for_two_platforms_builds_for_each(
    registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    images = {
        platform: oci.image(BASE, oci.layer({"arch": platform.encode()}), platform=platform)
        for platform in ("linux/amd64", "linux/arm64/v8")
    }
    index = registry.push("acme/web:1.0", *images.values())
    lock = tomli.loads(
        project.update(f"""
        [defaults]
        platforms = ["linux/amd64", "linux/arm64"]
        [images.web]
        image = "{registry.host}/acme/web:1.0"
    """)
    )
    assert lock["images"]["web"]["digest"] == index
    assert list(lock["images"]["web"]["platforms"]) == ["linux/amd64", "linux/arm64"]

    for platform, image in images.items():
        layout = nix.build(project.images, "web", platform=platform)
        inspected = json.loads(output(["skopeo", "inspect", f"oci:{layout}"]))
        assert inspected["Digest"] == image.digest
        assert inspected["Layers"] == [oci.digest(layer.data) for layer in image.layers]
        unpacked = _unpack(layout, "1.0", tmp_path / platform.replace("/", "-"))
        assert (unpacked / "etc/base").read_text() == "base"
        assert (unpacked / "arch").read_text() == platform


def test_the_host_platform_is_the_default(registry: Registry, project: Project, nix: Nix) -> None:
    images = [oci.image(BASE, platform=platform) for platform in ("linux/amd64", "linux/arm64")]
    registry.push("web:1", *images)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"')
    host = {"x86_64": images[0], "aarch64": images[1]}[os.uname().machine]
    assert _manifest_of(nix.build(project.images, "web")) == host.manifest


def test_a_platform_is_locked_and_built_whichever_of_its_names_is_asked_for(
    registry: Registry, project: Project, nix: Nix
) -> None:
    image = oci.image(BASE, platform="linux/amd64")
    registry.push("web:1", image)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"\nplatforms = ["linux/amd64/v1"]')
    for platform in ("linux/amd64", "linux/amd64/v1"):
        assert _manifest_of(nix.build(project.images, "web", platform=platform)) == image.manifest


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_podman_loads_the_stream_and_the_archive(
    compression: str, registry: Registry, project: Project, nix: Nix, podman: Podman
) -> None:
    image = oci.image(
        oci.layer({"etc/a": b"a" * 5000}, compression), oci.layer({"etc/b": b"b"}, compression)
    )
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    name = f"{registry.host}/acme/web:1.0"

    assert name in podman.load_stream(nix.build(project.images, "web", "stream"))
    _assert_loaded(podman, name, image)

    fresh = Podman()
    archive = nix.build(project.images, "web", "archive")
    assert archive.name.endswith(".tar")
    assert name in fresh.load(archive)
    _assert_loaded(fresh, name, image)
    fresh.close()

    inspected = json.loads(output(["skopeo", "inspect", f"docker-archive:{archive}"]))
    assert inspected["Architecture"] == "amd64"


def test_an_image_by_digest_is_loaded_under_a_tag_made_of_it(
    registry: Registry, project: Project, nix: Nix, podman: Podman
) -> None:
    image = oci.image(BASE)
    registry.push("web:1", image)
    project.update(f'[images.web]\nimage = "{registry.host}/web@{image.digest}"')
    podman.load_stream(nix.build(project.images, "web", "stream"))
    tag = image.digest.replace(":", "-")
    _assert_loaded(podman, f"{registry.host}/web:{tag}", image)


def test_locking_a_large_image_moves_no_layer(registry: Registry, project: Project) -> None:
    large = oci.layer({"large": os.urandom(200_000_000)}, "none")
    images = [oci.image(large, platform=platform) for platform in ("linux/amd64", "linux/arm64")]
    registry.push("large:1", *images)
    project.update(f'[images.large]\nimage = "{registry.host}/large:1"')
    assert sum(access.sent for access in registry.accesses()) < 20_000
    blobs = {line.rpartition("/")[2] for line in registry.asked() if "/blobs/" in line}
    assert blobs == {one.id for one in images}


def test_a_shared_layer_is_fetched_and_stored_once(
    registry: Registry, project: Project, nix: Nix
) -> None:
    one = oci.image(BASE, oci.layer({"etc/one": b"1"}), BASE)
    two = oci.image(BASE, oci.layer({"etc/two": b"2"}))
    registry.push("one:1", one)
    registry.push("two:1", two)
    project.update(f"""
        [images]
        one.image = "{registry.host}/one:1"
        two.image = "{registry.host}/two:1"
    """)
    nix.build(project.images, "one")
    nix.build(project.images, "two")
    blobs = {oci.digest(layer.data) for image in (one, two) for layer in image.layers}
    assert _layers_fetched(registry, blobs) == sorted(blobs)
    for blob in blobs:
        assert len(nix.paths(blob.replace(":", "-"))) == 1

    registry.push("one:1", oci.image(BASE, oci.layer({"etc/one": b"changed"}), BASE))
    project.run("update", "one")
    nix.build(project.images, "one")
    changed = oci.digest(oci.layer({"etc/one": b"changed"}).data)
    assert _layers_fetched(registry, {*blobs, changed}) == sorted({*blobs, changed})


def test_the_locked_image_is_built_after_its_tag_moved(
    registry: Registry, project: Project, nix: Nix
) -> None:
    locked = oci.image(BASE)
    registry.push("web:1", locked)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"')
    registry.push("web:1", oci.image(BASE, TOP))
    assert _manifest_of(nix.build(project.images, "web")) == locked.manifest


def test_a_blob_with_wrong_bytes_fails_the_build_and_leaves_nothing(
    registry: Registry, project: Project, nix: Nix
) -> None:
    image = oci.image(BASE, TOP)
    registry.push("web:1", image)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"')
    digest = oci.digest(TOP.data)
    wrong = bytes(reversed(TOP.data))
    registry.blob_file(digest).write_bytes(wrong)

    failed = nix.try_build(project.images, "web")

    assert failed.returncode != 0
    assert (
        f"nixfetch-docker: GET http://{registry.host}/v2/web/blobs/{digest}: "
        f"asked for {digest}, got {oci.digest(wrong)}; "
        "the registry, or something on the way, sends wrong bytes"
    ) in failed.stderr
    name = digest.replace(":", "-")
    assert nix.paths(name) == []
    assert [path for path in nix.store.iterdir() if "part" in path.name] == []


def test_the_values_of_an_image(registry: Registry, project: Project, nix: Nix) -> None:
    image = oci.image(BASE, TOP)
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    values = json.loads(
        nix.evaluate(f"""
            let image = (import {Path(__file__).parents[1]}/nix/images.nix {{
              file = {project.images};
            }}).web;
            in {{
              inherit (image) imageName imageTag imageDigest imageId;
              blobs = map (blob: blob.name) ([ image.manifest image.config ] ++ image.layers);
              renamed = (image.override {{ name = "localhost/web"; tag = "mine"; }}).imageName;
            }}
        """)
    )
    blobs = [image.digest, image.id, *(oci.digest(layer.data) for layer in image.layers)]
    assert values == {
        "imageName": f"{registry.host}/acme/web",
        "imageTag": "1.0",
        "imageDigest": image.digest,
        "imageId": image.id,
        "blobs": [blob.replace(":", "-") for blob in blobs],
        "renamed": "localhost/web",
    }


_LONG = f"{'.'.join(['a' * 63] * 4)}/{'b' * 200}"
_SHA256 = {digit: f"sha256-{digit * 64}" for digit in "02"}


@pytest.mark.parametrize(
    ("name", "archive"),
    [
        ("docker.io/acme/web:1", f"docker.io+acme+web++1+{_SHA256['0']}.tar"),
        ("docker.io/acme-web:1", f"docker.io+acme-web++1+{_SHA256['0']}.tar"),
        ("docker.io/acme/web-1:1", f"docker.io+acme+web-1++1+{_SHA256['0']}.tar"),
        ("docker.io:5000/acme/web:1", f"docker.io++5000+acme+web++1+{_SHA256['0']}.tar"),
        ("docker.io/acme/5000:1", f"docker.io+acme+5000++1+{_SHA256['0']}.tar"),
        # The tag of an image without one has the digest already.
        ("docker.io/acme/web:sha256-" + "0" * 64, f"docker.io+acme+web++{_SHA256['0']}.tar"),
        ("docker.io/acme/web:sha256-" + "2" * 64, None),
        ("docker.io/acme/web:sha256", None),
        (f"docker.io/{'b' * 120}:1", None),
        (f"{_LONG}:{'c' * 128}", None),
        (f"{_LONG}:{'c' * 127}d", None),
    ],
)
def test_no_two_images_have_an_archive_of_the_same_name(name: str, archive: str | None) -> None:
    # k3s and rke2 take a file of the same name, size and time for the one that they have imported:
    # the archives of ten images of one tag had one name, and most of them one size.
    found = _archive_names(name, ["sha256", "0" * 64], ["sha256", "2" * 64])
    assert len(set(found)) == 2
    assert archive is None or found[0] == archive
    for one, digit in zip(found, "02", strict=True):
        assert one.endswith(f"+{_SHA256[digit]}.tar")


def test_the_name_of_an_archive_has_the_digest_whatever_its_algorithm() -> None:
    for name in ("docker.io/acme/web:1", f"{_LONG}:{'c' * 128}"):
        found = _archive_names(name, ["sha512", "0" * 128], ["sha512", "2" * 128])
        assert len(set(found)) == 2
        assert all(f"+sha512-{digit * 64}" in one for one, digit in zip(found, "02", strict=True))


def test_names_that_differ_stay_apart_where_their_image_is_the_same() -> None:
    names = [f"{_LONG}:{'c' * 128}", f"{_LONG}:{'c' * 127}d", f"{_LONG}:1", "docker.io/a:1"]
    found = [_archive_names(name, ["sha256", "0" * 64])[0] for name in names]
    assert len(set(found)) == len(names)


def _archive_names(name: str, *digests: list[str]) -> list[str]:
    """The names of the archives of images that differ in the digest of their manifest."""
    repository, tag = name.rsplit(":", 1)
    manifests = " ".join(
        f'{{ {algorithm} = "{digest}"; size = 1; media-type = "a"; }}'
        for algorithm, digest in digests
    )
    found = evaluate(f"""
      let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        fetch = manifest: pkgs.fetchDocker {{
          repository = "docker.io/a";
          name = "{repository}";
          tag = "{tag}";
          inherit manifest;
          config = {{ sha256 = "{"1" * 64}"; size = 1; }};
          layers = [ ];
        }};
        # With the paths, because Nix refuses a name that is too long only there.
        of = image: {{
          inherit (image.archive) name;
          paths = [ image.archive.outPath image.stream.outPath ];
        }};
      in map (manifest: of (fetch manifest)) [ {manifests} ]
    """)
    return [one["name"] for one in found]


@pytest.mark.parametrize("form", ["archive", "stream"])
def test_an_archive_and_a_stream_stand_in_for_what_pull_image_makes(
    form: str, registry: Registry, project: Project
) -> None:
    image = oci.image(BASE)
    registry.push("acme/web:1.0", image)
    project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1.0"')
    expression = f"""
      let
        image = (import {REPOSITORY}/tests/nix/images.nix {{ file = {project.images}; }}).web;
        of = one: {{ inherit (one) imageName imageTag imageDigest imageId destNameTag; }};
        renamed = image.override {{ name = "localhost/mine"; tag = "2"; }};
      in map of [ image image.{form} renamed.{form} ]
    """
    name = f"{registry.host}/acme/web"
    expected = {
        "imageName": name,
        "imageTag": "1.0",
        "destNameTag": f"{name}:1.0",
        "imageDigest": image.digest,
        "imageId": image.id,
    }
    mine = {"imageName": "localhost/mine", "imageTag": "2", "destNameTag": "localhost/mine:2"}
    assert evaluate(expression) == [expected, expected, expected | mine]


def _unpack(layout: Path, tag: str, directory: Path) -> Path:
    """The root file system that umoci makes of an image."""
    copy = directory / "layout"
    shutil.copytree(layout, copy)
    output(["umoci", "unpack", "--image", f"{copy}:{tag}", directory / "bundle"])
    return directory / "bundle/rootfs"


def _manifest_of(layout: Path) -> bytes:
    index = json.loads((layout / "index.json").read_text())
    digest: str = index["manifests"][0]["digest"].replace(":", "/")
    return (layout / "blobs" / digest).read_bytes()


def _assert_loaded(podman: Podman, name: str, image: oci.Image) -> None:
    loaded = podman.inspect(name)
    assert f"sha256:{loaded['Id']}" == image.id
    assert loaded["Digest"] == image.digest
    assert loaded["RepoTags"] == [name]


def _layers_fetched(registry: Registry, blobs: set[str]) -> list[str]:
    asked = [re.search(r"/blobs/(\S+)$", line) for line in registry.asked()]
    return sorted(match[1] for match in asked if match and match[1] in blobs)
