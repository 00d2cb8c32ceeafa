from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from support.builders import (
    OCI_CONFIG,
    Json,
    descriptor,
    encode,
    image_config,
    image_index,
    image_manifest,
    platform_fields,
    request,
)
from support.in_memory import REDIS, InMemoryRegistry

from nixfetch_docker.errors import NixfetchError, NotFoundError, RegistryError
from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.lock import LockedImage, LockedPlatform
from nixfetch_docker.lockfile.place import parse_place
from nixfetch_docker.lockfile.resolve import Resolver
from nixfetch_docker.lockfile.sources import Sources
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import MANIFEST_LIMIT, InvalidManifest
from nixfetch_docker.oci.media_types import OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.offers import NoSuchPlatform
from nixfetch_docker.registry.registries import Registries
from nixfetch_docker.versions.constraint import Constraint
from nixfetch_docker.versions.follow import Follow, NoSuchVersion


@pytest.fixture
def registry() -> InMemoryRegistry:
    return InMemoryRegistry()


def resolve(
    registry: InMemoryRegistry, asked: Request, previous: LockedImage | None = None
) -> LockedImage:
    return Resolver(registry.sources, map).resolve(asked, previous)


def manifests(locked: LockedImage) -> dict[str, str]:
    """The digest of every platform's manifest."""
    return {
        str(platform): str(entry.manifest.digest) for platform, entry in locked.platforms.items()
    }


def blob(data: bytes) -> Blob:
    return Blob(digest=Digest.of(data), size=len(data))


def test_an_index_is_locked_with_the_manifests_of_the_platforms_asked_for(
    registry: InMemoryRegistry,
) -> None:
    images = [
        registry.push_image("linux/amd64", layer=b"amd64"),
        registry.push_image("linux/s390x", layer=b"s390x"),
        registry.push_image("linux/arm64", layer=b"arm64"),
    ]
    index = encode(image_index(*images))
    registry.push(index, "7")
    asked = request("redis:7", "linux/arm64", "linux/amd64")

    def locked_platform(platform: str) -> LockedPlatform:
        config, layer = image_config(platform), platform.removeprefix("linux/").encode()
        return LockedPlatform(
            manifest=blob(encode(image_manifest(config, layer))),
            media_type=OCI_MANIFEST,
            config=blob(config),
            layers=(blob(layer),),
        )

    assert resolve(registry, asked) == LockedImage(
        request=asked,
        repository=REDIS,
        tag="7",
        digest=Digest.of(index),
        platforms={
            Platform.parse(platform): locked_platform(platform)
            for platform in ("linux/arm64", "linux/amd64")
        },
    )
    # The index, two manifests and their configs: no layer, nothing of the third platform.
    arm64, amd64 = (Digest.of(image_config(one)) for one in ("linux/arm64", "linux/amd64"))
    assert registry.calls == [
        "manifest docker.io/library/redis:7",
        f"manifest docker.io/library/redis@{images[2]['digest']}",
        f"blob docker.io/library/redis@{arm64}",
        f"manifest docker.io/library/redis@{images[0]['digest']}",
        f"blob docker.io/library/redis@{amd64}",
    ]


def test_no_tag_means_latest(registry: InMemoryRegistry) -> None:
    registry.push_image("linux/amd64", tag="latest")
    locked = resolve(registry, request("redis"))
    assert locked.tag == "latest"
    assert locked.request.image == "redis"


def test_a_digest_is_locked_without_a_tag(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/amd64")
    locked = resolve(registry, request(f"redis@{image['digest']}"))
    assert (locked.tag, str(locked.digest)) == (None, image["digest"])


def test_a_digest_holds_where_the_tag_has_moved(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/amd64")
    registry.push_image("linux/amd64", tag="7", layer=b"newer")
    locked = resolve(registry, request(f"redis:7@{image['digest']}"))
    assert (locked.tag, str(locked.digest)) == ("7", image["digest"])
    assert manifests(locked) == {"linux/amd64": image["digest"]}


@pytest.mark.parametrize(
    ("tag", "in_index", "note"),
    [
        pytest.param(
            "latest",
            True,
            "this digest is the manifest of linux/amd64 alone; to pin every platform of latest, "
            "write redis@{index}",
            id="of the index of latest",
        ),
        pytest.param(
            "7",
            True,
            "this digest is the manifest of linux/amd64 alone; to pin every platform of 7, "
            "write redis:7@{index}",
            id="of the index of its tag",
        ),
        pytest.param(
            "latest",
            False,
            "this digest is the manifest of linux/amd64 alone, and latest is an index of several; "
            "to pin every platform, write the digest that `nixfetch-docker digest` prints for a "
            "tag",
            id="of an older index",
        ),
    ],
)
def test_a_digest_of_one_platform_gets_a_word_where_the_tag_is_an_index(
    registry: InMemoryRegistry, tag: str, in_index: bool, note: str
) -> None:
    one = registry.push_image("linux/amd64")
    other = registry.push_image("linux/arm64")
    newer = registry.push_image("linux/amd64", layer=b"newer")
    index = registry.push_index(one if in_index else newer, other, tag=tag)
    written = "redis:7" if tag == "7" else "redis"
    notes: list[str] = []
    asked = request(f"{written}@{one['digest']}")
    locked = Resolver(registry.sources, map).resolve(asked, note=notes.append)
    assert list(map(str, locked.platforms)) == ["linux/amd64"]
    assert notes == [note.format(index=index["digest"])]
    assert Resolver(registry.sources, map).resolve(asked, locked, notes.append) == locked
    assert len(notes) == 1


@pytest.mark.parametrize("tag", ["latest", "7"], ids=["latest is an image", "there is no latest"])
def test_a_digest_of_one_platform_is_all_that_there_is(
    registry: InMemoryRegistry, tag: str
) -> None:
    one = registry.push_image("linux/amd64", tag=tag)
    notes: list[str] = []
    Resolver(registry.sources, map).resolve(request(f"redis@{one['digest']}"), note=notes.append)
    assert notes == []


def test_a_single_manifest_has_the_platform_of_its_config(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/arm/v7", tag="7")
    locked = resolve(registry, request("redis:7", "linux/arm"))
    assert manifests(locked) == {"linux/arm/v7": image["digest"]}
    config = Digest.of(image_config("linux/arm/v7"))
    assert registry.calls == [
        "manifest docker.io/library/redis:7",
        f"blob docker.io/library/redis@{config}",
    ]


@pytest.mark.parametrize(
    ("offers", "platforms"),
    [
        pytest.param(
            ["linux/arm64", "linux/amd64", "linux/386"], ["linux/amd64", "linux/arm64"], id="both"
        ),
        pytest.param(["linux/amd64", "windows/amd64"], ["linux/amd64"], id="one of them"),
    ],
)
def test_a_request_without_platforms_locks_the_default_ones_that_there_are(
    registry: InMemoryRegistry, offers: list[str], platforms: list[str]
) -> None:
    registry.push_index(*map(registry.push_image, offers), tag="7")
    assert list(manifests(resolve(registry, request("redis:7")))) == platforms


@pytest.mark.parametrize(
    ("wanted", "offers", "best"),
    [
        pytest.param("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], 1, id="older variant"),
        pytest.param("linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], 1, id="never a newer one"),
        pytest.param("linux/arm64", ["linux/arm/v7", "linux/arm64/v8"], 1, id="arm64 is v8"),
    ],
)
def test_a_variant_is_served_by_the_best_there_is(
    registry: InMemoryRegistry, wanted: str, offers: list[str], best: int
) -> None:
    images = [registry.push_image(offer) for offer in offers]
    registry.push_index(*images, tag="7")
    locked = resolve(registry, request("redis:7", wanted))
    assert manifests(locked) == {wanted: images[best]["digest"]}


@pytest.mark.parametrize(
    ("asked", "locked_as"),
    [
        pytest.param("linux/amd64", "linux/amd64", id="normal already"),
        pytest.param("linux/amd64/v1", "linux/amd64", id="amd64/v1"),
        pytest.param("linux/arm64/v8", "linux/arm64", id="arm64/v8"),
        pytest.param("linux/arm", "linux/arm/v7", id="arm"),
    ],
)
def test_a_platform_is_locked_in_normal_form_and_the_request_stays_as_written(
    registry: InMemoryRegistry, asked: str, locked_as: str
) -> None:
    image = registry.push_image(asked)
    registry.push_index(image, tag="7")
    locked = resolve(registry, request("redis:7", asked))
    assert manifests(locked) == {locked_as: image["digest"]}
    assert locked.request.to_toml() == f'{{ image = "redis:7", platforms = ["{asked}"] }}'


def test_an_index_in_an_index_is_looked_through(registry: InMemoryRegistry) -> None:
    amd64, arm64 = map(registry.push_image, ["linux/amd64", "linux/arm64"])
    innermost = registry.push_index(arm64)
    # A platform on an index in an index says nothing that its own entries do not.
    inner = {**registry.push_index(innermost), "platform": platform_fields("linux/amd64")}
    registry.push_index(inner, amd64, tag="7")
    locked = resolve(registry, request("redis:7"))
    assert manifests(locked) == {"linux/amd64": amd64["digest"], "linux/arm64": arm64["digest"]}


def test_indexes_are_not_nested_without_end(registry: InMemoryRegistry) -> None:
    entry = registry.push_image("linux/amd64")
    for _ in range(3):
        entry = registry.push_index(entry)
    registry.push_index(entry, tag="7")
    with pytest.raises(InvalidManifest) as caught:
        resolve(registry, request("redis:7"))
    assert str(caught.value) == (
        "redis:7: its indexes are nested more than 3 deep; build and push the image again"
    )


def test_attestations_are_passed_over_unread(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/amd64")
    by_platform = descriptor(b"1", OCI_MANIFEST, platform=platform_fields("unknown/unknown"))
    by_annotation = descriptor(
        b"2",
        OCI_MANIFEST,
        platform=platform_fields("linux/amd64"),
        annotations={"vnd.docker.reference.type": "attestation-manifest"},
    )
    registry.push_index(by_platform, by_annotation, image, tag="7")
    locked = resolve(registry, request("redis:7"))
    assert manifests(locked) == {"linux/amd64": image["digest"]}


# "An encountered mediaType that is unknown to the implementation MUST NOT generate an error."
# https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md#image-index-property-descriptions
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="without a platform"),
        pytest.param({"platform": platform_fields("linux/amd64")}, id="with the platform"),
    ],
)
def test_entries_of_an_unknown_media_type_are_passed_over(
    registry: InMemoryRegistry, more: Json
) -> None:
    strange = encode({"mediaType": "application/x"})
    registry.push(strange)
    image = registry.push_image("linux/amd64")
    registry.push_index(descriptor(strange, "application/x", **more), image, tag="7")
    locked = resolve(registry, request("redis:7"))
    assert manifests(locked) == {"linux/amd64": image["digest"]}


def test_an_entry_without_a_platform_has_that_of_its_config(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/arm64")
    del image["platform"]
    registry.push_index(image, tag="7")
    assert manifests(resolve(registry, request("redis:7"))) == {"linux/arm64": image["digest"]}


# What follows the platforms that there are.
WHERE = ", by platforms = […] in images.toml or `add --platform`"


@pytest.mark.parametrize(
    ("offers", "platforms", "message"),
    [
        pytest.param(
            ["linux/s390x", "linux/arm/v7", "linux/arm/v7"],
            ["linux/amd64"],
            "redis:7: there is no image for linux/amd64; choose from linux/arm/v7, linux/s390x"
            f"{WHERE}",
            id="platform asked for",
        ),
        pytest.param(
            ["linux/amd64"],
            ["linux/amd64", "linux/arm64"],
            f"redis:7: there is no image for linux/arm64; choose from linux/amd64{WHERE}",
            id="one of several asked for",
        ),
        pytest.param(
            ["windows/amd64"],
            [],
            "redis:7: there is no image for linux/amd64 or linux/arm64; choose from windows/amd64"
            f"{WHERE}",
            id="no default platform",
        ),
    ],
)
def test_a_platform_that_the_image_lacks_is_an_error_that_lists_those_it_has(
    registry: InMemoryRegistry, offers: list[str], platforms: list[str], message: str
) -> None:
    registry.push_index(*map(registry.push_image, offers), tag="7")
    with pytest.raises(NoSuchPlatform) as caught:
        resolve(registry, request("redis:7", *platforms))
    assert str(caught.value) == message


def test_a_single_manifest_of_another_platform_is_an_error(registry: InMemoryRegistry) -> None:
    registry.push_image("linux/arm64", tag="7")
    with pytest.raises(NoSuchPlatform) as caught:
        resolve(registry, request("redis:7", "linux/amd64"))
    assert str(caught.value) == (
        f"redis:7: there is no image for linux/amd64; choose from linux/arm64{WHERE}"
    )


def test_an_index_of_nothing_is_an_error(registry: InMemoryRegistry) -> None:
    registry.push_index(tag="7")
    with pytest.raises(NoSuchPlatform):
        resolve(registry, request("redis:7"))


def test_an_unchanged_tag_costs_one_request(registry: InMemoryRegistry) -> None:
    registry.push_index(registry.push_image("linux/amd64"), tag="7")
    asked = request("redis:7")
    previous = resolve(registry, asked)
    registry.calls.clear()
    assert resolve(registry, asked, previous) is previous
    assert registry.calls == ["digest docker.io/library/redis:7"]


def test_an_unchanged_digest_costs_no_request(registry: InMemoryRegistry) -> None:
    image = registry.push_image("linux/amd64")
    asked = request(f"redis:7@{image['digest']}")
    previous = resolve(registry, asked)
    registry.calls.clear()
    assert resolve(registry, asked, previous) is previous
    assert registry.calls == []


def test_a_tag_that_moved_is_followed(registry: InMemoryRegistry) -> None:
    registry.push_image("linux/amd64", tag="7")
    asked = request("redis:7")
    previous = resolve(registry, asked)
    newer = registry.push_image("linux/amd64", tag="7", layer=b"newer")
    assert manifests(resolve(registry, asked, previous)) == {"linux/amd64": newer["digest"]}


def test_another_request_is_resolved_though_the_tag_stands_still(
    registry: InMemoryRegistry,
) -> None:
    registry.push_index(*map(registry.push_image, ["linux/amd64", "linux/arm64"]), tag="7")
    previous = resolve(registry, request("redis:7", "linux/amd64"))
    locked = resolve(registry, request("redis:7", "linux/arm64"), previous)
    assert list(manifests(locked)) == ["linux/arm64"]


def test_a_registry_that_does_not_say_digests_is_read_instead() -> None:
    registry = InMemoryRegistry(says_digests=False)
    registry.push_image("linux/amd64", tag="7")
    asked = request("redis:7")
    previous = resolve(registry, asked)
    assert resolve(registry, asked, previous) == previous


def test_an_error_names_the_image_as_docker_does(registry: InMemoryRegistry) -> None:
    with pytest.raises(RegistryError) as caught:
        resolve(registry, request("docker.io/library/redis:8"))
    assert str(caught.value) == "redis:8: not there"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"size": 1}, id="other size"),
        pytest.param({"digest": str(Digest.of(b""))}, id="manifest that is not there"),
    ],
)
def test_an_index_that_lies_about_a_manifest_is_an_error(
    registry: InMemoryRegistry, change: Json
) -> None:
    registry.push_index({**registry.push_image("linux/amd64"), **change}, tag="7")
    with pytest.raises(NixfetchError):
        resolve(registry, request("redis:7"))


def test_an_index_is_no_manifest_whatever_its_entry_says(registry: InMemoryRegistry) -> None:
    inner = registry.push_index(registry.push_image("linux/amd64"))
    lie = {**inner, "mediaType": OCI_MANIFEST, "platform": platform_fields("linux/amd64")}
    registry.push_index(lie, tag="7")
    with pytest.raises(InvalidManifest) as caught:
        resolve(registry, request("redis:7"))
    short = inner["digest"][: len("sha256:") + 12]
    assert str(caught.value) == (
        f"redis:7: expected a manifest, found the index {short}; build and push the image again"
    )


def test_a_config_is_not_read_where_it_is_said_to_be_huge(registry: InMemoryRegistry) -> None:
    manifest = image_manifest(image_config())
    manifest["config"] = {**descriptor(b"", OCI_CONFIG), "size": MANIFEST_LIMIT + 1}
    registry.push(encode(manifest), "7")
    with pytest.raises(InvalidManifest) as caught:
        resolve(registry, request("redis:7"))
    assert str(caught.value) == (
        f"redis:7: its config has {MANIFEST_LIMIT + 1} bytes, and {MANIFEST_LIMIT} are the most "
        "that is read; build and push the image again"
    )
    assert registry.calls == ["manifest docker.io/library/redis:7"]


def following(image: str, version: str) -> Request:
    return replace(request(image), follow=Follow(constraint=Constraint.parse(version)))


def test_the_newest_tag_that_is_wanted_is_followed(registry: InMemoryRegistry) -> None:
    for tag in ("7.2", "7.4", "8.0"):
        registry.push_image("linux/amd64", tag=tag, layer=tag.encode())
    assert resolve(registry, following("redis", "^7")).tag == "7.4"


@pytest.mark.parametrize(
    ("only_digest", "tag", "calls"),
    [
        pytest.param(False, "7.4", ["tags", "manifest", "blob"], id="to the newest tag"),
        pytest.param(True, "7.2", ["digest"], id="no further than the locked tag"),
    ],
)
def test_an_image_follows(
    only_digest: bool, tag: str, calls: list[str], registry: InMemoryRegistry
) -> None:
    registry.push_image("linux/amd64", tag="7.2")
    asked = following("redis", "^7")
    previous = resolve(registry, asked)
    registry.push_image("linux/amd64", tag="7.4", layer=b"newer")
    registry.calls.clear()
    resolver = Resolver(registry.sources, map, only_digest=only_digest)
    assert resolver.resolve(asked, previous).tag == tag
    assert [call.split()[0] for call in registry.calls] == calls


def test_a_version_that_there_is_not_is_an_error_of_the_repository(
    registry: InMemoryRegistry,
) -> None:
    registry.push_image("linux/amd64", tag="7.2")
    with pytest.raises(NoSuchVersion) as caught:
        resolve(registry, following("redis", "^8"))
    assert str(caught.value).startswith("redis: ")


def test_a_frozen_request_keeps_its_pin_without_a_request(registry: InMemoryRegistry) -> None:
    registry.push_image("linux/amd64", tag="7")
    previous = resolve(registry, request("redis:7"))
    registry.push_image("linux/amd64", tag="7", layer=b"newer")
    registry.calls.clear()
    frozen = replace(request("redis:7"), frozen=True)
    assert resolve(registry, frozen, previous) == replace(previous, request=frozen)
    assert registry.calls == []


def test_a_frozen_request_that_was_edited_is_resolved_anew(registry: InMemoryRegistry) -> None:
    registry.push_image("linux/amd64", tag="7")
    registry.push_image("linux/amd64", tag="8", layer=b"newer")
    previous = resolve(registry, replace(request("redis:7"), frozen=True))
    assert resolve(registry, replace(request("redis:8"), frozen=True), previous).tag == "8"


def test_a_reference_that_means_another_image_here_is_refused(registry: InMemoryRegistry) -> None:
    def check(text: str) -> None:
        raise NixfetchError(f"{text} is an alias here")

    sources = Sources(cast(Registries, registry), check=check)
    with pytest.raises(NixfetchError) as caught:
        Resolver(sources, map).resolve(request("redis"))
    assert str(caught.value) == "redis: redis is an alias here"
    assert registry.calls == []


def test_an_error_of_an_image_in_a_file_names_the_file(
    registry: InMemoryRegistry, tmp_path: Path
) -> None:
    config = image_config("linux/arm64")
    manifest = encode(image_manifest(config, b"layer"))
    blobs = tmp_path / "web/blobs/sha256"
    blobs.mkdir(parents=True)
    for data in (config, manifest):
        (blobs / Digest.of(data).hex).write_bytes(data)
    index = image_index(descriptor(manifest, OCI_MANIFEST))
    (tmp_path / "web/index.json").write_bytes(encode(index))
    sources = Sources(cast(Registries, registry), tmp_path)
    asked = Request(image="oci:./web", reference=parse_place("oci:./web"))
    locked = Resolver(sources, map).resolve(asked)
    assert (str(locked.repository), locked.tag) == ("localhost/web", None)
    assert manifests(locked) == {"linux/arm64": str(Digest.of(manifest))}
    with pytest.raises(NoSuchPlatform) as caught:
        Resolver(sources, map).resolve(
            replace(asked, platforms=(Platform.parse("linux/amd64"),)), locked
        )
    assert str(caught.value).startswith("oci:./web: there is no image for linux/amd64; ")


@pytest.mark.parametrize("label", [{}, {"architecture": "", "os": ""}, None])
def test_an_entry_that_says_its_platform_comes_before_one_that_does_not(
    registry: InMemoryRegistry, label: Json | None
) -> None:
    other = {**registry.push_image("linux/amd64", layer=b"other"), "platform": label}
    image = registry.push_image("linux/amd64")
    registry.push_index(other, image, tag="7")
    asked = request("redis:7", "linux/amd64")
    assert manifests(resolve(registry, asked)) == {"linux/amd64": image["digest"]}
    assert registry.calls == [
        "manifest docker.io/library/redis:7",
        f"manifest docker.io/library/redis@{image['digest']}",
        f"blob docker.io/library/redis@{Digest.of(image_config())}",
    ]


def test_an_entry_without_a_platform_serves_one_that_no_other_entry_says(
    registry: InMemoryRegistry,
) -> None:
    arm64 = {**registry.push_image("linux/arm64"), "platform": {}}
    amd64 = registry.push_image("linux/amd64")
    registry.push_index(arm64, amd64, tag="7")
    locked = resolve(registry, request("redis:7", "linux/amd64", "linux/arm64"))
    assert manifests(locked) == {"linux/amd64": amd64["digest"], "linux/arm64": arm64["digest"]}


def test_a_missing_entry_without_a_platform_is_named(registry: InMemoryRegistry) -> None:
    gone = descriptor(b"gone", OCI_MANIFEST)
    registry.push_index(gone, registry.push_image("linux/amd64"), tag="7")
    with pytest.raises(NotFoundError) as caught:
        resolve(registry, request("redis:7"))
    assert str(caught.value) == (
        f"redis:7: its index has the manifest {Digest.of(b'gone').short} without a platform, and "
        "the registry has it no more (not there); push the image again, or choose among the "
        "platforms that the index names"
    )
    assert list(manifests(resolve(registry, request("redis:7", "linux/amd64")))) == ["linux/amd64"]


def test_artifacts_in_an_index_are_passed_over_unread(registry: InMemoryRegistry) -> None:
    # More than are fetched to learn their platforms, and not there.
    charts = [
        descriptor(b"%d" % n, OCI_MANIFEST, artifactType="application/vnd.cncf.helm")
        for n in range(150)
    ]
    image = registry.push_image("linux/amd64")
    registry.push_index(*charts, image, tag="7")
    assert manifests(resolve(registry, request("redis:7"))) == {"linux/amd64": image["digest"]}


BOTH = ("linux/amd64", "linux/arm64")
VERSIONS = Request(image="redis", reference=REDIS, follow=Follow(constraint=Constraint.parse("^1")))


def push(registry: InMemoryRegistry, tag: str, *platforms: str) -> None:
    images = [registry.push_image(one, layer=f"{tag} {one}".encode()) for one in platforms]
    registry.push_index(*images, tag=tag)


def test_a_tag_that_loses_a_platform_is_held_back(registry: InMemoryRegistry) -> None:
    push(registry, "7", *BOTH)
    previous = resolve(registry, request("redis:7"))
    push(registry, "7", "linux/amd64", "linux/s390x")
    with pytest.raises(NoSuchPlatform) as caught:
        resolve(registry, request("redis:7"), previous)
    assert str(caught.value) == (
        "redis:7: it has no image for linux/arm64 any more, which is locked at 7, only for "
        'linux/amd64; to accept that, write platforms = ["linux/amd64"] for it in images.toml'
    )
    accepted = resolve(registry, request("redis:7", "linux/amd64"), previous)
    assert list(manifests(accepted)) == ["linux/amd64"]


def test_an_image_whose_list_of_platforms_was_removed_keeps_the_default_ones(
    registry: InMemoryRegistry,
) -> None:
    push(registry, "7", *BOTH, "linux/s390x")
    previous = resolve(registry, request("redis:7", *BOTH, "linux/s390x"))
    assert list(manifests(resolve(registry, request("redis:7"), previous))) == list(BOTH)
    push(registry, "7", "linux/amd64", "linux/s390x")
    with pytest.raises(NoSuchPlatform, match="no image for linux/arm64 any more, which is locked"):
        resolve(registry, request("redis:7"), previous)


def test_another_repository_may_have_fewer_platforms(registry: InMemoryRegistry) -> None:
    push(registry, "7", *BOTH)
    previous = replace(
        resolve(registry, request("redis:7")), repository=Reference.parse("other").name
    )
    push(registry, "7", "linux/amd64")
    assert list(manifests(resolve(registry, request("redis:7"), previous))) == ["linux/amd64"]


def test_a_followed_tag_without_a_locked_platform_is_passed_by(registry: InMemoryRegistry) -> None:
    push(registry, "1.0", *BOTH)
    previous = resolve(registry, VERSIONS)
    push(registry, "1.1", *BOTH)
    push(registry, "1.2", "linux/amd64")
    push(registry, "1.3", "linux/amd64")
    notes: list[str] = []
    locked = Resolver(registry.sources, map).resolve(VERSIONS, previous, notes.append)
    assert locked.tag == "1.1"
    assert notes == [
        "1.3 is passed by: it has no image for linux/arm64 any more, which is locked at 1.0, "
        "only for linux/amd64"
    ]


def test_where_no_newer_tag_has_every_platform_the_pin_stays(registry: InMemoryRegistry) -> None:
    push(registry, "1.0", *BOTH)
    previous = resolve(registry, VERSIONS)
    for minor in range(1, 20):
        push(registry, f"1.{minor}", "linux/amd64")
    notes: list[str] = []
    assert Resolver(registry.sources, map).resolve(VERSIONS, previous, notes.append) is previous
    assert notes[0].startswith("1.19 is passed by: ")


def test_no_older_tag_than_the_locked_one_is_taken(registry: InMemoryRegistry) -> None:
    push(registry, "1.1", *BOTH)
    previous = resolve(registry, VERSIONS)
    push(registry, "1.0", *BOTH)
    push(registry, "1.1", "linux/amd64")
    with pytest.raises(NoSuchPlatform, match="it has no image for linux/arm64 any more"):
        resolve(registry, VERSIONS, previous)


def test_a_first_lock_passes_by_a_tag_that_lacks_a_platform_asked_for(
    registry: InMemoryRegistry,
) -> None:
    push(registry, "1.0", *BOTH)
    push(registry, "1.1", "linux/amd64")
    asked = replace(VERSIONS, platforms=tuple(map(Platform.parse, BOTH)))
    notes: list[str] = []
    assert Resolver(registry.sources, map).resolve(asked, None, notes.append).tag == "1.0"
    assert notes == ["1.1 is passed by: there is no image for linux/arm64"]


def test_an_error_of_an_older_tag_names_that_tag(registry: InMemoryRegistry) -> None:
    registry.push(b"{}", "1.0")
    push(registry, "1.1", "linux/amd64")
    asked = replace(VERSIONS, platforms=tuple(map(Platform.parse, BOTH)))
    with pytest.raises(InvalidManifest) as caught:
        resolve(registry, asked)
    assert caught.value.subjects == ["redis:1.0"]


def test_where_every_tag_lacks_a_platform_the_error_names_the_newest(
    registry: InMemoryRegistry,
) -> None:
    push(registry, "1.0", "linux/amd64")
    push(registry, "1.1", "linux/amd64")
    asked = replace(VERSIONS, platforms=tuple(map(Platform.parse, BOTH)))
    with pytest.raises(NoSuchPlatform) as caught:
        resolve(registry, asked)
    assert caught.value.subjects == ["redis:1.1"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(b"{}", "'rootfs' is missing", id="empty"),
        pytest.param(
            image_config(layers=1),
            "it lists 1 layer, and its manifest 2; no engine loads that; push the image again",
            id="fewer layers",
        ),
        pytest.param(
            image_config(layers=3),
            "it lists 3 layers, and its manifest 2; no engine loads that; push the image again",
            id="more layers",
        ),
        pytest.param(b"[]", "expected a table, found an array", id="not a config"),
    ],
)
def test_a_config_that_no_engine_loads_is_refused(
    config: bytes, message: str, registry: InMemoryRegistry
) -> None:
    registry.push(config)
    manifest = encode(image_manifest(config, b"base", b"top"))
    registry.push(manifest)
    named = descriptor(manifest, OCI_MANIFEST, platform=platform_fields("linux/amd64"))
    registry.push_index(named, tag="7")
    with pytest.raises(InvalidManifest) as caught:
        resolve(registry, request("redis:7"))
    place = f"redis:7: its config {Digest.of(config).short} for linux/amd64: "
    assert str(caught.value).startswith(place)
    assert message in str(caught.value)
