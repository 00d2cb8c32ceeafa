"""What `update` prints, as a reader of a diff sees it."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace

import pytest
from support.builders import locked_image, request

from nixfetch_docker.cli import changes
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.report import Report
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.oci.platform import Platform

PLATFORMS = ("linux/amd64", "linux/arm64")
ORIGIN = Origin(source="https://a.b/redis", revision="1a2b3c4", created="2026-01-02T03:04:05Z")


def image(text: str, *platforms: str, content: str = "") -> LockedImage:
    return locked_image(request(text, *(platforms or PLATFORMS)), content=content)


def reports(*all_: Change) -> list[Report]:
    def had(change: Change) -> list[LockedImage]:
        return [change.before] if change.before is not None else []

    return [
        Report(change=one, had={blob.digest for im in had(one) for blob in im.blobs()})
        for one in all_
    ]


def lines(*all_: Change, width: int = 80) -> list[str]:
    return "\n".join(changes.texts(reports(*all_), width=width)).splitlines()


REDIS = Change(
    name="redis",
    before=image("redis:7.4.1"),
    after=image("redis:7.4.2", content="new"),
    origin=ORIGIN,
)
WEB = Change(name="web", after=image("ghcr.io/acme/web:2.1", "linux/amd64"))
DB = Change(
    name="database",
    before=image("postgres:17.1"),
    after=image("postgres:17.1", content="new"),
    notes=("the tag 17.1 was pushed again, with other content",),
)
GONE = Change(name="gone", before=image("busybox:1"))
HELD = Change(name="held", before=WEB.after, after=WEB.after, notes=("2.2 is passed by: no arm64",))


def short(locked: LockedImage | None) -> str:
    assert locked is not None
    return locked.digest.short


def test_a_page_of_changes_at_80_columns() -> None:
    assert lines(REDIS, WEB, DB, HELD, GONE) == [
        "redis:    updated   7.4.1 -> 7.4.2",
        "          linux/amd64, linux/arm64: 1 of 2 layers new, 64 B to fetch",
        "          https://a.b/redis at 1a2b3c4, of 2026-01-02",
        f"web:      added     2.1 {short(WEB.after)} (linux/amd64: 2 layers, 59 B)",
        f"database: updated   17.1 {short(DB.before)} -> {short(DB.after)}",
        "          linux/amd64, linux/arm64: 1 of 2 layers new, 64 B to fetch",
        "          the tag 17.1 was pushed again, with other content",
        f"held:     unchanged 2.1 {short(WEB.after)} (2.2 is passed by: no arm64)",
        "gone:     removed",
    ]


def test_a_line_that_fits_has_its_details_beside_it() -> None:
    assert lines(WEB) == [f"web: added 2.1 {short(WEB.after)} (linux/amd64: 2 layers, 59 B)"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_lines_fit_where_they_can(width: int) -> None:
    for line in lines(REDIS, WEB, HELD, GONE, width=width):
        assert len(line) <= width or " " not in line.strip() or "sha256:" in line


def test_platforms_that_differ_have_a_line_each() -> None:
    after = image("redis:8", content="new")
    arm = Platform.parse("linux/arm64")
    of_arm = after.platforms[arm]
    other = replace(of_arm, layers=of_arm.layers[:1])
    after = replace(after, platforms={**after.platforms, arm: other})
    shown = lines(Change(name="redis", before=image("redis:7"), after=after))
    assert [line.strip().partition(":")[0] for line in shown] == [
        "redis",
        "linux/amd64",
        "linux/arm64",
    ]


@pytest.mark.parametrize(
    ("before", "after", "pins"),
    [
        pytest.param(
            image("redis:7"), image("valkey:7", content="new"), "redis:7 -> valkey:7", id="image"
        ),
        pytest.param(
            image("redis:7", "linux/amd64"),
            image("redis:7", "linux/amd64", content="new"),
            "7 {before} -> {after}",
            id="digest",
        ),
    ],
)
def test_the_pins_are_what_changed(before: LockedImage, after: LockedImage, pins: str) -> None:
    expected = pins.format(before=short(before), after=short(after))
    assert lines(Change(name="web", before=before, after=after))[0] == f"web: updated {expected}"


def test_another_request_for_the_same_image_is_told_as_such() -> None:
    before = image("redis:7")
    wider = replace(before, request=request("redis:7", "linux/amd64", "linux/arm64/v8"))
    assert "the same image, asked for in another way" in "".join(
        lines(Change(name="web", before=before, after=wider))
    )
    fewer = replace(before, platforms=dict(list(before.platforms.items())[:1]))
    assert "not for linux/arm64 any more" in "".join(
        lines(Change(name="web", before=before, after=fewer))
    )
    assert "now also for linux/arm64" in "".join(
        lines(Change(name="web", before=fewer, after=before))
    )


def test_a_long_name_does_not_move_the_others() -> None:
    name = "a-name-that-is-longer-than-most-are"
    shown = lines(WEB, replace(WEB, name=name), width=200)
    assert shown[0].startswith("web: added")
    assert shown[1].startswith(f"{name}: added")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "has_colours"),
    [
        pytest.param({"TERM": "xterm"}, True, id="a terminal"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb one"),
        pytest.param({}, False, id="an unknown one"),
        pytest.param({"TERM": "xterm", "NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param({"TERM": "xterm", "NO_COLOR": ""}, True, id="an empty NO_COLOR"),
    ],
)
def test_colours_mark_the_kind_on_a_terminal_and_change_no_letter(
    env: dict[str, str], has_colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    changes.show(reports(REDIS, WEB, GONE, HELD))
    text = shown.getvalue()
    assert re.sub(r"\x1b\[\d+m", "", text).splitlines() == lines(REDIS, WEB, GONE, HELD)
    for kind, colour in {"updated": 33, "added": 32, "removed": 31, "unchanged": 2}.items():
        assert (f" \x1b[{colour}m{kind}\x1b[0m" in text) is has_colours


def test_no_label_makes_a_colour_or_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    changes.show(reports(replace(WEB, notes=("\x1b[31ma\n::add-mask::b",))))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not any(line.strip().startswith("::") for line in out.splitlines())
