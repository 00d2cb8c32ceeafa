from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from support.builders import locked_image, request

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.report import Report, document
from nixfetch_docker.oci.labels import Origin

SCHEMA = Path(__file__).parents[3] / "docs/reference/update.schema.json"
ORIGIN = Origin(source="https://a.b/web", revision="1a2b3c4", created="2026-01-02T03:04:05Z")
OLD = locked_image(content="old")
NEW = locked_image(content="new")
# `support.builders` makes each of these of so many bytes: "manifest linux/amd64new" and the like.
OWN_SIZE = len("manifest linux/amd64new" + "config linux/amd64new" + "layer linux/amd64new")
WHOLE_SIZE = OWN_SIZE + len("base")


def pin(image: LockedImage) -> str:
    return f"7 {image.digest.short}"


def had(*images: LockedImage) -> set[object]:
    return {blob.digest for image in images for blob in image.blobs()}


def report(change: Change, *before: LockedImage) -> Report:
    return Report(change=change, had=had(*before))  # type: ignore[arg-type]


ADDED = report(Change(name="added", after=NEW))
UPDATED = report(Change(name="updated", before=OLD, after=NEW, origin=ORIGIN), OLD)
UNCHANGED = report(Change(name="unchanged", before=OLD, after=OLD), OLD)
REMOVED = report(Change(name="removed", before=OLD), OLD)
FAILED = report(Change(name="failed", before=OLD, after=OLD, error=NixfetchError("no")), OLD)
FAILED_NEW = report(Change(name="new", error=NixfetchError("no", hint="try again")))
ALL = [UPDATED, ADDED, UNCHANGED, REMOVED, FAILED, FAILED_NEW]
NEWS = f"linux/amd64: 1 of 2 layers new, {OWN_SIZE} B to fetch"


@pytest.mark.parametrize(
    ("one", "news"),
    [
        pytest.param(UPDATED, NEWS, id="updated"),
        pytest.param(
            report(Change(name="web", before=OLD, after=NEW), OLD, NEW),
            "linux/amd64: 0 of 2 layers new, 0 B to fetch",
            id="updated to blobs that another image had",
        ),
        pytest.param(ADDED, f"linux/amd64: 2 of 2 layers new, {WHOLE_SIZE} B to fetch", id="added"),
    ],
)
def test_the_news_are_the_layers_to_fetch(one: Report, news: str) -> None:
    assert one.news == [news]


def test_the_pins_before_and_after() -> None:
    assert UPDATED.pins == (pin(OLD), pin(NEW))
    assert ADDED.pins == ("", pin(NEW))
    image = locked_image(request(f"redis@{OLD.digest}"))
    assert report(Change(name="web", before=image)).pins == (image.digest.short, "")


def test_a_tag_that_was_passed_by_is_told() -> None:
    change = Change(name="web", before=OLD, after=OLD, notes=("1.3 is passed by: no arm64",))
    assert report(change).document["notes"] == ["1.3 is passed by: no arm64"]


def test_the_document_is_as_its_schema_says_sorted_by_name() -> None:
    made = document(ALL, changed=True)
    jsonschema.validate(made, json.loads(SCHEMA.read_text()))
    assert json.loads(json.dumps(made)) == made
    assert [image["name"] for image in made["images"]] == sorted(one.change.name for one in ALL)


def test_the_document_of_a_change_has_pins_sizes_in_bytes_and_the_origin() -> None:
    assert UPDATED.document == {
        "name": "updated",
        "change": "updated",
        "error": None,
        "before": {
            "repository": "docker.io/library/redis",
            "tag": "7",
            "digest": str(OLD.digest),
        },
        "after": {
            "repository": "docker.io/library/redis",
            "tag": "7",
            "digest": str(NEW.digest),
        },
        "origin": {
            "source": "https://a.b/web",
            "revision": "1a2b3c4",
            "created": "2026-01-02T03:04:05Z",
        },
        "platforms": {
            "linux/amd64": {
                "manifest": str(next(iter(NEW.platforms.values())).manifest.digest),
                "layers": 2,
                "newLayers": 1,
                "size": WHOLE_SIZE,
                "fetchSize": OWN_SIZE,
            }
        },
    }


def test_the_document_of_a_failure_has_its_message_and_the_pin_it_keeps() -> None:
    failed = FAILED_NEW.document
    assert (failed["error"], failed["before"], failed["after"]) == ("no; try again", None, None)
    assert FAILED.document["after"]["digest"] == str(OLD.digest)
