"""Keys in another case than the spec's: Go reads them, so engines would see another image."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from support.builders import descriptor, encode, image_config, image_index, image_manifest
from support.builders import platform_fields as fields

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci import manifest
from nixfetch_docker.oci.config import ImageConfig
from nixfetch_docker.oci.document import InvalidManifest, check_document
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.oci.media_types import OCI_MANIFEST

MANIFEST = image_manifest(image_config("linux/amd64"), b"base", b"top")
INDEX = image_index(descriptor(b"1", OCI_MANIFEST, platform=fields("linux/arm/v7")))
# As docker 20.10 writes it, with what it keeps of version 1.
CONFIG: dict[str, Any] = {
    "id": "x",
    "parent": "y",
    "architecture": "arm",
    "variant": "v7",
    "config": {
        "Hostname": "",
        "AttachStdin": False,
        "ExposedPorts": {"80/tcp": {}, "80/TCP": {}},
        "Env": ["PATH=/bin", "path=/x"],
        "Cmd": ["sh"],
        "Healthcheck": {"Test": ["NONE"], "Interval": 5},
        "Volumes": {"/Data": {}, "/data": {}},
        "OnBuild": None,
        "Labels": {"org.a": "1", "Org.A": "2", "\u212a": "3", "k": "4"},
    },
    "container": "z",
    "container_config": {"Cmd": ["sh"], "Labels": {"a": "1", "A": "2"}},
    "created": "2025-01-01T00:00:00Z",
    "docker_version": "20.10",
    "history": [{"created": "2025-01-01T00:00:00Z", "created_by": "sh", "Extra": {"a": 1, "A": 2}}],
    "moby.buildkit.buildinfo.v1": {"Sources": [], "sources": []},
    "os": "linux",
    "os.features": ["a"],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]},
    "Size": 0,
}
Path = Sequence[str | int]


def changed(document: dict[str, Any], path: Path, key: str, value: object) -> bytes:
    """The document with one more key in the object at `path`."""
    made = copy.deepcopy(document)
    at: Any = made
    for step in path:
        at = at[step]
    at[key] = value
    return encode(made)


def renamed(document: dict[str, Any], path: Path, key: str, name: str) -> bytes:
    made = copy.deepcopy(document)
    at: Any = made
    for step in path:
        at = at[step]
    at[name] = at.pop(key)
    return encode(made)


def read_config(data: bytes) -> None:
    config = ImageConfig.parse(data)
    config.check_layers(1)
    assert str(config.platform) == "linux/arm/v7"


def inspect(data: bytes) -> None:
    config = ImageConfig.parse(data)
    for name in ("created", "author", "user", "working_directory", "entrypoint", "command"):
        getattr(config, name)
    for name in ("environment", "ports", "volumes", "labels", "history"):
        getattr(config, name)


PLACES = [
    pytest.param(manifest.parse, MANIFEST, (), "layers", "", id="layers"),
    pytest.param(manifest.parse, MANIFEST, (), "config", "", id="config"),
    pytest.param(manifest.parse, MANIFEST, (), "mediaType", "", id="type of the manifest"),
    pytest.param(manifest.parse, MANIFEST, (), "schemaVersion", "", id="schema"),
    pytest.param(check_document, MANIFEST, (), "schemaVersion", "", id="schema of an artifact"),
    pytest.param(manifest.parse, MANIFEST, ("config",), "digest", "config.", id="config's digest"),
    pytest.param(manifest.parse, MANIFEST, ("layers", 1), "digest", "layers[1].", id="digest"),
    pytest.param(manifest.parse, MANIFEST, ("layers", 0), "size", "layers[0].", id="size"),
    pytest.param(manifest.parse, MANIFEST, ("layers", 0), "mediaType", "layers[0].", id="type"),
    pytest.param(manifest.parse, INDEX, (), "manifests", "", id="manifests"),
    pytest.param(manifest.parse, INDEX, ("manifests", 0), "digest", "manifests[0].", id="entry"),
    pytest.param(
        manifest.parse, INDEX, ("manifests", 0), "platform", "manifests[0].", id="platform"
    ),
    *(
        pytest.param(
            manifest.parse,
            INDEX,
            ("manifests", 0, "platform"),
            key,
            "manifests[0].platform.",
            id=f"{key} of an entry",
        )
        for key in ("os", "architecture", "variant")
    ),
    *(
        pytest.param(read_config, CONFIG, (), key, "", id=f"{key} of a config")
        for key in ("os", "architecture", "variant", "rootfs")
    ),
    pytest.param(read_config, CONFIG, ("rootfs",), "diff_ids", "rootfs.", id="diff_ids"),
    pytest.param(inspect, CONFIG, (), "config", "", id="what a container runs with"),
    *(
        pytest.param(inspect, CONFIG, ("config",), key, "config.", id=key)
        for key in ("Env", "Cmd", "ExposedPorts", "Volumes", "Labels")
    ),
    pytest.param(inspect, CONFIG, ("history", 0), "created_by", "history[0].", id="created_by"),
]


def names(key: str) -> list[str]:
    """The key in other cases, also with letters beyond ASCII that fold into it."""
    strange = key.replace("s", "\u017f", 1).replace("k", "\u212a", 1)
    found = {key.upper(), key.lower(), key.capitalize(), key.swapcase(), strange}
    return sorted(found - {key})


@pytest.mark.parametrize(("read", "document", "path", "key", "place"), PLACES)
def test_a_second_key_in_another_case_is_refused(
    read: Callable[[bytes], object], document: dict[str, Any], path: Path, key: str, place: str
) -> None:
    read(encode(document))
    for name in names(key):
        values: list[Any] = [[], None, "x"]
        for value in values:
            with pytest.raises(InvalidManifest) as caught:
                read(changed(document, path, name, value))
            shown = name if name.isascii() else f'"{name}"'
            assert str(caught.value) == (
                f"{place}{shown}: container engines take this key and {key!r} for the same one; "
                "remove one of the two"
            )


@pytest.mark.parametrize(("read", "document", "path", "key", "place"), PLACES)
def test_a_lone_key_in_another_case_is_refused(
    read: Callable[[bytes], object], document: dict[str, Any], path: Path, key: str, place: str
) -> None:
    for name in names(key):
        with pytest.raises(InvalidManifest) as caught:
            read(renamed(document, path, key, name))
        shown = name if name.isascii() else f'"{name}"'
        message = f"container engines take this key for {key!r}; write it as {key!r}"
        assert str(caught.value) == f"{place}{shown}: {message}"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        pytest.param(MANIFEST, (), id="manifest"),
        pytest.param(INDEX, (), id="index"),
        pytest.param(INDEX, ("manifests", 0), id="entry"),
        pytest.param(CONFIG, (), id="config"),
        pytest.param(CONFIG, ("config",), id="container"),
        pytest.param(CONFIG, ("config", "Healthcheck"), id="health check"),
        pytest.param(CONFIG, ("container_config",), id="old container"),
        pytest.param(CONFIG, ("history", 0), id="history"),
    ],
)
def test_keys_that_this_program_does_not_read_are_not_ambiguous_either(
    document: dict[str, Any], path: Path
) -> None:
    read = ImageConfig.parse if document is CONFIG else manifest.parse
    data = changed(json.loads(changed(document, path, "other", 1)), path, "Other", 2)
    with pytest.raises(InvalidManifest, match="Other: container engines take this key and 'other'"):
        read(data)


def test_the_keys_of_maps_and_of_what_no_engine_reads_are_free() -> None:
    inspect(encode(CONFIG))
    assert ImageConfig.parse(encode(CONFIG)).labels["Org.A"] == "2"
    annotations = {"a": "1", "A": "2", "LAYERS": "3"}
    for path in ((), ("config",), ("layers", 0)):
        manifest.parse(changed(MANIFEST, path, "annotations", annotations))
    for path in ((), ("manifests", 0)):
        manifest.parse(changed(INDEX, path, "annotations", annotations))
    manifest.parse(changed(MANIFEST, (), "org.acme.extra", {"a": [{"b": 1, "B": 2}], "A": 1}))


def test_a_null_in_another_case_is_absent_to_go_too() -> None:
    read_config(changed(CONFIG, (), "Author", None))
    inspect(changed(CONFIG, (), "Author", None))


def test_an_image_is_locked_whose_container_has_a_key_in_another_case() -> None:
    data = renamed(CONFIG, ("config",), "Cmd", "cmd")
    read_config(data)
    assert Origin.from_config(data) == Origin()
    with pytest.raises(
        NixfetchError, match=r"config\.cmd: container engines take this key for 'Cmd'"
    ):
        inspect(data)
