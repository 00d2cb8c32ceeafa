"""What a registry, a binary cache and Docker Hub's limit see of many machines with many images.

    scripts/fleet.py [--machines NUMBER] [--images NUMBER] [--changed NUMBER]

It counts the requests and bytes of each way by which images come to machines, as the builders,
`prefetch` and Nix make them, and prints them as the tables of docs/explanation/fleets.md. Nothing
is random, and no network is used. tests/unit/scripts/test_fleet.py and
tests/end_to_end/test_many_machines.py compare the counts for one machine with real ones.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

# https://docs.docker.com/docker-hub/usage/pulls/: manifest GETs in six hours of an IPv4 address
# (or an IPv6 /64) without a login, and of a free account.
WINDOW_HOURS = 6
ANONYMOUS_PULLS = 100
ACCOUNT_PULLS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A blob or a manifest, by a name that stands for its digest, with its size in bytes."""

    name: str
    size: int
    is_manifest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of a repository, with all its blobs, the manifest among them."""

    repository: str
    blobs: Sequence[Blob]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Whether a registry wants a token for each request, and redirects blobs to files elsewhere."""

    has_tokens: bool = True
    has_redirects: bool = True


DOCKER_HUB = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests, by who answers them, and the bytes of the blobs in the answers.

    The registry itself answers those that are `refused` for want of a token, and those for
    `manifests` and `blobs`; its token server those for `tokens`, and its CDN those for the `files`
    that blobs are redirected to.
    """

    refused: int = 0
    tokens: int = 0
    manifests: int = 0
    blobs: int = 0
    files: int = 0
    size: int = 0

    @property
    def at_registry(self) -> int:
        """The number of requests to the registry itself."""
        return self.refused + self.manifests + self.blobs

    def times(self, number: int) -> Self:
        """The traffic of so many machines."""
        return replace(
            self, **{name: getattr(self, name) * number for name in self.__dataclass_fields__}
        )


def built(images: Iterable[Image], registry: Registry) -> Traffic:
    """The traffic of one machine whose builds fetch the images.

    Each blob is a build, and so a process of its own, that knows no token of another.
    """
    blobs = _distinct(images)
    handshakes = len(blobs) if registry.has_tokens else 0
    return replace(_fetched(blobs, registry), refused=handshakes, tokens=handshakes)


def prefetched(images: Sequence[Image], registry: Registry) -> Traffic:
    """The traffic of one machine whose `prefetch` fetches the images, one blob after another.

    One process fetches them all: after the first refusal it asks for tokens beforehand, for one in
    each repository. (Several blobs at once may be refused at first, as many as `--jobs` says.)
    """
    repositories = {image.repository for image in images}
    return replace(
        _fetched(_distinct(images), registry),
        refused=1 if registry.has_tokens and images else 0,
        tokens=len(repositories) if registry.has_tokens else 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """The requests of one machine to a binary cache, and the bytes of the blobs in the answers."""

    requests: int
    size: int


def substituted(images: Sequence[Image], *, others: int = 0) -> Substitution:
    """The requests for the images' streams, with all that they refer to.

    `others` is the number of store paths that the machine lacks and that are of no one image: tools
    such as tar.
    """
    blobs = _distinct(images)
    # The stream and the layout.
    paths = len(blobs) + 2 * len(images) + others
    # For each path a narinfo and an archive; before them, nix-cache-info.
    return Substitution(requests=1 + 2 * paths, size=_size(blobs))


def fleet_images(number: int, tag: str = "1") -> list[Image]:
    """Images as a fleet has them: each ten share a base of 3 layers, and each has 5 of its own.

    Another `tag` has other layers on the same base.
    """
    return [
        Image(
            repository=f"library/app-{index}",
            blobs=[
                Blob(name=f"manifest {index} {tag}", size=2_000, is_manifest=True),
                Blob(name=f"config {index} {tag}", size=8_000),
                *(Blob(name=f"base {index // 10} {layer}", size=12_000_000) for layer in range(3)),
                *(Blob(name=f"own {index} {layer} {tag}", size=6_000_000) for layer in range(5)),
            ],
        )
        for index in range(number)
    ]


def without(images: Iterable[Image], stored: Iterable[Image]) -> list[Image]:
    """The images with those blobs alone that a store with the other images lacks."""
    names = {blob.name for image in stored for blob in image.blobs}
    return [
        replace(image, blobs=[blob for blob in image.blobs if blob.name not in names])
        for image in images
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way by which all machines get their images, and who sees what of it."""

    name: str
    registry: Traffic
    cache_requests: int = 0
    sent: int = 0

    def hours(self, pulls: int) -> int:
        """The hours that so many pulls in six hours let pass until the last manifest comes."""
        return max(math.ceil(self.registry.manifests / pulls) - 1, 0) * WINDOW_HOURS


def ways(machines: int, images: Sequence[Image]) -> list[Way]:
    """The ways, for machines that lack the images' blobs."""
    cache = substituted(images)
    fetched = prefetched(images, DOCKER_HUB)
    one = built(images, DOCKER_HUB)
    asked, sent = cache.requests * machines, cache.size * machines
    return [
        Way(name="prefetch, then a cache", registry=fetched, cache_requests=asked, sent=sent),
        Way(name="a cache alone", registry=one, cache_requests=asked, sent=sent),
        Way(name="prefetch, then `nix copy`", registry=fetched, sent=sent),
        Way(name="neither", registry=one.times(machines)),
    ]


def table(found: Sequence[Way]) -> str:
    """A table of Markdown with one line for each way."""
    rows = [
        (
            way.name,
            f"{way.registry.manifests:,}",
            f"{way.registry.at_registry:,}",
            f"{way.registry.tokens:,}",
            f"{way.registry.files:,}",
            _bytes(way.registry.size),
            f"{way.cache_requests:,}",
            _bytes(way.sent),
            _wait(way.hours(ANONYMOUS_PULLS)),
            _wait(way.hours(ACCOUNT_PULLS)),
        )
        for way in found
    ]
    head = (
        *("", "pulls that count", "requests to the registry", "to its token server", "to its CDN"),
        *("bytes from there", "requests to the cache", "bytes from cache or `nix copy`"),
        *(f"wait at {pulls} pulls in 6 h" for pulls in (ANONYMOUS_PULLS, ACCOUNT_PULLS)),
    )
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--machines", type=int, default=1000)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--changed", type=int, default=10)
    options = parser.parse_args()
    before = fleet_images(options.images)
    changed = without(fleet_images(options.changed, "2"), before)
    print(f"{options.machines:,} machines get {options.images} images.\n")
    print(table(ways(options.machines, before)))
    print(f"\nThen they get a new tag of each of {options.changed} images.\n")
    print(table(ways(options.machines, changed)))


def _fetched(blobs: Sequence[Blob], registry: Registry) -> Traffic:
    """The requests for the blobs themselves, without what authenticates them."""
    manifests = sum(blob.is_manifest for blob in blobs)
    others = len(blobs) - manifests
    return Traffic(
        manifests=manifests,
        blobs=others,
        files=others if registry.has_redirects else 0,
        size=_size(blobs),
    )


def _distinct(images: Iterable[Image]) -> list[Blob]:
    """The blobs of the images, each once: a store has each once, whatever image it is of."""
    return list({blob.name: blob for image in images for blob in image.blobs}.values())


def _size(blobs: Iterable[Blob]) -> int:
    return sum(blob.size for blob in blobs)


def _bytes(size: int) -> str:
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size:,} B" if size else "0"


def _wait(hours: int) -> str:
    return f"{hours:,} h" if hours < 48 else f"{hours / 24:,.0f} days"


if __name__ == "__main__":
    main()
