"""Rows of what Nix does: builds of layers, the stream of an image, and evaluation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from support.command import PROGRAM
from support.nix import REPOSITORY, Nix
from support.registry import Registry

from . import images
from .images import MB
from .measure import Work, compare, growth

LAYERS = (1, 4, 16, 64, 128)
FLEETS = (1, 10, 100, 1000)
_LAYERS_EACH = 20
# Fixed-output derivations with the outputs of ours, which curl builds.
CURL = """{{ host, repository, layers }}:
map (
  hex:
  derivation {{
    name = "sha256-${{hex}}";
    system = builtins.currentSystem;
    builder = "/usr/bin/curl";
    args = [
      "-sfo"
      (builtins.placeholder "out")
      "http://${{host}}/v2/${{repository}}/blobs/sha256:${{hex}}"
    ];
    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = hex;
  }}
) layers
""".replace("{{", "{").replace("}}", "}")


class Builds:
    """The rows; `nix` builds them, `runs` is how often each is run."""

    def __init__(self, registry: Registry, directory: Path, nix: Nix, runs: int) -> None:
        self._registry = registry
        self._directory = directory
        self._nix = nix
        self._runs = runs

    def layers(self) -> None:
        """Rows of twelve layers, small and large, two at once."""
        for name, size, asked in (
            ("12 layers of 2 kB", 2000, "≤ 2.2, ≤ 4"),
            ("1.5 GB in 12 layers", 125 * MB, "≤ 1.15, ≤ 1.2"),
        ):
            works = self._builds(f"twelve-{size}", 12, size)
            compare(f"build of {name}, -j2", "`curl` as the builder", asked, works, self._runs)

    def grow(self) -> None:
        """Rows of builds of more and more layers of 2 kB, ours and theirs."""
        pairs = {n: self._builds(f"layers-{n}", n, 2000) for n in LAYERS}
        few = max(self._runs // 3, 1)
        growth("build of layers", {f"{n}": ours for n, (ours, _) in pairs.items()}, few)
        growth("the same by `curl`", {f"{n}": theirs for n, (_, theirs) in pairs.items()}, few)

    def stream(self) -> None:
        """Row of the stream of an image of 200 MB, as an engine reads it: through a pipe."""
        project, layers = self._project("stream", 4, 50 * MB)
        stream = self._nix.build(project / "images.toml", "i0", "stream")
        blobs = " ".join(str(self._blob(digest)) for digest in layers)
        lines = [f"{command} | cat > /dev/null" for command in (stream, f"cat {blobs}")]
        works = [Work(command=["sh", "-c", one], env=self._nix.env, cwd=project) for one in lines]
        compare("stream of 200 MB", "`cat` of its blobs", "≤ 1", works, 3 * self._runs)

    def evaluation(self) -> None:
        """Rows of evaluation of one image and of all, in locks of more and more images."""
        one, every = {}, {}
        for count in FLEETS:
            directory = self._directory / f"evaluation-{count}"
            directory.mkdir()
            write_lock(directory, count)
            locked = f"""((import {REPOSITORY}/tests/nix/host-pkgs.nix).fetchDockerImages {{
                file = {directory}/images.toml; platform = "linux/amd64"; }})"""
            one[f"{count}"] = self._evaluate(f"{locked}.web-0.drvPath")
            every[f"{count}"] = self._evaluate(
                f"map (image: image.drvPath) (builtins.attrValues {locked})"
            )
        few = max(self._runs // 3, 1)
        growth("evaluation of one image of a lock", one, few)
        growth("evaluation of all", every, few)

    def _evaluate(self, expression: str) -> Work:
        options = ["--eval", "--strict", "--readonly-mode", "-E"]
        command = ["nix-instantiate", *options, expression]
        return Work(command=command, env=self._nix.env, cwd=self._directory)

    def _builds(self, name: str, count: int, size: int) -> tuple[Work, Work]:
        """Builds of the layers of an image, by us and by curl, into a store that lacks them."""
        project, layers = self._project(name, count, size)
        ours = self._instantiated(
            f"(import {self._nix.images} {{ file = {project}/images.toml; }}).i0.layers"
        )
        (project / "curl.nix").write_text(CURL)
        hexes = json.dumps([digest.removeprefix("sha256:") for digest in layers])
        theirs = self._instantiated(
            f"import {project}/curl.nix {{ host = {json.dumps(self._registry.host)}; "
            f"repository = {json.dumps(name)}; layers = builtins.fromJSON {json.dumps(hexes)}; }}"
        )
        # The program itself and what it is built with.
        self._realise(ours).run()

        def empty() -> None:
            paths = [path for path in map(self._find, layers) if path is not None]
            if paths:
                self._nix.output(["nix-store", "--delete", *paths])

        return self._realise(ours, empty), self._realise(theirs, empty)

    def _instantiated(self, layers: str) -> list[str]:
        """The derivations of an expression's list of layers."""
        words = ["--eval", "--strict", "--json", "--read-write-mode", "-E"]
        paths = f"map (layer: layer.drvPath) ({layers})"
        found: list[str] = json.loads(self._nix.output(["nix-instantiate", *words, paths]))
        return found

    def _realise(
        self, derivations: Sequence[str], before: Callable[[], None] = lambda: None
    ) -> Work:
        command = ["nix-store", "--realise", "-j2", *derivations]
        return Work(command=command, env=self._nix.env, cwd=self._directory, before=before)

    def _project(self, name: str, count: int, size: int) -> tuple[Path, dict[str, int]]:
        """A locked image of its own with so many layers; the layers."""
        layers = images.of_layers(self._registry, f"{name}:1", count, size)
        project = images.project(self._directory / name, self._registry, f"{name}:1")
        # Not with what update puts into the store, which a build would not fetch then.
        env = {**self._nix.env, "HOME": str(project), "NIX_REMOTE": "unix:///nowhere/socket"}
        Work(command=[PROGRAM, "update"], env=env, cwd=project).run()
        return project, layers

    def _find(self, digest: str) -> Path | None:
        return next(iter(self._nix.paths(digest.replace(":", "-"))), None)

    def _blob(self, digest: str) -> Path:
        found = self._find(digest)
        assert found is not None
        return found


def write_lock(directory: Path, count: int) -> None:
    """Write images.toml and a lock of so many images of twenty layers, which no registry has."""

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    listed = ["[images]"]
    lock = ["version = 1"]
    for n in range(count):
        name = f"registry.example.org/acme/web-{n}"
        request = f'image = "{name}:1"'
        listed.append(f"web-{n}.{request}")
        layers = (
            f'{{ sha256 = "{sha256(f"{n} {k}")}", size = {1000 + k} }},'
            for k in range(_LAYERS_EACH)
        )
        lock += [
            f"[images.web-{n}]",
            f"request = {{ {request} }}",
            f'repository = "{name}"',
            'tag = "1"',
            f'digest = "sha256:{sha256(f"index {n}")}"',
            f'[images.web-{n}.platforms."linux/amd64"]',
            f'manifest = {{ sha256 = "{sha256(f"manifest {n}")}", size = 1500, '
            'media-type = "application/vnd.oci.image.manifest.v1+json" }',
            f'config = {{ sha256 = "{sha256(f"config {n}")}", size = 6000 }}',
            "layers = [",
            *layers,
            "]",
        ]
    (directory / "images.toml").write_text("\n".join(listed))
    (directory / "images.lock.toml").write_text("\n".join(lock))
