"""`prefetch` into one Nix store, or into two at once from one directory of downloads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..command import Project
from ..faults.registry import FaultRegistry
from ..nix import Nix
from ..oci import Image, digest
from ..process import output, run
from .cases import Case
from .runs import Command, Ended, finish
from .world import World


class Prefetching(Case):
    """A `prefetch` for each of the stores at once; downloads that are broken off are resumed."""

    def __init__(
        self,
        name: str,
        project: Project,
        stores: Sequence[Nix],
        image: Image,
        registry: FaultRegistry | None = None,
    ) -> None:
        """The project has locked the image, which none of the stores has."""
        self._cache = project.home / ".cache/nixfetch-docker/prefetch"
        self._cache.mkdir(parents=True, exist_ok=True)
        super().__init__(
            name,
            project,
            ["prefetch", "--all-platforms"],
            registry=registry,
            world=World(project.directory, self._cache),
        )
        self._stores = stores
        self._blobs = {
            digest(data).replace(":", "-"): data
            for data in [image.manifest, image.config, *(one.data for one in image.layers)]
        }
        self.commands = [self._in(nix) for nix in stores]

    def _in(self, nix: Nix) -> Command:
        env = {**self.env, **nix.env, "HOME": str(self.project.home), "NIX_REMOTE": "auto"}
        return Command(
            arguments=["prefetch", "--all-platforms"], env=env, directory=self.project.directory
        )

    def reset(self) -> None:
        super().reset()
        for nix in self._stores:
            paths = [path for name in self._blobs for path in nix.paths(name)]
            if paths:
                output(["nix-store", "--delete", "--ignore-liveness", *paths], env=nix.env)

    def faults_in(self, *, killed: bool) -> Iterator[str]:  # noqa: ARG002 - any may resume
        resumed = {self._cache / f"{name}.part": data for name, data in self._blobs.items()}
        whole = {self._cache / name: data for name, data in self._blobs.items()}
        for path in self.world.paths() - self.old.keys():
            if path in whole and path.read_bytes() != whole[path]:
                yield f"{path.name} waits for the store with wrong bytes"
            elif path not in whole and path not in resumed:
                yield f"{path.name} has a name that nothing should have"
        now = self.world.state()
        for path, content in self.old.items():
            if now.get(path) != content:
                yield f"{path.name} was changed"
        yield from self._faults_in_stores(complete=False)

    def leftovers(self) -> int:
        return len(self.world.paths() - self.old.keys())

    def is_new(self) -> bool:
        return not list(self._faults_in_stores(complete=True))

    def go_on(self) -> Iterator[Ended]:
        yield from map(finish, self.commands)

    def faults_at_last(self) -> Iterator[str]:
        yield from super().faults_at_last()
        yield from self._faults_in_stores(complete=True)
        for nix in self._stores:
            verified = run(["nix-store", "--verify", "--check-contents"], env=nix.env)
            if verified.returncode != 0:
                yield f"the store is not whole: {verified.stderr}"

    def _faults_in_stores(self, *, complete: bool) -> Iterator[str]:
        for nix in self._stores:
            paths = {path: name for name in self._blobs for path in nix.paths(name)}
            query = ["nix-store", "--check-validity", "--print-invalid", *map(str, paths)]
            # What Nix was killed over is on disk, and no path of the store.
            invalid = output(query, env=nix.env).splitlines() if paths else []
            valid = {path: name for path, name in paths.items() if str(path) not in invalid}
            for path, name in valid.items():
                if path.read_bytes() != self._blobs[name]:
                    yield f"{path} has wrong bytes"
            if complete and (missing := self._blobs.keys() - set(valid.values())):
                yield f"the store lacks {', '.join(missing)}"
