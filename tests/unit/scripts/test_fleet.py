"""The simulation of many machines: its counts are real ones, and its page has what it prints."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import fleet
import pytest
from support import oci
from support.faults.answers import redirect
from support.faults.registry import faults
from support.fleets import model

from nixfetch_docker.cli.commands import fetch_blob
from nixfetch_docker.cli.parser import parse

TOP = Path(__file__).parents[3]
BASE = oci.layer({"base": b"0" * 5000}, "none")
IMAGES = {
    "acme/web:1": oci.image(BASE, oci.layer({"web": b"1" * 3000}, "none")),
    "acme/api:1": oci.image(BASE, command=["/api"]),
}


MODELS = [model(name.partition(":")[0], one) for name, one in IMAGES.items()]


@pytest.mark.parametrize(
    ("has_tokens", "has_redirects"),
    [
        pytest.param(True, True, id="as Docker Hub"),
        pytest.param(True, False, id="without a CDN"),
        pytest.param(False, True, id="without tokens"),
        pytest.param(False, False, id="with neither"),
    ],
)
def test_builders_ask_for_a_blob_as_the_simulation_says(
    has_tokens: bool, has_redirects: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the builder's own command, once for each blob, as Nix runs it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    builds = {blob.name: (image.repository, blob) for image in MODELS for blob in image.blobs}
    with faults() as registry, faults() as tokens, faults() as cdn:
        for name, one in IMAGES.items():
            registry.add(name, one)
            for data in (one.config, *(layer.data for layer in one.layers)):
                cdn.add_blob(data)
        if has_tokens:
            registry.grant_tokens(at=tokens)
        if has_redirects:
            away = redirect(f"{cdn.url}/cdn", keep_path=True)
            registry.script("GET", re.compile("/blobs/"), away, repeat=True)
        for repository, blob in builds.values():
            file = tmp_path / "out"
            words = ["fetch-blob", f"{registry.host}/{repository}", blob.name]
            words += ["--output", str(file), "--size", str(blob.size)]
            words += ["--manifest"] if blob.is_manifest else []
            assert fetch_blob.run(parse(words)) == 0
            assert file.stat().st_size == blob.size
    authorized = [
        one.path for one in registry.requests if not has_tokens or "Authorization" in one.headers
    ]
    manifests = sum("/manifests/" in path for path in authorized)
    real = fleet.Traffic(
        refused=len(registry.requests) - len(authorized),
        tokens=len(tokens.requests),
        manifests=manifests,
        blobs=len(authorized) - manifests,
        files=len(cdn.requests),
        size=sum(blob.size for _, blob in builds.values()),
    )
    asked = fleet.Registry(has_tokens=has_tokens, has_redirects=has_redirects)
    assert fleet.built(MODELS, asked) == real


def test_a_machine_gets_a_shared_layer_once() -> None:
    one = fleet.built(MODELS, fleet.DOCKER_HUB)
    assert (one.manifests, one.blobs) == (2, 4)
    assert one.size == sum({image.size for image in IMAGES.values()}) - len(BASE.data)
    assert fleet.substituted(MODELS).requests == 1 + 2 * (6 + 2 * 2)


def test_what_a_store_has_is_not_asked_for_again() -> None:
    web, api = MODELS
    (rest,) = fleet.without([api], [web])
    assert [blob.is_manifest for blob in rest.blobs] == [True, False]
    assert fleet.without([web], [web])[0].blobs == []


@pytest.mark.parametrize(
    ("manifests", "pulls", "hours"),
    [
        (50, 100, 0),
        (100, 100, 0),
        (101, 100, 6),
        (50_000, 100, 2994),
        (50_000, 200, 1494),
        (0, 1, 0),
    ],
)
def test_a_limit_lets_time_pass_between_its_windows(manifests: int, pulls: int, hours: int) -> None:
    way = fleet.Way(name="", registry=fleet.Traffic(manifests=manifests))
    assert way.hours(pulls) == hours


def test_many_machines_without_a_cache_ask_as_often_as_they_are() -> None:
    *others, neither = fleet.ways(7, fleet.fleet_images(20))
    assert neither.registry == others[1].registry.times(7)
    assert [way.registry.manifests for way in others] == [20] * 3
    # Two bases of three layers.
    assert others[0].registry.blobs == 20 * 6 + 6
    assert others[0].registry.at_registry * 1.9 < others[1].registry.at_registry


def test_the_page_has_what_the_simulation_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["fleet.py"])
    fleet.main()
    printed = capsys.readouterr().out
    assert printed in (TOP / "docs/explanation/fleets.md").read_text()
