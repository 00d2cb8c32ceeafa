"""minimum-age: tags that are passed by because their images are too young."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from support.in_memory import InMemoryRegistry

from nixfetch_docker.base import toml
from nixfetch_docker.lockfile.images import Images, Request
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.resolve import Resolver
from nixfetch_docker.registry.offers import NoSuchPlatform
from nixfetch_docker.versions.minimum_age import TooYoung

BOTH = ("linux/amd64", "linux/arm64")
# 2026-11-27 12:00 UTC.
NOON = 1_795_780_800
OLD = "2026-11-01T00:00:00Z"
YOUNG = "2026-11-26T12:00:00.123456789Z"
YOUNG_UNTIL = "made at 2026-11-26 12:00 UTC, so it is 3 days old from 2026-11-29 12:00 UTC on"


def asked(age: str | None = "3 days", version: str = "*") -> Request:
    text = f'[images.redis]\nimage = "redis"\nversion = "{version}"\n'
    text += f'minimum-age = "{age}"\n' if age is not None else ""
    return Images.parse(text).requests["redis"]


def push(
    registry: InMemoryRegistry,
    tag: str,
    created: str | None,
    *,
    platforms: Iterable[str] = ("linux/amd64",),
    layer: str = "",
) -> None:
    content = f"{tag}{layer}".encode()
    images = [registry.push_image(one, layer=content, created=created) for one in platforms]
    registry.push_index(*images, tag=tag)


def resolve(
    registry: InMemoryRegistry,
    request: Request,
    previous: LockedImage | None = None,
    *,
    now: float = NOON,
) -> tuple[LockedImage, list[str]]:
    notes: list[str] = []
    resolver = Resolver(registry.sources, map, now=lambda: now)
    return resolver.resolve(request, previous, notes.append), notes


def test_a_tag_that_is_too_young_is_passed_by_with_a_word() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    push(registry, "1.1", YOUNG)
    locked, notes = resolve(registry, asked())
    assert locked.tag == "1.0"
    assert notes == [f"1.1 is passed by: it says that it was {YOUNG_UNTIL}"]


def test_it_is_taken_once_it_is_old_enough() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    locked, _ = resolve(registry, asked())
    push(registry, "1.1", YOUNG)
    two_days = 2 * 24 * 3600
    assert resolve(registry, asked(), locked, now=NOON + two_days - 1)[0].tag == "1.0"
    assert resolve(registry, asked(), locked, now=NOON + two_days)[0].tag == "1.1"


def test_where_all_newer_tags_are_too_young_the_pin_stays() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    locked, _ = resolve(registry, asked())
    push(registry, "0.9", OLD)
    for minor in range(1, 40):
        push(registry, f"1.{minor}", YOUNG)
    found, notes = resolve(registry, asked(), locked)
    assert found is locked
    assert [note.partition(":")[0] for note in notes] == ["1.39 is passed by"]


def test_a_first_lock_of_young_tags_alone_is_an_error_that_says_when() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.1", YOUNG)
    with pytest.raises(TooYoung) as caught:
        resolve(registry, asked())
    assert str(caught.value) == (
        f"redis:1.1: it says that it was {YOUNG_UNTIL}; wait, or write a smaller minimum-age"
    )


def test_a_locked_tag_that_was_pushed_again_keeps_its_pin_until_it_is_old() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    locked, _ = resolve(registry, asked())
    push(registry, "1.0", YOUNG, layer="again")
    found, notes = resolve(registry, asked(), locked)
    assert found is locked
    assert notes == [f"1.0 is passed by: it says that it was {YOUNG_UNTIL}"]
    later, notes = resolve(registry, asked(), locked, now=NOON * 2)
    assert (later.digest != locked.digest, notes) == (True, [])


def test_the_youngest_platform_counts() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    images = [
        registry.push_image(platform, created=created)
        for platform, created in zip(BOTH, (OLD, YOUNG), strict=True)
    ]
    registry.push_index(*images, tag="1.1")
    assert resolve(registry, asked())[0].tag == "1.0"


@pytest.mark.parametrize(
    ("created", "reason"),
    [
        pytest.param(
            None,
            "it does not say when it was made, so nobody can tell whether it is 3 days old",
            id="no date",
        ),
        pytest.param(
            "yesterday",
            "it does not say when it was made ('yesterday' is no date), so nobody can tell whether "
            "it is 3 days old",
            id="no date of RFC 3339",
        ),
        pytest.param(
            "0001-01-01T00:00:00Z",
            "it says that it was made at 0001-01-01 00:00 UTC, as reproducible builds do, so nobody"
            " can tell whether it is 3 days old",
            id="the zero time of Go",
        ),
        pytest.param(
            "1970-01-01T00:00:01Z",
            "it says that it was made at 1970-01-01 00:00 UTC, as reproducible builds do, so nobody"
            " can tell whether it is 3 days old",
            id="the time of Nix",
        ),
        pytest.param(
            "1980-01-01T00:00:00Z",
            "it says that it was made at 1980-01-01 00:00 UTC, as reproducible builds do, so nobody"
            " can tell whether it is 3 days old",
            id="the first time that zip has",
        ),
        pytest.param(
            "2031-01-01T00:00:00+02:00",
            "it says that it was made at 2030-12-31 22:00 UTC, so it is 3 days old from 2031-01-03"
            " 22:00 UTC on",
            id="the future",
        ),
        pytest.param(
            "9999-12-31T23:59:60Z",
            "it says that it was made at 9999-12-31 23:59 UTC, so it is 3 days old from 9999-12-31"
            " 23:59 UTC on",
            id="the end of the calendar",
        ),
    ],
)
def test_an_image_whose_age_nobody_can_tell_is_passed_by(created: str | None, reason: str) -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    push(registry, "1.1", created)
    locked, notes = resolve(registry, asked())
    assert (locked.tag, notes) == ("1.0", [f"1.1 is passed by: {reason}"])


def test_an_age_that_is_asked_of_a_locked_image_takes_no_older_one() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    push(registry, "1.1", YOUNG)
    locked, _ = resolve(registry, asked(None))
    registry.calls.clear()
    found, notes = resolve(registry, asked(), locked)
    assert found == replace(locked, request=asked())
    assert notes == []
    assert registry.calls == [
        "tags docker.io/library/redis",
        "digest docker.io/library/redis:1.1",
    ]


def test_an_unchanged_tag_costs_no_more_than_without_an_age() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD)
    locked, _ = resolve(registry, asked())
    registry.calls.clear()
    assert resolve(registry, asked(), locked)[0] is locked
    assert len(registry.calls) == 2


def test_a_tag_that_moved_and_lost_a_platform_is_an_error_beside_young_ones() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD, platforms=BOTH)
    locked, _ = resolve(registry, asked())
    push(registry, "1.0", OLD, layer="again")
    push(registry, "1.1", YOUNG, platforms=BOTH)
    with pytest.raises(NoSuchPlatform, match=r"^redis:1\.0: it has no image for linux/arm64"):
        resolve(registry, asked(), locked)


def test_each_kind_of_reason_is_told_once() -> None:
    registry = InMemoryRegistry()
    push(registry, "1.0", OLD, platforms=BOTH)
    locked, _ = resolve(registry, asked())
    push(registry, "1.1", OLD)
    push(registry, "1.2", YOUNG, platforms=BOTH)
    push(registry, "1.3", YOUNG, platforms=BOTH)
    passed: dict[str, str] = {}
    notes: list[str] = []
    Resolver(registry.sources, map, now=lambda: NOON).resolve(
        asked(), locked, notes.append, lambda tag, error: passed.update({tag: type(error).__name__})
    )
    assert passed == {"1.3": "TooYoung", "1.2": "TooYoung", "1.1": "NoSuchPlatform"}
    assert [note.partition(" ")[0] for note in notes] == ["1.3", "1.1"]


def test_the_lock_repeats_the_age_to_the_letter() -> None:
    request = asked("12 hours", "^1")
    assert request.entries[1:] == [("version", '"^1"'), ("minimum-age", '"12 hours"')]
    table = toml.parse(f"request = {request.to_toml()}").table("request")
    assert Request.from_table(table) == request
