from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from support.builders import locked_image, request

from nixfetch_docker.cli import progress, terminal
from nixfetch_docker.cli.fetch_lines import FetchLines
from nixfetch_docker.lockfile.blob_label import BlobLabel, blob_labels
from nixfetch_docker.lockfile.contents import Entry
from nixfetch_docker.lockfile.locked_blobs import LockedBlob
from nixfetch_docker.nix.fetch_progress import Arrival, FetchProgress
from nixfetch_docker.oci.digest import Digest

WIDTHS = (*range(12, 60), 80, 120, 300)


@pytest.fixture(autouse=True)
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "draws_letters", lambda: True)


def blob(number: int, size: int) -> LockedBlob:
    digest = Digest.parse(f"sha256:{number:064x}")
    return LockedBlob(digest=digest, size=size, is_manifest=False, places=())


BIG = blob(1, 28_100_000)
SMALL = blob(2, 700)
OLD = blob(3, 1_200_000_000)
LABELS = {
    BIG.digest: BlobLabel(names=("redis",), part="layer 3 of 7"),
    SMALL.digest: BlobLabel(names=("redis", "web", "cache"), part="layer 1 of 7"),
    OLD.digest: BlobLabel(names=("the-image-that-renders-all-the-dashboards",), part="config"),
}
HALF = FetchProgress(
    total=1_228_100_700,
    received=412_300_000,
    stored=100_000_000,
    waiting=12,
    under_way=(
        Arrival(blob=BIG, received=12_083_000, here=12_083_000),
        Arrival(blob=SMALL, received=700, here=50),
        Arrival(blob=OLD, received=0, here=0, is_checked=True),
    ),
)
ALL = FetchProgress(total=812_400_000, received=812_400_000, stored=203_100_000, waiting=9)
NOTHING = FetchProgress(total=0)


def shown(state: FetchProgress, width: int) -> list[str]:
    lines = FetchLines(LABELS)
    lines.show(state)
    return list(lines.lines(width))


@pytest.mark.parametrize("state", [HALF, ALL, NOTHING], ids=["half", "all", "nothing"])
def test_no_line_is_longer_than_the_terminal_is_wide(state: FetchProgress) -> None:
    for width in WIDTHS:
        assert max(map(len, shown(state, width))) <= width


AT_80_COLUMNS = """\
━━━━──────  43%  redis layer 3 of 7, 28.1 MB
━━━━━━━━━━ 100%  redis and 2 more, layer 1 of 7, 700 B, again 50/700 B
──────────   0%  checking the-image-that-renders-all-the-dashboards config
──────────   8%  adding 12 blobs to the Nix store
━━━───────  33%  all, 0.4/1.2 GB
"""
AT_40_COLUMNS = """\
 43%  redis layer 3 of 7, 28.1 MB
100%  redis and 2 more, layer 1 of 7
  0%  checking the-ima…ashboards config
  8%  adding 12 blobs to the Nix store
 33%  all, 0.4/1.2 GB
"""


@pytest.mark.parametrize(
    ("columns", "expected"), [(80, AT_80_COLUMNS), (40, AT_40_COLUMNS)], ids=str
)
def test_rows_name_images_layers_and_sizes(columns: int, expected: str) -> None:
    assert "".join(f"{line}\n" for line in shown(HALF, columns - 1)) == expected


@pytest.mark.parametrize("width", WIDTHS)
def test_a_terminal_that_may_have_no_other_letters_gets_ascii(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "draws_letters", lambda: False)
    for line in shown(HALF, width):
        assert line.isascii()
        assert len(line) <= width


def test_after_the_last_byte_the_store_is_what_is_told() -> None:
    adding, total = shown(ALL, 79)
    assert adding.endswith(" 25%  adding 9 blobs to the Nix store")
    assert total.endswith("100%  all fetched, 812.4/812.4 MB")


def test_many_blobs_at_once_leave_room_on_the_screen() -> None:
    many = [blob(number, 1000) for number in range(10, 50)]
    lines = FetchLines({one.digest: LABELS[BIG.digest] for one in many})
    arrivals = tuple(Arrival(blob=one, received=1, here=1) for one in many)
    lines.show(FetchProgress(total=40_000, under_way=arrivals))
    assert list(lines.lines(79))[10:-1] == ["and 30 blobs more"]


def entry(name: str, platform: str, content: str) -> Entry:
    image = locked_image(request(f"{name}:1", platform), content=content)
    ((where, locked),) = image.platforms.items()
    return Entry(name=name, image=image, platform=where, locked=locked)


def labels(*entries: Entry) -> set[str]:
    return {label.text for label in blob_labels(entries).values()}


def test_a_label_says_whose_blob_it_is_and_which() -> None:
    redis = entry("redis", "linux/amd64", "a")
    count = len(redis.locked.layers)
    layers = {f"layer {number} of {count}" for number in range(1, count + 1)}
    parts = {*layers, "config", "manifest"}
    assert labels(redis) == {f"redis {part}" for part in parts}
    web, cache = entry("web", "linux/amd64", "a"), entry("cache", "linux/amd64", "a")
    assert labels(redis, web) >= {f"redis and 1 more, {part}" for part in layers}
    assert labels(redis, web, cache, web) >= {f"redis and 2 more, {part}" for part in layers}


def test_a_label_has_the_platform_where_there_are_several() -> None:
    one, other = entry("web", "linux/amd64", "a"), entry("web", "linux/arm64", "b")
    assert labels(one, other) == {
        *("web linux/amd64 manifest", "web linux/amd64 config", "web linux/amd64 layer 2 of 2"),
        *("web linux/arm64 manifest", "web linux/arm64 config", "web linux/arm64 layer 2 of 2"),
        "web layer 1 of 2",
    }


@pytest.mark.parametrize("total", [10_000, None], ids=["size known", "size unknown"])
def test_bytes_that_come_again_do_not_make_the_number_smaller(total: int | None) -> None:
    line = progress.Bytes("redis:7", total, then="writing web.tar")
    seen = []
    for number in (4000, -4000, 3000, 2000, -5000, 9999, 1):
        line.add(number)
        (text,) = line.lines(79)
        seen.append(text)
    amounts = [re.findall(r"(\d\.\d)(?:/10\.0)? kB", text) for text in seen[:-2]]
    assert amounts == [["4.0"], ["4.0"], ["4.0"], ["5.0"], ["5.0"]]
    assert seen[-1] == ("redis:7  10.0 kB" if total is None else "redis:7: writing web.tar")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda: progress.Bytes("redis:7", 1000, then="writing"), id="bytes"),
        pytest.param(lambda: progress.Bytes("redis:7" * 9, 0, then="writing" * 9), id="all"),
        pytest.param(lambda: progress.Bytes("redis:7" * 20, None, then=""), id="unknown size"),
        pytest.param(lambda: progress.StepCounter(1200, "image"), id="steps"),
        pytest.param(lambda: progress.Wait("asking Nix's substituters for 7 blobs"), id="wait"),
    ],
)
def test_no_other_line_is_longer_either(line: Callable[[], progress.Progress]) -> None:
    for width in WIDTHS:
        (text,) = line().lines(width)
        assert len(text) <= width


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99, "99 s"), (100, "1 min"), (5999, "99 min"), (6000, "1 h")],
)
def test_durations_have_one_unit(seconds: int, text: str) -> None:
    assert progress.duration(seconds) == text


def test_a_rate_is_that_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(100)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    rate = progress.Rate()
    assert [rate.of(number) for number in (1000, 2000, 3000, 3000, 3000, 3000, 3000)] == [
        *(1000, 1000, 1000, 750, 600),
        *(500, 333),
    ]
