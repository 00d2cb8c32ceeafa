"""Rows of what moves bytes: one blob, a prefetch, an image in a file, and the stream of one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from support.command import PROGRAM
from support.nix import Nix
from support.registry import Registry

from . import images
from .images import MB
from .measure import Work, compare, growth

# The least Python that fetches, hashes and renames, with the TLS that any registry may need.
LEAST = """
import hashlib, http.client, os, ssl, sys
host, path, digest, output = sys.argv[1:]
ssl.create_default_context()
connection = http.client.HTTPConnection(host)
connection.request("GET", path)
answer = connection.getresponse()
hasher, buffer = hashlib.sha256(), memoryview(bytearray(1 << 18))
with open(output + ".part", "wb") as file:
    while size := answer.readinto(buffer):
        hasher.update(buffer[:size])
        file.write(buffer[:size])
assert "sha256:" + hasher.hexdigest() == digest
os.replace(output + ".part", output)
"""
SIZES = (1, 10, 100, 1000, 2000)


class Blobs:
    """The rows; `nix` has a store that `prefetch` fills, `runs` is how often each is run."""

    def __init__(self, registry: Registry, directory: Path, nix: Nix, runs: int) -> None:
        self._registry = registry
        self._directory = directory
        self._nix = nix
        self._runs = runs

    def small(self) -> None:
        """Row of one small blob, which is what a build starts a process for."""
        digest = images.blob(self._registry, "blobs", 2000)
        least = [sys.executable, "-c", LEAST, self._registry.host, _path(digest), digest, "least"]
        self._row(
            "`fetch-blob` of 2 kB",
            "the least Python that fetches, hashes, renames",
            "cpu ≤ 1.3",
            self._work(*self._fetch(digest, 2000)),
            self._work(*least),
        )

    def large(self) -> None:
        """Rows of 600 MB: one blob, and an image in a file."""
        ((digest, size),) = images.of_layers(self._registry, "large:1", 1, 600 * MB).items()
        url = f"http://{self._registry.host}{_path(digest, 'large')}"
        curl = f"curl -sfo curled {url} && openssl dgst -sha256 curled"
        ours = self._work(*self._fetch(digest, size, "large"))
        name, theirs = "`fetch-blob` of 600 MB, verified", self._work("sh", "-c", curl)
        self._row(name, "`curl`, then `openssl dgst`", "≤ 0.8, ≤ 1", ours, theirs)
        reference = f"{self._registry.host}/large:1"
        copy = ["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false"]
        copy += [f"docker://{reference}", "docker-archive:copied.tar:large:1"]
        ours = self._work(PROGRAM, "image", reference, "-o", "ours.tar", removed="ours.tar")
        # skopeo adds to an archive that is there.
        theirs = self._work(*copy, removed="copied.tar")
        name = "`image` of 600 MB into a tar"
        self._row(name, "`skopeo copy docker-archive:`", "wall ≤ 0.4", ours, theirs)

    def prefetch(self) -> None:
        """Row of `prefetch` of 1.5 GB in twelve layers into a store that lacks them."""
        images.of_layers(self._registry, "twelve:1", 12, 125 * MB)
        project = images.project(self._directory / "prefetch", self._registry, "twelve:1")
        env = {**self._nix.env, "HOME": str(project)}
        Work(command=[PROGRAM, "update"], env=env, cwd=project).run()
        copy = "skopeo --insecure-policy copy --src-tls-verify=false"
        copy += f" docker://{self._registry.host}/twelve:1 dir:copied"
        add = f"{copy} && nix-store --add-fixed sha256 copied/*"
        works = (
            Work(command=["sh", "-c", line], env=env, cwd=project, before=self._empty)
            for line in (f"exec {PROGRAM} prefetch", add)
        )
        name, theirs = "`prefetch` of 1.5 GB", "`skopeo copy dir:`, then `nix-store --add-fixed`"
        self._row(name, theirs, "≤ 0.5, ≤ 0.6", *works)

    def grow(self) -> None:
        """Row of `fetch-blob` of more and more bytes; its last peak is that of 2 GB."""
        works = {
            f"{size} MB": self._work(
                *self._fetch(images.blob(self._registry, "blobs", size * MB), size * MB)
            )
            for size in SIZES
        }
        growth("`fetch-blob`", works, max(self._runs // 3, 1))

    def _empty(self) -> None:
        """Empty the store of the blobs that a run has put there."""
        for path in self._nix.store.iterdir():
            if path.is_file() and path.stat().st_size >= MB:
                self._nix.output(["nix-store", "--delete", path])
        for left in (".cache", "copied"):
            shutil.rmtree(self._directory / "prefetch" / left, ignore_errors=True)

    def _fetch(self, digest: str, size: int, repository: str = "blobs") -> list[str | Path]:
        place = f"{self._registry.host}/{repository}"
        return [PROGRAM, "fetch-blob", place, digest, "--size", str(size), "--output", "ours"]

    def _work(self, *command: str | Path, removed: str = "") -> Work:
        env = {"PATH": self._nix.env["PATH"], "HOME": str(self._directory)}

        def remove() -> None:
            if removed:
                (self._directory / removed).unlink(missing_ok=True)

        return Work(command=command, env=env, cwd=self._directory, before=remove)

    def _row(self, name: str, theirs: str, asked: str, *works: Work) -> None:
        compare(name, theirs, asked, works, self._runs)


def _path(digest: str, repository: str = "blobs") -> str:
    return f"/v2/{repository}/blobs/{digest}"
