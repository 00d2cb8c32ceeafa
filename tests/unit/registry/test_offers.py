from __future__ import annotations

from collections.abc import Iterable

import pytest
from support.builders import (
    Json,
    descriptor,
    encode,
    image_config,
    image_index,
    image_manifest,
    platform_fields,
)

from nixfetch_docker.errors import NixfetchError, NotFoundError
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import MANIFEST_LIMIT, InvalidManifest
from nixfetch_docker.oci.manifest import Content
from nixfetch_docker.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.images import find_by_config, read_image
from nixfetch_docker.registry.offers import (
    Offer,
    Walk,
    choose,
    listed,
    no_such_platform,
    read_config,
)

REDIS = Reference.parse("redis:7")
AMD, ARM = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")
REBUILD = "build and push the image again"


class Files:
    """A source of documents. `asked` has the digest and the size of each that was fetched."""

    def __init__(self) -> None:
        self.data: dict[Digest, bytes] = {}
        self.asked: list[tuple[Digest | None, int | None]] = []
        self.top: Content | None = None

    def add(self, document: bytes) -> bytes:
        self.data[Digest.of(document)] = document
        return document

    def image(self, platform: str = "linux/amd64", layer: bytes = b"base") -> bytes:
        config = self.add(image_config(platform))
        return self.add(encode(image_manifest(config, layer)))

    def content(self, document: bytes) -> Content:
        self.add(document)
        self.top = Content(digest=Digest.of(document), content_type=None, data=document)
        return self.top

    def manifest(self, image: Reference, size: int | None = None) -> Content:
        if image.digest is None and self.top is not None:
            return self.top
        self.asked.append((image.digest, size))
        if image.digest is None or image.digest not in self.data:
            raise NotFoundError("GET it answered 404")
        data = self.data[image.digest]
        return Content(digest=image.digest, content_type=None, data=data)

    def small_blob(self, _repository: Reference, digest: Digest, size: int) -> bytes:
        assert len(self.data[digest]) == size
        return self.data[digest]


def entry(document: bytes, media_type: str = OCI_MANIFEST, **more: object) -> Json:
    return descriptor(document, media_type, **more)


def labelled(document: bytes, platform: str) -> Json:
    return entry(document, platform=platform_fields(platform))


def found(files: Files, *entries: Json, wanted: Iterable[Platform] = ()) -> list[Offer]:
    content = files.content(encode(image_index(*entries)))
    return Walk(files, REDIS).offers(content, list(wanted))


def refusal(files: Files, *entries: Json) -> str:
    with pytest.raises(NixfetchError) as caught:
        found(files, *entries)
    return str(caught.value)


def test_an_offer_has_the_size_that_its_index_gives() -> None:
    files = Files()
    amd, arm = files.image(), files.image("linux/arm64")
    offers = found(files, labelled(amd, "linux/amd64"), labelled(arm, "linux/arm64"))
    assert offers == [
        Offer(platform=AMD, digest=Digest.of(amd), size=len(amd)),
        Offer(platform=ARM, digest=Digest.of(arm), size=len(arm)),
    ]
    assert files.asked == []


def test_an_entry_without_a_platform_is_read_with_its_size() -> None:
    files = Files()
    arm = files.image("linux/arm64")
    (offer,) = found(files, entry(arm))
    assert (offer.platform, offer.digest, offer.size) == (ARM, Digest.of(arm), len(arm))
    assert offer.manifest is not None
    assert files.asked == [(Digest.of(arm), len(arm))]


def test_a_manifest_is_its_only_offer() -> None:
    files = Files()
    arm = files.image("linux/arm64")
    (offer,) = Walk(files, REDIS).offers(files.content(arm))
    assert (offer.platform, offer.digest, offer.size) == (ARM, Digest.of(arm), len(arm))


def test_an_entry_without_a_platform_is_not_read_where_the_others_serve() -> None:
    files = Files()
    amd, other = files.image(), files.image(layer=b"other")
    entries = (labelled(amd, "linux/amd64"), entry(other))
    assert [offer.digest for offer in found(files, *entries, wanted=[AMD])] == [Digest.of(amd)]
    assert files.asked == []
    assert len(found(files, *entries, wanted=[AMD, ARM])) == 2


def test_indexes_in_an_index_are_read_too_and_only_for_what_is_wanted() -> None:
    files = Files()
    amd, arm, other = files.image(), files.image("linux/arm64"), files.image(layer=b"other")
    inner = files.add(encode(image_index(labelled(arm, "linux/arm64"), entry(other))))
    entries = (labelled(amd, "linux/amd64"), entry(inner, OCI_INDEX))
    assert [offer.digest for offer in found(files, *entries)] == [
        Digest.of(one) for one in (amd, arm, other)
    ]
    files.asked.clear()
    assert len(found(files, *entries, wanted=[ARM])) == 2
    assert files.asked == [(Digest.of(inner), len(inner))]


@pytest.mark.parametrize(
    ("depth", "is_read"), [(1, True), (2, True), (3, False)], ids=["one", "two", "three"]
)
def test_indexes_are_nested_at_most_three_deep(depth: int, *, is_read: bool) -> None:
    files = Files()
    inner = labelled(files.image(), "linux/amd64")
    for _ in range(depth):
        inner = entry(files.add(encode(image_index(inner))), OCI_INDEX)
    if is_read:
        assert len(found(files, inner)) == 1
    else:
        assert refusal(files, inner) == f"its indexes are nested more than 3 deep; {REBUILD}"


def test_an_index_that_names_itself_twice_is_read_once() -> None:
    files = Files()
    amd = files.image()
    last = files.image("linux/arm64")
    offers = found(files, entry(amd), entry(amd), entry(last))
    assert [offer.digest for offer in offers] == [Digest.of(amd), Digest.of(last)]


def test_at_most_100_entries_without_a_platform_are_read() -> None:
    files = Files()
    images = [files.image(layer=b"%d" % number) for number in range(101)]
    assert len(found(files, *map(entry, images[:100]))) == 100
    assert refusal(files, *map(entry, images)) == (
        "more than 100 manifests or 16 MiB of them would have to be read below its index; "
        "name the manifest of one platform by its digest"
    )


def test_an_entry_that_the_registry_has_no_more_is_named() -> None:
    gone = encode(image_manifest(b"gone"))
    assert refusal(Files(), entry(gone)) == (
        f"its index has the manifest {Digest.of(gone).short} without a platform, and the registry "
        "has it no more (GET it answered 404); "
        "push the image again, or choose among the platforms that the index names"
    )


def test_a_config_with_a_wrong_platform_is_named() -> None:
    files = Files()
    config = files.add(b'{"architecture": "a b"}')
    wrong = files.add(encode(image_manifest(config)))
    assert refusal(files, entry(wrong)).startswith(f"its config {Digest.of(config).short}: 'linux/")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"artifactType": "application/vnd.example.sbom"}, id="artifact"),
        pytest.param(
            {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}, id="attestation"
        ),
        pytest.param({"mediaType": "application/vnd.example+json"}, id="another type"),
    ],
)
def test_what_is_no_image_is_passed_by(more: Json) -> None:
    files = Files()
    amd = files.image()
    others = {**labelled(files.image(layer=b"x"), "linux/arm64"), **more}
    assert [offer.platform for offer in found(files, others, labelled(amd, "linux/amd64"))] == [AMD]
    config = {"artifactType": OCI_CONFIG}
    assert len(found(files, {**labelled(amd, "linux/amd64"), **config})) == 1


def test_an_offer_that_the_index_labels_comes_before_one_by_its_config() -> None:
    files = Files()
    leftover, amd = files.image(layer=b"leftover"), files.image()
    offers = found(files, entry(leftover), labelled(amd, "linux/amd64"))
    chosen = choose(AMD, offers[::-1])
    assert chosen is not None
    assert chosen.digest == Digest.of(amd)
    assert choose(ARM, offers) is None


def test_a_config_is_read_up_to_the_limit() -> None:
    def config(size: int) -> Descriptor:
        return Descriptor(media_type=OCI_CONFIG, digest=Digest.of(b"x"), size=size)

    files = Files()
    files.add(b"x")
    assert read_config(files, REDIS, config(1)) == b"x"
    with pytest.raises(InvalidManifest) as caught:
        read_config(files, REDIS, config(MANIFEST_LIMIT + 1))
    assert str(caught.value) == (
        f"its config has {MANIFEST_LIMIT + 1} bytes, and {MANIFEST_LIMIT} are the most that is "
        f"read; {REBUILD}"
    )
    with pytest.raises(KeyError):
        # It is asked for: the limit itself may be read.
        read_config(Files(), REDIS, config(MANIFEST_LIMIT))


def test_the_manifest_of_an_offer_is_fetched_by_its_digest_and_size() -> None:
    files = Files()
    amd = files.image()
    walk = Walk(files, REDIS)
    (offer,) = walk.offers(files.content(encode(image_index(labelled(amd, "linux/amd64")))))
    assert walk.manifest(offer).layers[0].size == 4
    assert files.asked == [(Digest.of(amd), len(amd))]


def test_an_index_in_the_place_of_a_manifest_is_refused() -> None:
    files = Files()
    index = files.add(encode(image_index()))
    offer = Offer(platform=AMD, digest=Digest.of(index), size=len(index))
    with pytest.raises(InvalidManifest) as caught:
        Walk(files, REDIS).manifest(offer)
    assert str(caught.value) == (
        f"expected a manifest, found the index {Digest.of(index).short}; {REBUILD}"
    )


def test_an_image_is_read_with_the_index_that_led_to_it() -> None:
    files = Files()
    amd, arm = files.image(), files.image("linux/arm64")
    index = encode(image_index(labelled(amd, "linux/amd64"), labelled(arm, "linux/arm64")))
    files.content(index)
    image = read_image(files, REDIS, ARM)
    assert (image.data, image.index, image.platforms) == (arm, Digest.of(index), (AMD, ARM))
    assert files.asked == [(Digest.of(arm), len(arm))]
    files.content(arm)
    image = read_image(files, REDIS, ARM)
    assert (image.data, image.index, image.platforms) == (arm, None, (ARM,))


def test_an_image_is_found_by_its_config() -> None:
    files = Files()
    amd, arm = files.image(), files.image("linux/arm64")
    files.content(encode(image_index(labelled(amd, "linux/amd64"), labelled(arm, "linux/arm64"))))
    config = Digest.of(image_config("linux/arm64"))
    assert find_by_config(files, REDIS, config) == (Digest.of(arm), ARM)
    with pytest.raises(NixfetchError, match=r"^no image there has the config sha256:0+ any more$"):
        find_by_config(files, REDIS, Digest.parse(f"sha256:{'0' * 64}"))


def test_artifacts_among_entries_without_a_platform_are_passed_by() -> None:
    files = Files()
    chart = files.add(
        b'{"schemaVersion": 2, "artifactType": "application/vnd.example", "layers": []}'
    )
    amd = files.image()
    labels = labelled(files.image("linux/arm64"), "linux/arm64")
    offers = found(files, entry(chart), labels, entry(amd))
    assert [offer.platform for offer in offers] == [ARM, AMD]


def test_the_platforms_that_there_are_are_named() -> None:
    error = no_such_platform([Platform.parse("linux/s390x")], [ARM, AMD, ARM])
    assert str(error) == ("there is no image for linux/s390x; choose from linux/amd64, linux/arm64")
    older = no_such_platform([Platform.parse("linux/arm/v6")], [AMD, Platform.parse("linux/arm")])
    assert str(older) == (
        "there is no image for linux/arm/v6; the nearest is linux/arm; "
        "choose from linux/amd64, linux/arm"
    )
    assert str(no_such_platform([AMD], [])) == "its index has no image at all"
    # The only one needs no other name.
    alone = no_such_platform([Platform.parse("linux/arm/v6")], [Platform.parse("linux/arm")])
    assert str(alone) == "there is no image for linux/arm/v6; choose from linux/arm"
    both = no_such_platform([Platform.parse("linux/s390x"), Platform.parse("linux/386")], [AMD])
    assert both.what == "there is no image for linux/s390x or linux/386"


def test_the_entries_of_all_indexes_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixfetch_docker.registry.offers._OFFERS_LIMIT", 4)
    files = Files()
    amd, arm = files.image(), files.image("linux/arm64")
    both = [labelled(amd, "linux/amd64"), labelled(arm, "linux/arm64")]
    inner = entry(files.add(encode(image_index(*both))), OCI_INDEX)
    assert len(found(files, *both, inner)) == 4
    assert refusal(files, *both, both[0], inner) == (
        "its index has more than 4 entries; name the manifest of one platform by its digest"
    )
    assert refusal(files, *both, *both, both[0]).startswith("its index has more than 4 entries")


def test_the_manifests_that_are_read_below_an_index_have_a_size_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = Files()
    images = [files.image(layer=b"%d" % number) for number in range(3)]
    monkeypatch.setattr("nixfetch_docker.registry.offers._READ_LIMIT", sum(map(len, images)))
    assert len(found(files, *map(entry, images))) == 3
    other = files.image("linux/arm64")
    assert refusal(files, *map(entry, (*images, other))).startswith("more than 100 manifests or")
    assert refusal(files, *map(entry, (other, *images))).startswith("more than 100 manifests or")


@pytest.mark.parametrize(
    ("number", "end"),
    [(1, "p00"), (20, "p19"), (21, "p19 and 1 more"), (22, "p19 and 2 more")],
)
def test_twenty_names_are_listed_in_order(number: int, end: str) -> None:
    names = [f"p{position:02}" for position in range(number)]
    shown = listed(names[::-1])
    assert shown.endswith(end)
    assert shown.split(" and ")[0] == ", ".join(names[:20])
