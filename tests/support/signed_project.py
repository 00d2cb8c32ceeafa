"""A project whose images somebody must have signed, in the working directory, and its registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import oci, signing
from support.faults.registry import FaultRegistry, faults

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock, LockedImage

ACME = signing.key("acme")
OTHER = signing.key("other")
LAYER = oci.layer({"etc/one": b"1"}, "none")
TWO = oci.layer({"etc/one": b"2"}, "none")
IMAGE = oci.image(LAYER)
ARM = oci.image(LAYER, platform="linux/arm64")
NEW = oci.image(TWO)


class Scene:
    """A project with keys, in the working directory, and its registry."""

    def __init__(self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]) -> None:
        self.registry = registry
        self.host = registry.host
        self._capsys = capsys
        Path("keys").mkdir()
        Path("keys/acme.pub").write_bytes(ACME.pem)
        Path("keys/other.pub").write_bytes(OTHER.pem)

    def push(self, name: str, *images: oci.Image, by: signing.SigningKey | None = ACME) -> str:
        """Push an image or an index, which a key signs."""
        digest = self.registry.add(name, *images)
        if by is not None:
            self.sign(name, digest, by)
        return digest

    def sign(self, name: str, digest: str, *keys: signing.SigningKey, **optional: str) -> None:
        repository = name.partition(":")[0]
        data = signing.payload(digest, f"{self.host}/{repository}", optional)
        signatures = [signing.signed(key, data) for key in keys]
        signing.put_signatures(self.registry, repository, digest, signatures)

    def ask(self, name: str = "web:1", *lines: str, registry: str = "") -> None:
        text = "\n".join([f'image = "{self.host}/{name}"', *lines])
        more = f'[registries."{self.host}"]\n{registry}\n' if registry else ""
        Path("images.toml").write_text(f"[images.web]\n{text}\n{more}")

    def run(self, *words: str) -> tuple[int, str]:
        """The exit status, and what was printed."""
        status = main(list(words))
        shown = self._capsys.readouterr()
        return status, (shown.out + shown.err).replace(self.host, "HOST")

    def document(self, *words: str) -> Any:
        status = main([*words, "--json"])
        document: Any = json.loads(self._capsys.readouterr().out)
        assert status in {0, 1, 3}
        return document

    @property
    def signers(self) -> list[str]:
        """Who signed, as the lock has it."""
        return [str(one) for one in self.locked.vouchers]

    @property
    def locked(self) -> LockedImage:
        return Lock.parse(Path("images.lock.toml").read_text()).images["web"]

    def requests(self, *words: str) -> list[str]:
        """The requests that a command sends."""
        before = len(self.registry.lines())
        assert self.run(*words)[0] == 0
        return self.registry.lines()[before:]


@contextmanager
def signed_scene(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    """A scene in this directory."""
    monkeypatch.chdir(directory)
    monkeypatch.setenv("COLUMNS", "1000")
    with faults() as registry:
        yield Scene(registry, capsys)


def schema(command: str) -> Any:
    path = Path(__file__).parents[2] / f"docs/reference/{command}.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


BY_ACME = 'signed-by = ["keys/acme.pub"]'
BY_OTHER = 'signed-by = ["keys/other.pub"]'
