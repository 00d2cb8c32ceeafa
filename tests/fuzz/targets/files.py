"""Targets of the rooms lockfile/ and nix/: images.toml, its lock, and what Nix's programs say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import tomli
from fuzz.text import of, said

from nixfetch_docker.base import toml
from nixfetch_docker.base.table import Table
from nixfetch_docker.endpoints.endpoint import Endpoint
from nixfetch_docker.endpoints.settings import parse_registries
from nixfetch_docker.lockfile import images_text
from nixfetch_docker.lockfile.image_name import parse_image_name
from nixfetch_docker.lockfile.images import Images, Request
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.locked_blobs import locked_blobs
from nixfetch_docker.lockfile.project import Project
from nixfetch_docker.nix import base32
from nixfetch_docker.nix.program import is_busy, last_error
from nixfetch_docker.nix.store_path import blob_path


def images_toml(data: bytes) -> None:
    """A request survives the lock to the letter, and `add` keeps all that was there before."""
    text = data.decode(errors="replace")
    images = Project(images_path=Path("images.toml")).parse_images(text)
    for name, request in images.requests.items():
        assert parse_image_name(name) == name
        written = toml.parse(f"request = {request.to_toml()}\n").table("request")
        assert Request.from_table(written) == request
    plain = {host: _without_signers(one) for host, one in _registries(text).items()}
    assert parse_registries(Table(plain)) == images.registries
    for host, settings in images.registries.items():
        endpoints = [Endpoint.of_mirror(mirror, "a/b") for mirror in settings.mirrors]
        for endpoint in (*endpoints, Endpoint.of_registry(host, "a/b", settings)):
            assert httpx.URL(f"{endpoint.url}/v2/{endpoint.repository}").host
    added = said(images_text.add_image, text, "zz-added", "redis:7")
    if added is not None:
        assert Images.parse(added).requests.keys() == {*images.requests, "zz-added"}
    for name in images.requests:
        if "frozen" not in toml.parse(text).table("images").table(name):
            frozen = said(images_text.set_key, text, name, "frozen", "true")
            assert frozen is None or images_text.delete_key(frozen, name, "frozen") == text
        said(images_text.remove_image, text, name)


def _registries(text: str) -> Mapping[str, Mapping[str, object]]:
    return toml.parse(text).table_or_empty("registries").values


def _without_signers(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings that builds get, as Nix makes them."""
    return {key: value for key, value in settings.items() if not key.startswith("signed-by")}


def lock(data: bytes) -> None:
    """A lock that is written is read equal, and written the same again."""
    found = Lock.parse(data.decode(errors="replace"))
    text = found.to_toml()
    again = Lock.parse(text)
    assert again == found
    assert again.to_toml() == text
    assert tomli.loads(text)["version"] == 1
    for name, image in found.images.items():
        assert parse_image_name(name) == name
        entries = [(image, entry) for entry in image.platforms.values()]
        for blob in locked_blobs(entries):
            assert blob_path("/nix/store", blob.digest).startswith("/nix/store/")
        for platform in image.platforms:
            assert image.entry(platform) is not None
        assert replace(image).place == image.place


def image_name(data: bytes) -> None:
    """A name of an image is a key that TOML and Nix take."""
    text = of(data)
    assert parse_image_name(text) == text
    assert text.isascii()
    # A long path is cut in its middle.
    assert len(text) > 300 or Table({text: 1}).where(text).strip('"') == text


def nix_hash(data: bytes) -> None:
    """A hash in Nix's base 32 is its own text."""
    assert base32.decode(base32.encode(data[:64])) == data[:64]
    text = of(data)
    try:
        decoded = base32.decode(text)
    except ValueError:
        # Its callers catch this one.
        return
    assert base32.encode(decoded) == text


def nix_error(data: bytes) -> None:
    """What a program of Nix prints has a last line."""
    line = last_error(data)
    assert "\n" not in line
    is_busy(line)


TARGETS = {
    "images-toml": images_toml,
    "lock": lock,
    "image-name": image_name,
    "nix-hash": nix_hash,
    "nix-error": nix_error,
}
