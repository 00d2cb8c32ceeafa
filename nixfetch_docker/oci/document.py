"""Reading the JSON documents of a registry: manifests, indexes and configs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..base import strict_json
from ..base.table import Table
from ..errors import NixfetchError

# The distribution spec lets registries limit manifests to this size in bytes, and all do:
# https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests
MANIFEST_LIMIT = 4 * 1024 * 1024

# What Go reads as structs, not as maps such as annotations and labels; config.md and manifest.md of
# https://github.com/opencontainers/image-spec/blob/v1.1.0/ and
# https://github.com/moby/moby/blob/v25.0.0/image/image.go.
_FLAT: strict_json.Shape = {}
_DESCRIPTOR: strict_json.Shape = {"platform": {}}
_CONTAINER: strict_json.Shape = {"Healthcheck": {}}
MANIFEST_SHAPE: strict_json.Shape = {
    "config": _DESCRIPTOR,
    "layers": _DESCRIPTOR,
    "manifests": _DESCRIPTOR,
    "subject": _DESCRIPTOR,
}
CONFIG_SHAPE: strict_json.Shape = {
    "config": _CONTAINER,
    "container_config": _CONTAINER,
    "history": {},
    "rootfs": {},
}
# These bound the memory: a value of three bytes may take hundreds. An index of this many values
# has some 30,000 entries.
_VALUES_LIMIT = 200_000


class InvalidManifest(NixfetchError):
    """Bytes that are not a manifest, an index or a config of a container image."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn every other error of the block into `InvalidManifest`, with the same text."""
    try:
        yield
    except InvalidManifest:
        raise
    except NixfetchError as error:
        raise InvalidManifest(str(error)) from None


def check_values(data: bytes) -> None:
    """Raise `InvalidManifest` where a JSON text may hold more values than fit into memory."""
    if data.count(b",") > _VALUES_LIMIT:
        raise InvalidManifest(
            f"it has more than {_VALUES_LIMIT} values", hint="no manifest or config of an image has"
        )


def parse_object(data: bytes, shape: strict_json.Shape = _FLAT) -> Table:
    """The JSON object that `data` is, a struct of this shape; raises `InvalidManifest`."""
    check_values(data)
    with reading():
        try:
            return strict_json.parse_table(data, shape=shape)
        except strict_json.InvalidJson as error:
            raise InvalidManifest(
                f"it is not JSON ({error.cause})",
                hint="a proxy or a login page may have answered instead of the registry",
            ) from None


def check_document(data: bytes) -> None:
    """Raise `InvalidManifest` unless `data` is a manifest or an index, of an artifact maybe."""
    table = parse_object(data, MANIFEST_SHAPE)
    with reading():
        if table.get("schemaVersion", int) is None:
            raise InvalidManifest(
                "it has no schemaVersion, so it is neither a manifest nor an index",
                hint="a proxy may have answered instead of the registry",
            )
