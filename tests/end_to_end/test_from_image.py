"""`image.dockerArchive`, as nixpkgs' dockerTools read it, and the images that they make of it.

The functions here take the steps of pkgs/build-support/docker in nixpkgs. DOCKER_TOOLS names that
directory, for a test with nixpkgs' own scripts.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.busybox import busybox, printing
from support.command import Project
from support.docker import Docker
from support.nix import REPOSITORY, Nix
from support.nix import evaluate as nix_value
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

DOCKER_TOOLS = os.environ.get("DOCKER_TOOLS")

# A layer of each kind, and one that occurs twice.
_TWICE = oci.layer({"etc/twice": b"twice"})
LAYERS = (
    busybox(),
    oci.layer({"etc/zstd": bytes(5000)}, "zstd"),
    oci.layer({"etc/plain": b"plain"}, "none"),
    _TWICE,
    oci.layer({"etc/twice": b"another"}),
    _TWICE,
)
_COMMAND = ["/bin/busybox", "cat", "/etc/twice", "/etc/plain", "/etc/new"]


class Base:
    """The image `web` and the archives of it."""

    def __init__(self, registry: Registry, project: Project, nix: Nix) -> None:
        image = oci.image(*LAYERS, command=_COMMAND)
        registry.push("acme/web:1.0", image)
        registry.push("acme/other:1.0", printing("other"))
        project.update(
            f'[images]\nweb.image = "{registry.host}/acme/web:1.0"\n'
            f'other.image = "{registry.host}/acme/other:1.0"'
        )
        self.name = f"{registry.host}/acme/web:1.0"
        self.other = f"{registry.host}/acme/other:1.0"
        self.image = image
        self.archive = nix.build(project.images, "web", "dockerArchive")
        self.others_archive = nix.build(project.images, "other", "dockerArchive")


@pytest.fixture
def base(registry: Registry, project: Project, nix: Nix) -> Base:
    return Base(registry, project, nix)


@pytest.fixture(params=["podman", "docker"])
def engine(request: pytest.FixtureRequest) -> Podman | Docker:
    made: Podman | Docker = request.getfixturevalue(request.param)
    return made


def load(engine: Podman | Docker, archive: Path) -> None:
    """`docker load`, or `podman load` of the tar: podman 4.3 reads none that is compressed."""
    if isinstance(engine, Podman):
        engine.load_stream("gzip", "-dcf", archive)
    else:
        engine.load(archive)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _new_layer(directory: Path) -> Path:
    """A layer as nixpkgs makes it: a directory with layer.tar."""
    directory.mkdir()
    entry = tarfile.TarInfo("etc/new")
    entry.size = 3
    with tarfile.open(directory / "layer.tar", "w") as tar:
        tar.addfile(entry, io.BytesIO(b"new"))
    return directory


def build_image(archive: Path, name: str, work: Path) -> Path:
    """The steps of buildImage with fromImage: unpack, add a layer, describe all anew, pack."""
    image = work / "image"
    image.mkdir()
    output(["tar", "-C", image, "-xpf", archive])
    (first, *_) = json.loads((image / "manifest.json").read_text())
    config = json.loads((image / first["Config"]).read_text())
    for file in image.glob("*.json"):
        file.unlink()
    # It lists what each layer has, to leave that out of the new one.
    files = [output(["tar", "-tf", layer]) for layer in image.glob("*/layer.tar")]
    assert len(files) == len(set(first["Layers"]))
    new = _new_layer(work / "new")
    layer = f"{_digest(new / 'layer.tar')}/layer.tar"
    new.rename(image / Path(layer).parent)

    layers = [*first["Layers"], layer]
    made = {
        "architecture": config["architecture"],
        "os": "linux",
        "config": {"Env": config["config"].get("Env") or [], "Cmd": _COMMAND},
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{_digest(image / one)}" for one in layers],
        },
    }
    return _packed(image, made, name, layers, work / "built.tar.gz")


def stream_layered_image(archive: Path, name: str, work: Path) -> Path:
    """The steps of streamLayeredImage with fromImage: copy the members of the layers, add one."""
    new = _new_layer(work / "new") / "layer.tar"
    written = work / "streamed.tar"
    with tarfile.open(archive) as read, written.open("wb") as file:
        manifest = json.load(_member(read, "manifest.json"))
        config = json.load(_member(read, manifest[0]["Config"]))
        with tarfile.open(mode="w|", fileobj=file) as tar:
            for path in manifest[0]["Layers"]:
                found = read.getmember(path)
                assert found.isreg()
                tar.addfile(found, read.extractfile(found))
            layer = f"{_digest(new)}/layer.tar"
            tar.add(new, layer)
            made = {
                "architecture": config["architecture"],
                "os": "linux",
                "config": {**config["config"], "Cmd": _COMMAND},
                "rootfs": {
                    "type": "layers",
                    "diff_ids": [*config["rootfs"]["diff_ids"], f"sha256:{_digest(new)}"],
                },
            }
            text = json.dumps(made).encode()
            path = f"{hashlib.sha256(text).hexdigest()}.json"
            layers = [*manifest[0]["Layers"], layer]
            _add(tar, path, text)
            described = [{"Config": path, "RepoTags": [name], "Layers": layers}]
            _add(tar, "manifest.json", json.dumps(described).encode())
    return written


def _member(tar: tarfile.TarFile, name: str) -> Any:
    found = tar.extractfile(tar.getmember(name))
    assert found is not None
    return found


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _packed(image: Path, config: Any, name: str, layers: Sequence[str], archive: Path) -> Path:
    text = json.dumps(config)
    file = f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    (image / file).write_text(text)
    manifest = [{"Config": file, "RepoTags": [name], "Layers": layers}]
    (image / "manifest.json").write_text(json.dumps(manifest))
    _pack(image, archive)
    return archive


def _pack(image: Path, archive: Path) -> None:
    names = sorted(file.name for file in image.iterdir())
    output(["tar", "-C", image, "-czf", archive, "--sort=name", *names])


def merge_images(archives: Sequence[Path], work: Path) -> Path:
    """The steps of mergeImages, which takes an archive that gzip compressed, and no other."""
    image = work / "image"
    image.mkdir(parents=True)
    manifest = []
    for number, archive in enumerate(archives):
        directory = work / str(number)
        directory.mkdir()
        with gzip.open(archive) as file:
            output(["tar", "-C", directory, "-xf", "-"], data=file.read())
        manifest += json.loads((directory / "manifest.json").read_text())
        for found in directory.iterdir():
            output(["cp", "-R", "--no-clobber", found, image])
    (image / "manifest.json").write_text(json.dumps(manifest))
    merged = work / "merged.tar.gz"
    _pack(image, merged)
    return merged


@pytest.mark.parametrize("steps", [build_image, stream_layered_image])
def test_an_engine_runs_what_is_built_on_the_image(
    steps: Callable[[Path, str, Path], Path], base: Base, engine: Podman | Docker, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    load(engine, steps(base.archive, "localhost/built:1", work))
    assert engine.run("localhost/built:1") == "twiceplainnew"


def test_an_engine_loads_merged_images(base: Base, engine: Podman | Docker, tmp_path: Path) -> None:
    merged = merge_images([base.archive, base.others_archive], tmp_path / "work")
    load(engine, merged)
    assert engine.run(base.other) == "other"
    assert engine.inspect(base.name)["Id"].removeprefix("sha256:") == base.image.id[7:]


def test_an_engine_loads_the_archive_itself_as_the_image_that_it_is(
    base: Base, engine: Podman | Docker
) -> None:
    load(engine, base.archive)
    found = engine.inspect(base.name)
    assert found["Id"].removeprefix("sha256:") == base.image.id.removeprefix("sha256:")
    assert found["RepoTags"] == [base.name]


def test_the_archive_has_what_nixpkgs_look_for_and_nothing_else(base: Base) -> None:
    with tarfile.open(base.archive) as tar:
        members = tar.getmembers()
        config = f"{base.image.id.removeprefix('sha256:')}.json"
        layers = {
            f"{oci.digest(layer.data).removeprefix('sha256:')}/layer.tar": layer
            for layer in base.image.layers
        }
        assert [member.name for member in members] == ["manifest.json", config, *sorted(layers)]
        for member in members:
            assert member.isreg()
            assert (member.mtime, member.uid, member.gid, member.mode) == (1, 0, 0, 0o644)
        (image,) = json.load(_member(tar, "manifest.json"))
        for path, layer in layers.items():
            assert oci.digest(_member(tar, path).read()) == layer.diff_id
    of_all = [oci.digest(layer.data)[7:] + "/layer.tar" for layer in base.image.layers]
    assert image == {"Config": config, "RepoTags": [base.name], "Layers": of_all}


def test_two_builds_are_the_same_bytes_and_the_archive_names_the_image(
    base: Base, project: Project, nix: Nix
) -> None:
    digest = base.image.digest.replace(":", "-")
    assert base.archive.name.endswith(f"+acme+web++1.0+{digest}.tar.gz")
    check: list[str | Path] = ["nix-build", "--check", "--no-out-link", nix.images]
    output([*check, "--arg", "file", project.images, "-A", "web.dockerArchive"], env=nix.env)


@pytest.mark.skipif(DOCKER_TOOLS is None, reason="needs nixpkgs' scripts: set DOCKER_TOOLS")
@pytest.mark.parametrize("tool", ["buildImage", "streamLayeredImage", "mergeImages"])
def test_the_scripts_of_nixpkgs_read_the_archive(
    tool: str, base: Base, docker: Docker, podman: Podman, tmp_path: Path
) -> None:
    made = {
        "buildImage": _by_nixpkgs_build_image,
        "streamLayeredImage": _by_nixpkgs_stream,
        "mergeImages": _by_nixpkgs_merge_images,
    }[tool](base, tmp_path)
    for engine in (docker, podman):
        load(engine, made)
        if tool == "mergeImages":
            assert engine.run(base.other) == "other"
        else:
            assert engine.run("localhost/built:1") == "twiceplainnew"


def _by_nixpkgs_stream(base: Base, work: Path) -> Path:
    layer = _new_layer(work / "customisation")
    (layer / "checksum").write_text(_digest(layer / "layer.tar"))
    conf = work / "conf.json"
    described = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": _COMMAND},
        "created": "1970-01-01T00:00:01+00:00",
        "mtime": "1970-01-01T00:00:01+00:00",
        "uid": "0",
        "gid": "0",
        "uname": "root",
        "gname": "root",
        "store_dir": "/nix/store",
        "store_layers": [],
        "from_image": str(base.archive),
        "customisation_layer": str(layer),
        "repo_tag": "localhost/built:1",
    }
    conf.write_text(json.dumps(described))
    streamed = work / "streamed.tar"
    with streamed.open("wb") as file:
        script = f"{DOCKER_TOOLS}/stream_layered_image.py"
        subprocess.run([sys.executable, script, str(conf)], stdout=file, check=True)
    return streamed


def _build_command(value: str) -> str:
    """The commands of a derivation of dockerTools, whose other arguments are not evaluated."""
    expression = f"""
      let
        pkgs = import {REPOSITORY}/tests/nix/host-pkgs.nix;
        file = import {DOCKER_TOOLS}/default.nix;
        names = builtins.functionArgs file;
        none = builtins.mapAttrs (name: _: "/none/${{name}}") names;
        tools = file (none // builtins.intersectAttrs names {{
          inherit (pkgs) lib runCommand runtimeShell writeText writeScript stdenv;
          writeReferencesToFile = _: "/none/closure";
          writeClosure = _: "/none/closure";
          callPackage = _: _: {{ }};
          go.GOARCH = "amd64";
          symlinkJoin = pkgs.symlinkJoin;
        }});
      in ({value}).buildCommand
    """
    found: str = nix_value(expression)
    return found


def _run_commands(commands: str, work: Path, **variables: str) -> Path:
    built = work / "built"
    env = {
        "PATH": os.environ["PATH"],
        "SOURCE_DATE_EPOCH": "1",
        "NIX_BUILD_CORES": "1",
        "out": str(built),
        **variables,
    }
    directory = work / "build"
    directory.mkdir()
    done = run(["bash", "-euc", commands], env=env, cwd=directory)
    assert done.returncode == 0, done.stderr
    return built


def _by_nixpkgs_build_image(base: Base, work: Path) -> Path:
    commands = _build_command(
        'tools.buildImage { name = "localhost/built"; tag = "1"; fromImage = "/none"; }'
    )
    layer = _new_layer(work / "layer")
    (layer / "json").write_text('{"architecture": "amd64", "os": "linux"}')
    (layer / "VERSION").write_text("1.0")
    configuration = work / "base.json"
    described = {
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:01Z",
        "config": {"Cmd": _COMMAND, "Env": []},
    }
    configuration.write_text(json.dumps(described))
    closure = work / "closure"
    closure.write_text("")
    commands = re.sub(r"/\S+-docker-layer-built", str(layer), commands)
    commands = re.sub(r"/\S+-built-config.json", str(configuration), commands)
    # Its list of the layer's files is empty.
    return _run_commands(
        "touch layerFiles\nparentID=\n" + commands.replace("/none/closure", str(closure)),
        work,
        fromImage=str(base.archive),
        imageName="localhost/built",
        imageTag="1",
        baseJson=str(configuration),
        layerClosure=str(closure),
        fromImageName="",
        fromImageTag="",
    )


def _by_nixpkgs_merge_images(base: Base, work: Path) -> Path:
    commands = _build_command('tools.mergeImages [ "/none" ]')
    # coreutils before 9.3 have the older name alone.
    commands = commands.replace("--update=none", "--no-clobber")
    return _run_commands(commands, work, images=f"{base.archive} {base.others_archive}")
