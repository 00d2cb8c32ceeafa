from __future__ import annotations

import base64

import pytest
from support.builders import Json, descriptor, platform_fields

from nixfetch_docker.base.table import Table
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.descriptor import Descriptor
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import InvalidManifest
from nixfetch_docker.oci.media_types import OCI_MANIFEST

CONTENT = b"content"
ENTRY = descriptor(CONTENT, OCI_MANIFEST)


def read(document: Json) -> Descriptor:
    return Descriptor.from_table(Table.of(document, "manifests[0]"))


def test_a_descriptor_names_a_blob() -> None:
    assert read(ENTRY).blob == Blob(digest=Digest.of(CONTENT), size=len(CONTENT))


@pytest.mark.parametrize(
    ("more", "is_attestation"),
    [
        pytest.param({"platform": platform_fields("linux/amd64")}, False, id="image"),
        pytest.param({}, False, id="no platform"),
        pytest.param({"platform": platform_fields("unknown/unknown")}, True, id="by its platform"),
        pytest.param(
            {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            True,
            id="by its annotation",
        ),
        pytest.param({"annotations": {"com.example": "x"}}, False, id="other annotation"),
    ],
)
def test_an_attestation_of_buildkit_is_not_an_image(more: Json, *, is_attestation: bool) -> None:
    assert read({**ENTRY, **more}).is_attestation is is_attestation


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        pytest.param({"os": "linux", "architecture": "arm64"}, "linux/arm64", id="given"),
        pytest.param({"architecture": "arm64"}, "linux/arm64", id="without an os"),
        pytest.param({"os": "linux"}, "None", id="without an architecture"),
    ],
)
def test_the_platform_of_an_entry(platform: Json, expected: str) -> None:
    assert str(read({**ENTRY, "platform": platform}).platform) == expected


def embedded(data: bytes) -> Json:
    return {**ENTRY, "data": base64.b64encode(data).decode()}


def test_embedded_content_is_taken_where_the_digest_names_it() -> None:
    assert read(embedded(CONTENT)) == read(ENTRY)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(embedded(b"another"), id="other content"),
        pytest.param({**embedded(CONTENT), "size": 6}, id="other size"),
        pytest.param({**ENTRY, "data": "no base64!"}, id="not base64"),
    ],
)
def test_other_embedded_content_is_refused(document: Json) -> None:
    with pytest.raises(InvalidManifest) as caught:
        read(document)
    assert str(caught.value) == (
        "manifests[0].data: the embedded content does not match the digest and the size; "
        "build and push the image again"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"digest": "sha256:0"},
            "manifests[0].digest: 'sha256:0' is not a digest; "
            "sha256: is followed by 64 lower-case hexadecimal digits",
            id="digest",
        ),
        pytest.param(
            {"size": "7"}, "manifests[0].size: expected an integer, found a string", id="size"
        ),
        pytest.param(
            {"platform": {"os": "a b", "architecture": "amd64"}},
            "manifests[0].platform: 'a b/amd64' is not a platform; "
            "write it as linux/amd64 or linux/arm/v7",
            id="platform",
        ),
    ],
)
def test_an_error_names_the_path_of_the_value(changes: Json, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        read({**ENTRY, **changes})
    assert str(caught.value) == message


def test_the_kind_of_an_artifact_and_the_places_outside_the_registry_are_kept() -> None:
    urls = ["https://example.org/a", "https://example.org/b"]
    found = read({**ENTRY, "artifactType": "application/vnd.example.sbom", "urls": urls})
    assert found.artifact_type == "application/vnd.example.sbom"
    assert found.urls == tuple(urls)
    assert (read(ENTRY).artifact_type, read(ENTRY).urls) == ("", ())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param({"artifactType": 1}, "artifactType: expected a string", id="kind"),
        pytest.param({"urls": "https://a"}, "urls: expected an array", id="places"),
        pytest.param({"urls": [1]}, r"urls\[0\]: expected a string", id="place"),
    ],
)
def test_optional_fields_have_their_types(more: Json, message: str) -> None:
    with pytest.raises(NixfetchError, match=rf"^manifests\[0\].{message}"):
        read({**ENTRY, **more})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # Decoders that pass such characters by read other content than those that do not.
        pytest.param(CONTENT, "Y29u\ndGVudA==", id="line break"),
        pytest.param(CONTENT, "Y29u!dGVudA==", id="other character"),
        pytest.param(b"", "!", id="no base64 of nothing"),
    ],
)
def test_embedded_content_is_strict_base64(data: bytes, text: str) -> None:
    with pytest.raises(InvalidManifest, match="the embedded content does not match"):
        read({**descriptor(data, OCI_MANIFEST), "data": text})
