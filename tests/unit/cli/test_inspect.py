from __future__ import annotations

from dataclasses import replace

import pytest
from support.builders import Json, encode, image_manifest

from nixfetch_docker.cli.commands.inspect import to_json, to_lines
from nixfetch_docker.oci.config import ImageConfig
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.image import Image
from nixfetch_docker.oci.reference import Reference


def shown(config: Json) -> dict[str, str]:
    data = encode(config)
    image = Image.parse(Reference.parse("redis:7"), encode(image_manifest(data, b"a", b"a")))
    lines = (line.partition(" ") for line in to_lines(image, ImageConfig.parse(data)))
    told = {name: value.strip() for name, _, value in lines if name}
    assert told.pop("layer").split()[0] == "2"
    return told


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
    assert {name: told[name] for name in list(told)[5:]} == {
        "platform": "linux/arm64",
        "platforms": "linux/arm64",
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
    assert set(told) == {*("image", "digest", "manifest", "id", "size", "platform", "platforms")}


def test_an_image_of_an_index_has_the_digest_of_the_index_and_that_of_its_manifest() -> None:
    data = encode({"os": "linux", "architecture": "amd64"})
    manifest = encode(image_manifest(data, b"a"))
    image = replace(
        Image.parse(Reference.parse("redis:7"), manifest), index=Digest.of(b"the index")
    )
    config = ImageConfig.parse(data)
    named, own = str(Digest.of(b"the index")), str(Digest.of(manifest))
    lines = list(to_lines(image, config))
    assert lines[1:3] == [f"digest   {named}", f"manifest {own}"]
    assert max(map(len, lines)) == 80
    told = to_json(image, config)
    assert (told["digest"], told["manifest"]) == (named, own)


def test_json_has_every_key_also_where_a_config_says_nothing() -> None:
    image = Image.parse(Reference.parse("redis:7"), encode(image_manifest(b"{}", b"a")))
    document = to_json(image, ImageConfig.parse(b"{}"))
    assert document["platforms"] == ["linux/amd64"]
    assert document["layers"][0]["size"] == 1
    assert (document["created"], document["entrypoint"], document["labels"]) == (None, [], {})
