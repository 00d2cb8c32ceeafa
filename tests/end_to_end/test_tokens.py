"""Public images on a registry that wants a Bearer token all the same, as Docker Hub does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.nix import Nix
from support.registry import Registry
from support.registry import registry as run_registry
from support.tokens import SERVICE, Tokens
from support.tokens import tokens as run_tokens


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[Tokens]:
    with run_tokens(tmp_path / "tokens") as running:
        yield running


@pytest.fixture
def guarded(tmp_path: Path, tokens: Tokens) -> Iterator[Registry]:
    with run_registry(tmp_path / "guarded", tokens.registry_config) as running:
        running.push_credentials = "pusher:secret"
        yield running


def test_a_token_is_fetched_once_for_each_repository(
    guarded: Registry, tokens: Tokens, project: Project, nix: Nix
) -> None:
    images = [
        oci.image(oci.layer({"etc/arch": platform.encode()}), platform=platform)
        for platform in ("linux/amd64", "linux/arm64")
    ]
    guarded.push("acme/web:1", *images)
    guarded.push("acme/other:1", *images)
    tokens.asked.clear()

    project.images.write_text(f'[images.web]\nimage = "{guarded.host}/acme/web:1"')
    project.run("update")

    scope = {"scope": ["repository:acme/web:pull"], "service": [SERVICE]}
    assert tokens.asked == [scope]
    # The index, and a manifest and a config for each platform.
    assert [access.status for access in guarded.accesses()] == [401, *[200] * 5]
    assert nix.build(project.images, "web").is_dir()


def test_a_registry_known_to_want_tokens_is_not_asked_without(
    guarded: Registry, tokens: Tokens, project: Project
) -> None:
    names = [f"image-{n}" for n in range(4)]
    for name in names:
        guarded.push(f"{name}:1", oci.image(oci.layer({"etc/a": b"a"})))
    tokens.asked.clear()
    project.images.write_text(
        "[images]\n" + "\n".join(f'{name}.image = "{guarded.host}/{name}:1"' for name in names)
    )
    project.run("update", "--jobs", "1")
    assert [access.status for access in guarded.accesses()].count(401) == 1
    assert sorted(query["scope"][0] for query in tokens.asked) == [
        f"repository:{name}:pull" for name in names
    ]
