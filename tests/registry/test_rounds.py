"""Round trips to a registry that is far away: they are what a fleet's update takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import oci, program
from support.faults.registry import FaultRegistry, faults
from support.rounds import Rounds, rounds

IMAGES = 50
PLATFORMS = ("linux/amd64", "linux/arm64")
# What the network passes on while all that update is allowed takes.
MOST = 8
OFFLINE = {"NIX_REMOTE": "unix:///nowhere/socket"}


def fleet(registry: FaultRegistry, repository: str, *platforms: str) -> None:
    """Serve images for these platforms, an index of each where they are several."""
    for number in range(IMAGES):
        name = repository.format(number)
        made = [
            oci.image(oci.layer({"a": f"{number} {platform}".encode()}), platform=platform)
            for platform in platforms
        ]
        for one in made:
            registry.add_blob(one.config)
            registry.add_manifest(name.partition(":")[0], one.manifest, oci.MANIFEST)
        top = (made[0].manifest, oci.MANIFEST) if len(made) == 1 else (oci.index(made), oci.INDEX)
        registry.add_manifest(name, *top)


def update(network: Rounds, directory: Path, repository: str, *options: str) -> str:
    images = (f'i{n}.image = "{network.host}/{repository.format(n)}"\n' for n in range(IMAGES))
    (directory / "images.toml").write_text(
        f'[registries."{network.host}"]\nplain-http = true\n[images]\n{"".join(images)}'
    )
    done = program.run(directory, "update", *options, env=OFFLINE)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("platforms", "has_tokens", "repository"),
    [
        pytest.param(PLATFORMS[:1], False, "acme/web-{}:1", id="one platform"),
        pytest.param(PLATFORMS, True, "acme/web:{}", id="tags of one repository, with a token"),
        pytest.param(PLATFORMS, True, "acme/web-{}:1", id="repositories, with tokens"),
    ],
)
def test_an_update_of_fifty_images_takes_few_round_trips(
    platforms: tuple[str, ...], has_tokens: bool, repository: str, tmp_path: Path
) -> None:
    with faults() as registry, rounds(registry.host) as network:
        fleet(registry, repository, *platforms)
        if has_tokens:
            # The token server is behind the same network.
            far = lambda usual: [usual.replace(registry.host, network.host)]  # noqa: E731
            registry.grant_tokens(challenge=far)
        told = update(network, tmp_path, repository)
        assert f"{IMAGES} added" in told
        assert network.rounds <= MOST, told
        assert network.connections <= 64
        if has_tokens:
            asked = [line for line in registry.lines() if "/token" in line]
            assert len(asked) == (1 if ":{}" in repository else IMAGES)
