from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from support.builders import descriptor, encode, image_config, image_index, image_manifest
from support.in_memory import InMemoryRegistry

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci import manifest
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import MANIFEST_LIMIT, InvalidManifest
from nixfetch_docker.oci.media_types import OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.client import Client
from nixfetch_docker.registry.offers import NoSuchImage, NoSuchPlatform

ARM = Platform.parse("linux/arm64")
CHART = {"schemaVersion": 2, "artifactType": "application/vnd.cncf.helm.chart", "layers": []}


@pytest.fixture
def registry() -> InMemoryRegistry:
    """Redis 7 for two platforms, and redis 6 for s390x without an index."""
    made = InMemoryRegistry()
    made.push_index(made.push_image("linux/amd64"), made.push_image("linux/arm64"), tag="7")
    made.push_image("linux/s390x", tag="6")
    made.push(encode(CHART), "chart")
    return made


@pytest.fixture
def client(registry: InMemoryRegistry) -> Client:
    return registry.client


class TestDigest:
    def test_it_costs_one_head(self, registry: InMemoryRegistry, client: Client) -> None:
        found = client.digest("redis:7")
        assert registry.calls == ["digest docker.io/library/redis:7"]
        assert found == registry.digest(Reference.parse("redis:7"))

    def test_it_is_the_manifests_where_head_is_unknown(self) -> None:
        registry = InMemoryRegistry(says_digests=False)
        pushed = registry.push_image("linux/amd64", tag="latest")
        assert str(registry.client.digest("redis")) == pushed["digest"]


class TestManifest:
    def test_the_bytes_are_those_of_the_registry(self, client: Client) -> None:
        assert Digest.of(client.manifest("redis:7")) == client.digest("redis:7")

    def test_it_may_be_that_of_another_artifact(self, client: Client) -> None:
        assert client.manifest("redis:chart") == encode(CHART)
        with pytest.raises(InvalidManifest, match="redis:chart: "):
            client.image("redis:chart")


class TestImage:
    def test_it_is_the_one_for_the_platform(self, client: Client) -> None:
        image = client.image("redis:7", ARM)
        assert client.config(image) == image_config("linux/arm64")
        assert image.reference == Reference.parse("redis:7")
        assert image.digest == Digest.of(image.data)
        assert list(map(str, image.platforms)) == ["linux/amd64", "linux/arm64"]

    @pytest.mark.parametrize(
        ("machine", "expected"),
        [pytest.param("x86_64", "linux/amd64"), pytest.param("aarch64", "linux/arm64")],
    )
    def test_an_index_gives_the_one_for_this_machine(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, machine: str, expected: str
    ) -> None:
        uname = os.uname_result(("Linux", "host", "6", "1", machine))
        monkeypatch.setattr(os, "uname", lambda: uname)
        assert client.config(client.image("redis:7")) == image_config(expected)

    def test_a_manifest_alone_is_for_any_machine(self, client: Client) -> None:
        assert client.config(client.image("redis:6")) == image_config("linux/s390x")

    @pytest.mark.parametrize(
        ("reference", "hint"),
        [
            pytest.param("redis:7", "choose from linux/amd64, linux/arm64", id="index"),
            pytest.param("redis:6", "choose from linux/s390x", id="manifest"),
        ],
    )
    def test_another_platform_is_an_error_that_lists_those_there_are(
        self, client: Client, reference: str, hint: str
    ) -> None:
        with pytest.raises(NoSuchPlatform) as caught:
            client.image(reference, Platform.parse("linux/riscv64"))
        assert str(caught.value) == (f"{reference}: there is no image for linux/riscv64; {hint}")

    def test_an_index_and_its_manifest_are_parsed_once_each(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parsed: list[bytes] = []
        parse = manifest.parse

        def count(data: bytes, content_type: str | None = None) -> object:
            parsed.append(data)
            return parse(data, content_type)

        monkeypatch.setattr(manifest, "parse", count)
        image = client.image("redis:7", ARM)
        assert parsed == [client.manifest("redis:7"), image.data]


class TestConfig:
    def test_one_that_is_too_large_is_not_fetched(
        self, registry: InMemoryRegistry, client: Client
    ) -> None:
        image = client.image("redis:7", ARM)
        config = replace(image.manifest.config, size=MANIFEST_LIMIT + 1)
        huge = replace(image, manifest=replace(image.manifest, config=config))
        registry.calls.clear()
        with pytest.raises(InvalidManifest, match=r"^redis:7: its config has 4194305 bytes, and"):
            client.config(huge)
        assert registry.calls == []


class TestFind:
    @pytest.mark.parametrize(
        ("reference", "platform"), [("redis:7", "linux/arm64"), ("redis:6", "linux/s390x")]
    )
    def test_the_image_with_a_config(self, client: Client, reference: str, platform: str) -> None:
        config = Digest.of(image_config(platform))
        wanted = Platform.parse(platform)
        expected = client.image(reference, wanted).digest
        assert client.find(reference, config) == (expected, wanted)

    def test_a_config_that_no_image_has(self, client: Client) -> None:
        with pytest.raises(NoSuchImage, match=r"^redis:7: no image there has the config sha256:"):
            client.find("redis:7", Digest.of(b"other"))


def test_platforms_are_listed_once(registry: InMemoryRegistry, client: Client) -> None:
    amd64 = registry.push_image("linux/amd64")
    registry.push_index(amd64, registry.push_image("linux/arm64"), amd64, tag="8")
    assert list(map(str, client.platforms("redis:8"))) == ["linux/amd64", "linux/arm64"]


def test_an_index_entry_without_a_platform_has_that_of_its_config(
    registry: InMemoryRegistry, client: Client
) -> None:
    config = image_config("linux/riscv64")
    data = encode(image_manifest(config, b"layer"))
    registry.push(config)
    registry.push(data)
    registry.push(encode(image_index(descriptor(data, OCI_MANIFEST))), "8")
    assert list(map(str, client.platforms("redis:8"))) == ["linux/riscv64"]


def test_tags_end_with_the_newest_version(registry: InMemoryRegistry, client: Client) -> None:
    for tag in ("7.10", "7.9"):
        registry.push_image("linux/amd64", tag=tag)
    assert client.tags("redis")[-2:] == ["7.9", "7.10"]


@pytest.mark.parametrize(
    ("ask", "place"),
    [
        pytest.param(lambda client: client.image("redis"), "redis:latest", id="image"),
        pytest.param(lambda client: client.manifest("redis:5"), "redis:5", id="manifest"),
        pytest.param(lambda client: client.platforms("redis:5"), "redis:5", id="platforms"),
        pytest.param(lambda client: client.digest("redis:5"), "redis:5", id="digest"),
        pytest.param(
            lambda client: client.image(Reference.parse("redis")), "redis:latest", id="parsed"
        ),
    ],
)
def test_errors_name_the_image(client: Client, ask: Callable[[Client], object], place: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        ask(client)
    assert str(caught.value) == f"{place}: not there"


def test_a_reference_that_is_none_is_an_error(client: Client) -> None:
    with pytest.raises(NixfetchError, match="REDIS"):
        client.image("REDIS")


def test_requests_for_a_blob_go_to_the_registries() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.asked: list[object] = []

        def blob(self, *arguments: object) -> None:
            self.asked.extend(arguments)

    recorder, sink, layer = Recorder(), BytesIO(), Digest.of(b"layer")
    client = InMemoryRegistry().client
    client.registries = recorder  # type: ignore[assignment]
    client.blob("redis:7", layer, sink, size=5)
    assert recorder.asked == [Reference.parse("redis"), layer, 5, sink]
