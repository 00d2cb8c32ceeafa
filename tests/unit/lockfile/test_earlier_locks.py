"""Locks of earlier releases: tests/nix/earlier has one of each that changed what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock

EARLIER = Path(__file__).parents[2] / "nix/earlier"
RELEASES = sorted(EARLIER.iterdir())


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_lock_of_an_earlier_release_is_read_and_written_as_it_was(release: Path) -> None:
    text = (release / "images.lock.toml").read_text(encoding="utf-8")
    assert Lock.parse(text).to_toml() == text


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_it_answers_what_its_images_toml_asks(release: Path) -> None:
    lock = Lock.parse((release / "images.lock.toml").read_text(encoding="utf-8"))
    images = Images.parse((release / "images.toml").read_text(encoding="utf-8"))
    assert {name: image.request for name, image in lock.images.items()} == images.requests
    assert images.requests


def test_the_first_release_is_among_them() -> None:
    assert "0.1.0" in [release.name for release in RELEASES]
