from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from support.builders import locked_image, request

from nixfetch_docker.errors import UsageError
from nixfetch_docker.lockfile.contents import Contents
from nixfetch_docker.lockfile.lock import Lock

SCHEMA = Path(__file__).parents[3] / "docs/reference/show.schema.json"
# The sizes in bytes of the blobs that `locked_image` makes.
BASE = len("base")
AMD64 = len("manifest linux/amd64w" + "config linux/amd64w" + "layer linux/amd64w") + BASE
CONTENTS = Contents(
    Lock(
        images={
            "web": locked_image(request("redis:7", "linux/arm64", "linux/amd64"), content="w"),
            "app": locked_image(content="a"),
        }
    )
)
APP, WEB_AMD64, WEB_ARM64 = CONTENTS.entries


def test_entries_are_sorted_by_name_and_platform() -> None:
    assert [(entry.name, str(entry.platform)) for entry in CONTENTS.entries] == [
        ("app", "linux/amd64"),
        ("web", "linux/amd64"),
        ("web", "linux/arm64"),
    ]


def test_the_entries_of_one_image() -> None:
    assert CONTENTS.of_image("web") == [WEB_AMD64, WEB_ARM64]


@pytest.mark.parametrize(
    ("contents", "hint"),
    [
        pytest.param(CONTENTS, "choose from app, web", id="some"),
        pytest.param(Contents(Lock()), "add an image first: nixfetch-docker add", id="none"),
    ],
)
def test_an_image_that_is_not_locked_is_wrong_usage(contents: Contents, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        contents.of_image("nope")
    assert str(caught.value) == f"no image 'nope' is locked; {hint}"


def test_a_blob_counts_for_every_entry_and_is_stored_once() -> None:
    assert WEB_AMD64.size == AMD64
    # No machine has the arm64 image beside the others.
    assert [CONTENTS.shared_size(entry) for entry in CONTENTS.entries] == [BASE, BASE, 0]
    assert list(map(str, CONTENTS.platforms)) == ["linux/amd64", "linux/arm64"]
    amd64, arm64 = CONTENTS.platforms
    assert (CONTENTS.size(amd64), CONTENTS.stored_size(amd64)) == (2 * AMD64, 2 * AMD64 - BASE)
    assert (CONTENTS.size(arm64), CONTENTS.stored_size(arm64)) == (AMD64, AMD64)


def test_only_other_images_share_a_layer() -> None:
    base, own = WEB_AMD64.locked.layers
    assert CONTENTS.other_images(WEB_AMD64, base) == ["app"]
    assert CONTENTS.other_images(APP, base) == ["web"]
    assert CONTENTS.other_images(WEB_AMD64, own) == []


@pytest.mark.parametrize("entries", [CONTENTS.entries, [APP], []], ids=["all", "one", "none"])
def test_the_document_is_as_its_schema_says(entries: list[object]) -> None:
    document = CONTENTS.document(entries)  # type: ignore[arg-type]
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert json.loads(json.dumps(document)) == document


def test_the_document_of_a_layer_names_the_other_images() -> None:
    document = CONTENTS.document([APP])["images"]["app"]
    assert document["tag"] == "7"
    layers = document["platforms"]["linux/amd64"]["layers"]
    assert [(layer["size"], layer["alsoIn"]) for layer in layers] == [
        (BASE, ["web"]),
        (len("layer linux/amd64a"), []),
    ]
