from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import (
    OCI_CONFIG,
    OCI_LAYER,
    Json,
    descriptor,
    encode,
    image_config,
    image_index,
    image_manifest,
    platform_fields,
    read_or_refused,
)

from nixfetch_docker.oci import manifest
from nixfetch_docker.oci.config import ImageConfig
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import InvalidManifest
from nixfetch_docker.oci.manifest import Index, Manifest
from nixfetch_docker.oci.media_types import (
    ACCEPTED_TYPES,
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
)
from nixfetch_docker.oci.platform import Platform

CONFIG = image_config("linux/arm/v7")
MANIFEST = image_manifest(CONFIG, b"base", b"top")
INDEX = image_index(
    descriptor(b"1", OCI_MANIFEST, platform=platform_fields("linux/amd64")),
    descriptor(b"2", OCI_MANIFEST, platform=platform_fields("linux/arm/v7")),
)
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"


def without(document: Json, *keys: str) -> Json:
    return {key: value for key, value in document.items() if key not in keys}


def with_layer(media_type: str) -> Json:
    return {**MANIFEST, "layers": [descriptor(b"base", media_type)]}


def test_a_manifest_lists_its_config_and_its_layers_in_order() -> None:
    assert manifest.parse(encode(MANIFEST)) == Manifest(
        media_type=OCI_MANIFEST,
        config=Descriptor(media_type=OCI_CONFIG, digest=Digest.of(CONFIG), size=len(CONFIG)),
        layers=(
            Descriptor(media_type=OCI_LAYER, digest=Digest.of(b"base"), size=4),
            Descriptor(media_type=OCI_LAYER, digest=Digest.of(b"top"), size=3),
        ),
    )


def test_an_index_lists_its_manifests_with_their_platforms() -> None:
    assert manifest.parse(encode(INDEX)) == Index(
        media_type=OCI_INDEX,
        manifests=(
            Descriptor(
                media_type=OCI_MANIFEST,
                digest=Digest.of(b"1"),
                size=1,
                platform=Platform.parse("linux/amd64"),
            ),
            Descriptor(
                media_type=OCI_MANIFEST,
                digest=Digest.of(b"2"),
                size=1,
                platform=Platform.parse("linux/arm/v7"),
            ),
        ),
    )


DOCKER = {
    "schemaVersion": 2,
    "mediaType": DOCKER_MANIFEST,
    "config": descriptor(CONFIG, DOCKER_CONFIG),
    "layers": [descriptor(b"base", DOCKER_LAYER)],
}
DOCKER_LIST = {**INDEX, "mediaType": DOCKER_INDEX}
BARE_MANIFEST = without(MANIFEST, "mediaType")
BARE_INDEX = without(INDEX, "mediaType")


@pytest.mark.parametrize(
    ("document", "content_type", "kind", "media_type"),
    [
        pytest.param(MANIFEST, None, Manifest, OCI_MANIFEST, id="OCI manifest"),
        pytest.param(INDEX, None, Index, OCI_INDEX, id="OCI index"),
        pytest.param(DOCKER, None, Manifest, DOCKER_MANIFEST, id="Docker manifest"),
        pytest.param(DOCKER_LIST, None, Index, DOCKER_INDEX, id="Docker manifest list"),
        pytest.param(MANIFEST, OCI_INDEX, Manifest, OCI_MANIFEST, id="the body's own type wins"),
        pytest.param(BARE_MANIFEST, OCI_MANIFEST, Manifest, OCI_MANIFEST, id="manifest by header"),
        pytest.param(BARE_INDEX, OCI_INDEX, Index, OCI_INDEX, id="index by header"),
        pytest.param(
            BARE_MANIFEST, DOCKER_MANIFEST, Manifest, DOCKER_MANIFEST, id="Docker by header"
        ),
        pytest.param(
            BARE_INDEX,
            f"{OCI_INDEX.upper()}; charset=utf-8",
            Index,
            OCI_INDEX,
            id="header with a parameter, in upper case",
        ),
        pytest.param(BARE_MANIFEST, None, Manifest, OCI_MANIFEST, id="manifest by its keys"),
        pytest.param(BARE_INDEX, None, Index, OCI_INDEX, id="index by its keys"),
        pytest.param(BARE_MANIFEST, "text/plain", Manifest, OCI_MANIFEST, id="header says nothing"),
    ],
)
def test_the_media_type_is_in_the_body_or_the_header_or_follows_from_the_keys(
    document: Json, content_type: str | None, kind: type, media_type: str
) -> None:
    parsed = manifest.parse(encode(document), content_type)
    assert isinstance(parsed, kind)
    assert parsed.media_type == media_type


@pytest.mark.parametrize(
    "media_type",
    [
        pytest.param("application/vnd.oci.image.layer.v1.tar", id="OCI tar"),
        pytest.param("application/vnd.oci.image.layer.v1.tar+gzip", id="OCI gzip"),
        pytest.param("application/vnd.oci.image.layer.v1.tar+zstd", id="OCI zstd"),
        pytest.param(
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", id="OCI foreign"
        ),
        pytest.param("application/vnd.docker.image.rootfs.diff.tar.gzip", id="Docker gzip"),
        pytest.param("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", id="foreign"),
    ],
)
def test_every_kind_of_layer_that_engines_unpack_is_accepted(media_type: str) -> None:
    parsed = manifest.parse(encode(with_layer(media_type)))
    assert isinstance(parsed, Manifest)
    assert parsed.layers[0].media_type == media_type


NO_JSON = "a proxy or a login page may have answered instead of the registry"
NO_IMAGE = "only Docker schema 2 and OCI images can be locked"
NO_LAYER = "no container engine unpacks that: the image is encrypted, or an artifact"
TWO_SIZES = {**descriptor(b"a", OCI_LAYER), "size": 2}
HELM = "application/vnd.cncf.helm.config.v1+json"
ENCRYPTED = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"
SCHEMA_1_MESSAGE = (
    "it is a Docker schema 1 manifest, which names no config and which engines refuse; "
    "push the image again with a current docker, podman or skopeo"
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"<html>",
            f"it is not JSON (line 1, column 1: this is not JSON); {NO_JSON}",
            id="HTML",
        ),
        pytest.param(
            b'{"layers": [], "layers": []}',
            "layers: this key is there twice; remove one of the two",
            id="key twice",
        ),
        pytest.param(
            encode({**INDEX, "layers": []}),
            "it has the keys of a manifest and of an index, and no image has both; "
            "build and push the image again",
            id="manifest and index at once",
        ),
        pytest.param(encode({"schemaVersion": 1}), SCHEMA_1_MESSAGE, id="schema 1"),
        pytest.param(
            encode({**MANIFEST, "mediaType": SCHEMA_1}), SCHEMA_1_MESSAGE, id="signed schema 1"
        ),
        pytest.param(
            encode({**MANIFEST, "config": descriptor(CONFIG, HELM)}),
            f"it is '{HELM}', which is not a container image; {NO_IMAGE}",
            id="Helm chart",
        ),
        pytest.param(
            encode(
                {
                    **MANIFEST,
                    "artifactType": "application/x",
                    "config": descriptor(b"{}", "application/vnd.oci.empty.v1+json"),
                }
            ),
            f"it is 'application/x', which is not a container image; {NO_IMAGE}",
            id="artifact",
        ),
        pytest.param(
            encode({**MANIFEST, "mediaType": "text/html"}),
            f"it is 'text/html', which is not a container image; {NO_IMAGE}",
            id="other media type",
        ),
        pytest.param(
            encode(with_layer(ENCRYPTED)),
            f"its layer {Digest.of(b'base').short} is '{ENCRYPTED}'; {NO_LAYER}",
            id="encrypted layer",
        ),
        pytest.param(
            encode({**MANIFEST, "layers": [descriptor(b"a", OCI_LAYER), TWO_SIZES]}),
            f"it gives {Digest.of(b'a').short} two sizes; build and push the image again",
            id="two sizes of one layer",
        ),
        pytest.param(
            encode(without(MANIFEST, "config")), "the document: 'config' is missing", id="no config"
        ),
        pytest.param(
            encode({"mediaType": OCI_INDEX}),
            "the document: 'manifests' is missing",
            id="index without manifests",
        ),
        pytest.param(
            encode({**MANIFEST, "layers": {}}),
            "layers: expected an array, found a table",
            id="layers of another type",
        ),
        pytest.param(
            encode({**MANIFEST, "layers": [{**descriptor(b"base", OCI_LAYER), "size": -1}]}),
            "layers[0].size: -1 is negative",
            id="negative size",
        ),
        pytest.param(
            encode({**MANIFEST, "config": without(descriptor(CONFIG, OCI_CONFIG), "mediaType")}),
            f"it is a document without a media type, which is not a container image; {NO_IMAGE}",
            id="descriptor without media type",
        ),
        pytest.param(b"[]", "the document: expected a table, found an array", id="array"),
        pytest.param(
            encode({**MANIFEST, "config": {**descriptor(b"", OCI_CONFIG), "digest": "sha256:0"}}),
            "config.digest: 'sha256:0' is not a digest; "
            "sha256: is followed by 64 lower-case hexadecimal digits",
            id="bad digest",
        ),
        pytest.param(
            encode(
                image_index(
                    descriptor(b"1", OCI_MANIFEST, platform={"os": "a b", "architecture": "amd64"})
                )
            ),
            "manifests[0].platform: 'a b/amd64' is not a platform; "
            "write it as linux/amd64 or linux/arm/v7",
            id="bad platform",
        ),
        pytest.param(
            encode(image_index(descriptor(b"1", OCI_MANIFEST, platform={"os": 1}))),
            "manifests[0].platform.os: expected a string, found an integer",
            id="platform of another type",
        ),
    ],
)
def test_the_refusal_names_the_kind_of_any_other_document(data: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        manifest.parse(data)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="nested deeply"),
        pytest.param(b'{"schemaVersion": %s}' % (b"1" * 5000), id="long integer"),
        pytest.param(b'{"os": NaN, "mediaType": NaN}', id="not a number"),
        pytest.param(b'{"os": 1}', id="fields of another type"),
    ],
)
def test_bytes_that_are_not_a_manifest_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidManifest):
        manifest.parse(data)


def test_the_header_names_a_document_without_a_media_type() -> None:
    with pytest.raises(InvalidManifest) as caught:
        manifest.parse(b"{}", "text/html; charset=utf-8")
    assert str(caught.value) == f"it is 'text/html', which is not a container image; {NO_IMAGE}"


def config_platform(data: bytes) -> Platform:
    return ImageConfig.parse(data).platform


def assert_refuses_or_reads(data: bytes) -> None:
    parsed = read_or_refused(manifest.parse, data)
    assert parsed is None or parsed.media_type in ACCEPTED_TYPES
    platform = read_or_refused(config_platform, data)
    assert platform is None or Platform.parse(str(platform)) == platform


def paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value in a JSON document but the document itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*path, key))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ATTESTED = image_index(descriptor(b"1", OCI_MANIFEST, annotations={"a": "b"}, platform={"os": "x"}))


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    """A real document with one to three values replaced, or taken out."""
    document: Json = copy.deepcopy(
        draw(st.sampled_from([MANIFEST, INDEX, ATTESTED, json.loads(CONFIG)]))
    )
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(paths(document)) or [("x",)]))
        parent: Any = document
        for key in way:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        elif isinstance(parent, list) or last in parent:
            del parent[cast(Any, last)]
    return document


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert_refuses_or_reads(data)


@given(JSON | mutated())
def test_any_json_is_read_or_refused(document: Json) -> None:
    assert_refuses_or_reads(encode(document))


@pytest.mark.parametrize(
    "media_type", ["", "application/octet-stream", "application/json", "text/plain"]
)
def test_a_config_of_schema_2_may_have_the_type_that_old_builders_gave_it(media_type: str) -> None:
    old = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": descriptor(CONFIG, media_type),
        "layers": [descriptor(b"base", DOCKER_LAYER)],
    }
    parsed = manifest.parse(encode(old))
    assert isinstance(parsed, Manifest)
    assert parsed.config.digest == Digest.of(CONFIG)
    with pytest.raises(InvalidManifest):
        manifest.parse(encode({**old, "mediaType": OCI_MANIFEST}))


def test_an_image_may_have_an_artifact_type() -> None:
    parsed = manifest.parse(encode({**MANIFEST, "artifactType": OCI_CONFIG}))
    assert isinstance(parsed, Manifest)


def test_null_counts_as_absent_as_go_writes_it() -> None:
    nulls = dict.fromkeys(["annotations", "artifactType", "platform", "data", "urls"])
    entry = {**descriptor(b"1", OCI_MANIFEST), **nulls}
    index = {**image_index(entry), "mediaType": None, "artifactType": None, "annotations": None}
    parsed = manifest.parse(encode(index))
    assert isinstance(parsed, Index)
    assert parsed.manifests[0].platform is None


@pytest.mark.parametrize(
    ("fields", "platform"),
    [
        pytest.param({}, None, id="empty"),
        pytest.param({"architecture": "", "os": ""}, None, id="empty fields"),
        pytest.param({"os": "linux"}, None, id="no architecture"),
        pytest.param({"architecture": "arm64", "os": ""}, "linux/arm64", id="no os"),
        pytest.param(
            {"architecture": "arm", "os": "linux", "variant": None}, "linux/arm", id="null variant"
        ),
    ],
)
def test_an_empty_platform_is_not_said(fields: Json, platform: str | None) -> None:
    parsed = manifest.parse(encode(image_index(descriptor(b"1", OCI_MANIFEST, platform=fields))))
    assert isinstance(parsed, Index)
    found = parsed.manifests[0].platform
    assert (None if found is None else str(found)) == platform


@pytest.mark.parametrize("key", ["layers", "config"])
def test_a_document_with_the_keys_of_both_is_refused(key: str) -> None:
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [], key: []}
    with pytest.raises(InvalidManifest, match="the keys of a manifest and of an index"):
        manifest.parse(encode(document))


@pytest.mark.parametrize("key", ["layers", "config"])
def test_one_key_alone_does_not_make_a_manifest(key: str) -> None:
    with pytest.raises(InvalidManifest, match="it is a document without a media type, which"):
        manifest.parse(encode({"schemaVersion": 2, key: []}))
