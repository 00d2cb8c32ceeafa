from __future__ import annotations

import pytest
from support.builders import encode, image_config

from nixfetch_docker.oci.config import ImageConfig
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
def test_a_config_that_is_none_is_refused(config: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        ImageConfig.parse(config).platform  # noqa: B018
    assert str(caught.value) == message


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
