from __future__ import annotations

import pytest
from support.builders import Json, encode, image_manifest

from nixfetch_docker.oci.config import Facts
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.manifest import InvalidManifest
from nixfetch_docker.oci.reference import Reference


def facts(config: Json) -> Facts:
    data = encode(config)
    image = Image.parse(Reference.parse("redis:7"), encode(image_manifest(data, b"a", b"a")))
    return Facts.of(image, data)


def shown(config: Json) -> dict[str, str]:
    lines = (line.partition(" ") for line in facts(config).lines(lambda number: f"{number} B"))
    return {name: value.strip() for name, _, value in lines if name}


def test_all_that_a_config_may_say() -> None:
    told = shown(
        {
            "os": "linux",
            "architecture": "arm64",
            "created": "2025-01-01T00:00:00Z",
            "author": "me",
            "config": {
                "User": "1000",
                "WorkingDir": "/data",
                "Entrypoint": ["/bin/sh", "-c", "echo 'hi there'"],
                "Cmd": ["run"],
                "Env": ["A=\x1b[31m"],
                "ExposedPorts": {"6379/tcp": {}, "80/tcp": {}},
                "Volumes": {"/data": {}},
                "Labels": {"a": "b\nc"},
            },
        }
    )
    assert {name: told[name] for name in list(told)[3:] if name != "layers"} == {
        "platform": "linux/arm64",
        "platforms": "linux/arm64",
        "size": told["size"],
        "created": "2025-01-01T00:00:00Z",
        "author": "me",
        "user": "1000",
        "directory": "/data",
        "entrypoint": """/bin/sh -c 'echo '"'"'hi there'"'"''""",
        "command": "run",
        "environment": r"A=\x1b[31m",
        "ports": "6379/tcp, 80/tcp",
        "volumes": "/data",
        "labels": r"a=b\nc",
    }


@pytest.mark.parametrize("empty", [{}, {"config": None}, {"config": {"Env": None, "Labels": None}}])
def test_what_is_not_said_is_not_shown(empty: Json) -> None:
    told = shown({"os": "linux", "architecture": "amd64", **empty})
    assert set(told) == {"reference", "digest", "id", "platform", "platforms", "size", "layers"}


def test_a_config_that_makes_no_sense_is_refused() -> None:
    data = encode({"config": {"Env": "A=b"}})
    with pytest.raises(InvalidManifest) as caught:
        facts({"config": {"Env": "A=b"}})
    image = Image.parse(Reference.parse("redis:7"), encode(image_manifest(data)))
    assert str(caught.value) == (
        f"redis:7: its config {image.manifest.config.digest.short}: config.Env: "
        "expected an array, found a string"
    )
