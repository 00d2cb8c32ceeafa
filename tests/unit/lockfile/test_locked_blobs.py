from __future__ import annotations

from support.builders import locked_image, request

from nixfetch_docker.lockfile.lock import LockedImage, LockedPlatform
from nixfetch_docker.lockfile.locked_blobs import locked_blobs
from nixfetch_docker.lockfile.place import parse_place


def entries(*images: LockedImage) -> list[tuple[LockedImage, LockedPlatform]]:
    return [(image, locked) for image in images for locked in image.platforms.values()]


def test_every_blob_is_there_once_in_order() -> None:
    image = locked_image(request("redis:7", "linux/amd64", "linux/arm64"))
    amd64, arm64 = image.platforms.values()
    blobs = locked_blobs(entries(image))
    base = amd64.layers[0]
    assert [blob.digest for blob in blobs] == [
        *(blob.digest for blob in amd64.blobs()),
        *(blob.digest for blob in arm64.blobs() if blob != base),
    ]
    assert [blob.digest for blob in blobs if blob.is_manifest] == [
        amd64.manifest.digest,
        arm64.manifest.digest,
    ]
    assert {blob.places for blob in blobs} == {(parse_place("redis"),)}


def test_a_shared_blob_has_all_its_places() -> None:
    one = locked_image(request("ghcr.io/acme/one:1"), content="1")
    other = locked_image(request("ghcr.io/acme/other:1"), content="2")
    again = locked_image(request("ghcr.io/acme/one:2"), content="3")
    base = one.platforms[next(iter(one.platforms))].layers[0]
    (shared,) = [
        blob for blob in locked_blobs(entries(one, other, again)) if blob.digest == base.digest
    ]
    assert shared.places == (parse_place("ghcr.io/acme/one"), parse_place("ghcr.io/acme/other"))
