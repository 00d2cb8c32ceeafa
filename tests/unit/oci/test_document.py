from __future__ import annotations

import pytest
from support.builders import encode

from nixfetch_docker.errors import UsageError
from nixfetch_docker.oci.document import (
    InvalidManifest,
    check_document,
    check_values,
    parse_object,
    reading,
)

NOT_THE_REGISTRY = "a proxy or a login page may have answered instead of the registry"


def test_an_object_is_read_as_a_table() -> None:
    assert parse_object(b'{"a": 1}').require("a", int) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"<html>",
            f"it is not JSON (line 1, column 1: this is not JSON); {NOT_THE_REGISTRY}",
            id="HTML",
        ),
        pytest.param(
            b"\xff", f"it is not JSON (byte 0 is not UTF-8); {NOT_THE_REGISTRY}", id="not UTF-8"
        ),
        pytest.param(b"[]", "the document: expected a table, found an array", id="array"),
    ],
)
def test_other_bytes_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_object(data)
    assert str(caught.value) == message


def test_an_error_while_reading_keeps_its_text() -> None:
    with pytest.raises(InvalidManifest) as caught, reading():
        raise UsageError("wrong", hint="do this").at("here")
    assert str(caught.value) == "here: wrong; do this"


def test_an_invalid_manifest_passes_as_it_is() -> None:
    error = InvalidManifest("wrong", hint="do this")
    with pytest.raises(InvalidManifest) as caught, reading():
        raise error
    assert caught.value is error


def test_an_artifact_is_a_document_too() -> None:
    check_document(encode({"schemaVersion": 2, "artifactType": "application/x"}))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"{}",
            "it has no schemaVersion, so it is neither a manifest nor an index; "
            "a proxy may have answered instead of the registry",
            id="missing",
        ),
        pytest.param(
            b'{"schemaVersion": "2"}',
            "schemaVersion: expected an integer, found a string",
            id="of another type",
        ),
    ],
)
def test_a_document_has_a_schema_version(data: bytes, message: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        check_document(data)
    assert str(caught.value) == message


def test_a_document_with_keys_that_engines_take_for_one_is_refused() -> None:
    with pytest.raises(InvalidManifest) as caught:
        check_document(b'{"schemaVersion": 2, "layers": [{"size": 1, "Size": 2}]}')
    assert str(caught.value) == (
        "layers[0].Size: container engines take this key and 'size' for the same one; "
        "remove one of the two"
    )


def test_a_document_of_too_many_values_is_refused_before_it_is_read() -> None:
    check_values(b"[0" + b",0" * 200_000 + b"]")
    for read in (check_values, parse_object):
        with pytest.raises(InvalidManifest) as caught:
            read(b"[0" + b",0" * 200_001 + b"]")
        assert str(caught.value) == (
            "it has more than 200000 values; no manifest or config of an image has"
        )
