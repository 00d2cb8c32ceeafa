"""Images that podman runs from a store, with layers that it mounts; and what of it Nix builds."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from support import hard_layers, oci, overlay_podman
from support.busybox import printing
from support.command import PROGRAM, Project
from support.layer_tar import (
    HARD_LINK,
    SYMBOLIC_LINK,
    entry,
    tar,
    xattr,
)
from support.nix import REPOSITORY, Nix
from support.process import run
from support.registry import Registry

pytestmark = pytest.mark.skipif(
    overlay_podman.missing() is not None,
    reason=f"{overlay_podman.missing()}; run `make test-current-nix`",
)


@pytest.fixture
def hard(tmp_path: Path) -> oci.Image:
    """An image with all that is hard to unpack, in layers of each compression, and in many."""
    return oci.image(*hard_layers.layers(tmp_path), *[oci.layer({"many": b"many"})] * 95)


def _build(nix: Nix, project: Project, *attributes: str) -> list[str]:
    """Build attributes of the stores of all images of a lock, by their compression."""
    expression = f"""
      let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        images = builtins.attrValues (pkgs.fetchDockerImages {project.images});
      in
      builtins.listToAttrs (map (name: {{
        inherit name;
        value = pkgs.dockerImageStore {{ inherit images; compression = name; }};
      }}) [ "zstd" "lz4" "none" ])
    """
    built = nix.output(["nix-build", "--no-out-link", "-E", expression, *attributes])
    return built.split()


def _without_times_of_unpacking(files: dict[str, Any], start: float) -> dict[str, Any]:
    """A listing with 1970 for the times of directories that podman made for want of an entry."""
    return {
        name: {**file, "time": 0}
        if file["mode"].startswith("0o40") and file["time"] >= start * 10**9
        else file
        for name, file in files.items()
    }


def test_a_mounted_image_has_the_files_of_an_unpacked_one(
    hard: oci.Image, registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    registry.push("acme/hard:1.0", hard)
    name = f"{registry.host}/acme/hard:1.0"
    project.update(f'[images.hard]\nimage = "{name}"')
    stores = {name: Path(*_build(nix, project, "-A", name)) for name in ("zstd", "lz4", "none")}
    oci.write_layout(tmp_path / "layout", [hard])
    start = time.time()
    lines = 'p pull --quiet "oci:$1" > image; list "$(cat image)"'
    unpacked = overlay_podman.listed(tmp_path, lines, tmp_path / "layout")
    expected = _without_times_of_unpacking(unpacked, start)
    assert len(expected) > 60

    for compression, store in stores.items():
        mounted = overlay_podman.listed(tmp_path, 'list "$1"', name, stores=[store])
        # The container's own directory.
        assert mounted.pop(".")["mode"] == "0o40555"
        assert mounted.keys() == expected.keys() - {"."}
        for path, file in mounted.items():
            assert file == expected[path], f"{path} ({compression})"

        # It is built bit by bit the same; the layer that is there 95 times is built once.
        layers = _build(nix, project, "-A", f"{compression}.layers")
        assert len(layers) == len({one.diff_id for one in hard.layers})
        again = ["--check", "-A", compression, "-A", f"{compression}.layers"]
        assert set(_build(nix, project, *again)) == {str(store), *layers}


# Layers; whether podman unpacks each, and whether a file system is made of it.
_DISPUTED = {
    "removed": ([entry("a"), entry(".wh.a")], False, False),
    "removed twice": ([entry(".wh.a"), entry(".wh.a")], False, False),
    "below a file": ([entry("a"), entry("a/b")], False, False),
    "below a dangling link": ([entry("l", SYMBOLIC_LINK, link="u"), entry("l/x")], False, False),
    "hard link to a later file": ([entry("b", HARD_LINK, link="a"), entry("a")], False, False),
    "hard link to another layer": ([entry("b", HARD_LINK, link="bin/su")], False, False),
    "contiguous": ([entry("a", tarfile.CONTTYPE)], False, False),
    "attribute of a link": (
        [entry("l", SYMBOLIC_LINK, link="x", records=xattr("user.a", "31"))],
        False,
        False,
    ),
    "long name": ([entry("n" * 256)], False, False),
    # docker takes these: the last entry counts.
    "twice": ([entry("a"), entry("a")], False, True),
    # mkfs.erofs cannot be told these.
    "hard link with another mode": (
        [entry("a"), entry("b", HARD_LINK, link="a", mode=0o600)],
        True,
        False,
    ),
    "attribute of overlayfs": (
        [entry("a", records=xattr("trusted.overlay.metacopy", ""))],
        True,
        False,
    ),
    "directory like a whiteout": ([entry(".wh..wh.plnk/a")], True, False),
}


def test_what_podman_refuses_is_refused_and_little_else(tmp_path: Path) -> None:
    images = [
        oci.image(oci.packed(tar(entry("bin/su"))), oci.packed(tar(*entries)))
        for entries, _, _ in _DISPUTED.values()
    ]
    by_podman = []
    by_us = []
    for number, image in enumerate(images):
        oci.write_layout(tmp_path / f"layout{number}", [image])
        (tmp_path / "layer").write_bytes(image.layers[1].data)
        done = run([PROGRAM, "erofs-tar", tmp_path / "layer", tmp_path / "facts"])
        assert done.returncode in {0, 1}
        assert done.returncode == 0 or done.stderr.startswith("nixfetch-docker: layer: "), (
            done.stderr
        )
        by_us.append(done.returncode == 0)
    lines = """
      for layout; do
        if p pull --quiet "oci:$layout" > /dev/null 2>&1; then echo yes; else echo no; fi
      done
    """
    layouts = [tmp_path / f"layout{number}" for number in range(len(images))]
    done = overlay_podman.script(tmp_path, lines, *layouts)
    by_podman = [line == "yes" for line in done.stdout.split()]
    found = dict(zip(_DISPUTED, zip(by_podman, by_us, strict=True), strict=True))
    assert found == {name: (podman, ours) for name, (_, podman, ours) in _DISPUTED.items()}


def test_a_container_of_a_stored_image_runs_and_a_broken_layer_is_an_error(
    registry: Registry, project: Project, nix: Nix, tmp_path: Path
) -> None:
    image = printing("hello from the store\n")
    digest = registry.push("acme/web:1.0", image)
    name = f"{registry.host}/acme/web:1.0"
    bad = registry.push("acme/bad:1.0", oci.image(oci.packed(tar(entry("a"), entry(".wh.a")))))
    project.update(f'[images]\nweb.image = "{name}"\nbad.image = "{registry.host}/acme/bad@{bad}"')
    refused = nix.try_build(project.images, "bad", "store")
    assert refused.returncode != 0
    assert "sha256-" in refused.stderr
    assert "'.wh.a' removes what the same layer has; load the image instead" in refused.stderr

    store = nix.build(project.images, "web", "store")
    (top,) = nix.paths(f"erofs-{oci.digest(image.layers[-1].data).replace(':', '-')}")
    lines = """
      p images --no-trunc --digests --format '{{.Repository}}:{{.Tag}} {{.Digest}} {{.ID}}'
      container "$1"
      container --uidmap=0:100000:65536 "$1"
      # The layer is away, and then changed where it says what it is.
      mount -t tmpfs tmpfs "$2"
      container "$1" || echo "$?"
      cp "$3" "$2/layer.erofs"
      printf x | dd of="$2/layer.erofs" bs=1 seek=1056 conv=notrunc status=none
      container "$1" || echo "$?"
      umount "$2"
      container "$1"
    """
    (tmp_path / "copy").write_bytes((top / "layer.erofs").read_bytes())
    done = overlay_podman.script(tmp_path, lines, name, top, tmp_path / "copy", stores=[store])
    assert done.returncode == 0, done.stderr
    hello = "hello from the store"
    first = f"{name} {digest} {image.id}"
    assert done.stdout.splitlines() == [first, hello, hello, "127", "126", hello]
    gone, broken = done.stderr.splitlines()
    assert gone.endswith("composefs-data/composefs.blob: no such file or directory")
    assert broken.endswith("failed to create erofs filesystem: bad message")
