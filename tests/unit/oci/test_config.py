from __future__ import annotations

import pytest
from support.builders import encode, image_config

from nixfetch_docker.oci.config import ImageConfig
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import InvalidManifest
from nixfetch_docker.oci.platform import Platform

CONFIG = image_config("linux/arm/v7")


@pytest.mark.parametrize(
    ("config", "platform"),
    [
        pytest.param(CONFIG, "linux/arm/v7", id="with a variant"),
        pytest.param(image_config("windows/amd64"), "windows/amd64", id="Windows"),
        pytest.param(b'{"os": "", "architecture": ""}', "linux/amd64", id="empty fields"),
        pytest.param(b"{}", "linux/amd64", id="before there were several platforms"),
    ],
)
def test_a_config_names_its_platform(config: bytes, platform: str) -> None:
    assert ImageConfig.parse(config).platform == Platform.parse(platform)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(
            b'{"os": "a b"}',
            "'a b/amd64' is not a platform; write it as linux/amd64 or linux/arm/v7",
            id="no platform",
        ),
        pytest.param(b"[]", "the document: expected a table, found an array", id="array"),
    ],
)
def test_a_config_with_a_wrong_platform_is_refused(config: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        ImageConfig.parse(config).platform  # noqa: B018
    assert str(caught.value) == message


def test_the_values_that_a_container_runs_with() -> None:
    config = ImageConfig.parse(
        encode(
            {
                "created": "2025-01-01T00:00:00Z",
                "author": "me",
                "config": {
                    "User": "1000",
                    "WorkingDir": "/data",
                    "Entrypoint": ["/bin/sh", "-c"],
                    "Cmd": ["run"],
                    "Env": ["B=b", "A=a"],
                    "ExposedPorts": {"80/tcp": {}, "6379/tcp": {}},
                    "Volumes": {"/data": {}},
                    "Labels": {"b": "2", "a": "1"},
                },
            }
        )
    )
    assert config.created == "2025-01-01T00:00:00Z"
    assert config.author == "me"
    assert config.user == "1000"
    assert config.working_directory == "/data"
    assert config.entrypoint == ["/bin/sh", "-c"]
    assert config.command == ["run"]
    assert config.environment == ["B=b", "A=a"]
    assert config.ports == ["6379/tcp", "80/tcp"]
    assert config.volumes == ["/data"]
    assert list(config.labels.items()) == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"{}", id="missing"),
        pytest.param(b'{"config": null}', id="null, as Go writes it"),
        pytest.param(b'{"config": {"User": null, "Env": null, "Labels": null}}', id="null inside"),
    ],
)
def test_a_value_that_is_missing_is_empty(data: bytes) -> None:
    config = ImageConfig.parse(data)
    assert (config.created, config.author, config.user, config.working_directory) == (None,) * 4
    assert [config.entrypoint, config.command, config.environment] == [[], [], []]
    assert [config.ports, config.volumes, dict(config.labels)] == [[], [], {}]


def test_one_wrong_value_spoils_no_other() -> None:
    config = ImageConfig.parse(encode({"author": 7, "config": {"Env": "A=b", "User": "me"}}))
    assert config.user == "me"
    with pytest.raises(InvalidManifest) as caught:
        config.environment  # noqa: B018
    assert str(caught.value) == "config.Env: expected an array, found a string"
    with pytest.raises(InvalidManifest) as caught:
        config.author  # noqa: B018
    assert str(caught.value) == "author: expected a string, found an integer"


def test_history_names_the_command_behind_each_layer() -> None:
    steps = [
        {"created_by": "ADD file"},
        {"created_by": "ENV A=b", "empty_layer": True},
        {"created_by": "RUN  a\x1b[31m"},
        {},
    ]
    config = ImageConfig.parse(encode({"history": steps}))
    assert config.history == ["ADD file", "RUN a[31m", ""]
    assert ImageConfig.parse(b"{}").history == []


@pytest.mark.parametrize(
    ("config", "number"),
    [
        pytest.param(image_config(layers=2), 2, id="two"),
        pytest.param(image_config(layers=0), 0, id="none"),
        pytest.param(b'{"rootfs": {"type": "layers"}}', 0, id="none, and no list of them"),
    ],
)
def test_a_config_lists_the_layers_of_its_manifest(config: bytes, number: int) -> None:
    ImageConfig.parse(config).check_layers(number)


@pytest.mark.parametrize(
    ("config", "number", "what"),
    [
        pytest.param(image_config(layers=1), 2, "it lists 1 layer, and its manifest 2", id="less"),
        pytest.param(image_config(layers=3), 2, "it lists 3 layers, and its manifest 2", id="more"),
        pytest.param(
            b'{"rootfs": {"diff_ids": null}}', 1, "it lists 0 layers, and its manifest 1", id="null"
        ),
    ],
)
def test_another_number_of_layers_is_refused(config: bytes, number: int, what: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        ImageConfig.parse(config).check_layers(number)
    assert str(caught.value) == f"{what}; no engine loads that; push the image again"


def test_the_digests_of_the_layers_are_read() -> None:
    config = ImageConfig.parse(image_config(layers=2))
    assert config.diff_ids(2) == [Digest.of(b"0"), Digest.of(b"1")]
    with pytest.raises(InvalidManifest, match="its manifest 3"):
        config.diff_ids(3)
    with pytest.raises(InvalidManifest, match="sha256:1"):
        ImageConfig.parse(b'{"rootfs": {"diff_ids": ["sha256:1"]}}').diff_ids(1)


def test_a_config_without_a_root_file_system_is_refused() -> None:
    with pytest.raises(InvalidManifest, match=r"^the document: 'rootfs' is missing$"):
        ImageConfig.parse(b"{}").check_layers(0)
