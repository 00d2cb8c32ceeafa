from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.table import Table
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.tag_matching import find_versions
from nixfetch_docker.versions.constraint import Constraint, InvalidConstraint
from nixfetch_docker.versions.follow import Follow, NoSuchVersion, wanted_tags
from nixfetch_docker.versions.tag_pattern import TagPattern
from nixfetch_docker.versions.version import Version

REDIS = """
    latest alpine bookworm 5 5-alpine 6.2 6.2.14 6.2.14-alpine 7 7-alpine 7.0.15 7.2 7.2-alpine
    7.2.4 7.2.4-alpine 7.2.4-alpine3.19 7.2.4-bookworm 7.2.10 7.2.10-alpine 7.2.10-alpine3.20
    7.2.10-alpine3.21 7.4 7.4-alpine 7.4-rc 7.4-rc2 7.4-rc2-alpine 7.4.1 7.4.1-alpine
    7.4.1-alpine3.20 8.0-M01 8.0-rc1 8.0-rc1-alpine 32bit
"""
POSTGRES = """
    latest alpine 9.6 9.6.24 10.23 15 15.9 15.10 15.10-alpine3.20 15.10-bookworm 16 16.6 16.6-alpine
    17 17.2 17.2-alpine 17.2-alpine3.21 17beta3 17rc1 17rc1-alpine 18beta1 bookworm
"""
NODE = """
    lts lts-slim current 18 18.20.5 18.20.5-slim 20 20.9 20.9.0 20.18.1 20.18.1-alpine
    20.18.1-alpine3.20 20.18.1-bookworm-slim 20.18.1-slim 22 22.11.0 22.12.0 22.12.0-slim jod iron
    20-20241203abcdef
"""
GRAFANA = "latest main 9.5.21 10.4.14 11.3.2 11.4.0 11.4.0-ubuntu 11.4.0-81231 11.4.0-preview dev"
MINIO = """
    latest edge RELEASE.2023-11-01T18-37-25Z RELEASE.2024-01-01T16-36-33Z
    RELEASE.2024-11-07T00-52-20Z RELEASE.2024-11-07T00-52-20Z-cpuv1
    RELEASE.2024-02-29T00-00-00Z.fips
"""
GITLAB = """
    latest nightly rc 16.11.10-ce.0 17.5.4-ce.0 17.6.2-ce.0 17.6.2-ee.0 17.6.10-ce.0
    17.7.0-rc42.ce.0
"""
DEBIAN = "latest stable 11 11.11 12 12.8 12.8-slim 12.9 bookworm bookworm-20241202 testing 20241202"
CALENDAR = (
    "stable dev 2024.2.5 2024.10.4 2024.11.0 2024.11.3 2024.12.0b4 2024.12.10 2024.12.0.dev2024"
)
UBUNTU = "latest rolling 20.04 22.04 24.04 24.10 focal noble noble-20241118.1 22.04-20241104"
K3S = "latest v1.30.7-k3s1 v1.31.2-k3s1 v1.31.3-k3s1 v1.31.3-rc1-k3s1 v1.31.10-k3s2"
PREFIXED = "v1.9.9 v1.10.0 1.10.0 v1.10.1 v2.0.0-beta.1 v2.0.0-rc.1 v2.0.0 latest sha-abc1234"
FOUR = "4.0.9.1 4.0.10.2877 4.0.10.2890 4.0.11.0-develop 5.0.0.1 develop version-4.0.10.2877"
BUILDS = "1.2.3_build4 1.2.3_build10 1.2.3 1.2.4_build1"
BITNAMI = (
    "16.4.0-debian-12-r9 16.4.0-debian-12-r10 16.6.0-debian-12-r1 16.6.0-debian-11-r3 16 latest"
)
HASHES = (
    "abcdef1 deadbeefcafe 1.0.0 0123456789abcdef0123456789abcdef01234567 1a2b3c4 20240101 latest"
)

RELEASES = "1.1.0 1.2.0-beta-2 1.2.0-rc.1 1.2.0-rc.2 1.2.0-rc.10 2.0.0 2.1.0"
COMMITS = "0.14.1 0.15.0 0.17.2 9971482 0756889 dev"
COMMITS_OF_A_VARIANT = " ".join(f"{tag}-tensorrt" for tag in COMMITS.split())
TEMURIN = """
    latest 8u302-b08-jre-alpine 21-jre-alpine 21.0.5_11-jre-alpine 21.0.5_11-jre
    21.0.11_9-jre-alpine 21.0.11_10-jre-alpine 21.0.11_10-jdk-alpine 26-jre-alpine
    26.0.1_8-jre-alpine
"""
SSH = "latest version-9.7_p1-r3 9.7_p1-r3-ls172 9.7_p1-r2-ls99 9.6_p1-r0-ls150"
HOMEBREW = "1.41.0.8992-8463ad060 1.41.2.9200-c6bbc1b53 latest"


@pytest.mark.parametrize(
    ("tags", "wanted", "chosen"),
    [
        (REDIS, "7.x", "7.4.1"),
        (REDIS, "7", "7.4.1"),
        (REDIS, "^7", "7.4.1"),
        (REDIS, "^7.2", "7.4.1"),
        (REDIS, "~7.2", "7.2.10"),
        (REDIS, "7.2", "7.2.10"),
        (REDIS, "7.2.x", "7.2.10"),
        (REDIS, "7.2.4", "7.2.4"),
        (REDIS, "=7.2.4", "7.2.4"),
        (REDIS, ">=6, <7", "6.2.14"),
        (REDIS, ">=6,<7.4", "7.2.10"),
        (REDIS, "<7", "6.2.14"),
        (REDIS, "<=7.0", "7.0.15"),
        (REDIS, ">7.2", "7.4.1"),
        (REDIS, "*", "7.4.1"),
        (REDIS, "x", "7.4.1"),
        (REDIS, "7.x-alpine", "7.4.1-alpine"),
        (REDIS, "~7.2-alpine", "7.2.10-alpine"),
        (REDIS, "7.2.10-alpine3.20", "7.2.10-alpine3.20"),
        (REDIS, "*-bookworm", "7.2.4-bookworm"),
        (REDIS, "*-rc", "8.0-rc1"),
        (REDIS, "~7.4-rc", "7.4.1"),
        (REDIS, "^8-rc-alpine", "8.0-rc1-alpine"),
        (REDIS, "5.x", "5"),
        (POSTGRES, "16", "16.6"),
        (POSTGRES, "*", "17.2"),
        (POSTGRES, "15.x", "15.10"),
        (POSTGRES, "^9.6", "9.6.24"),
        (POSTGRES, "17-alpine", "17.2-alpine"),
        (POSTGRES, "16.x-alpine", "16.6-alpine"),
        (POSTGRES, ">=17-beta", "18beta1"),
        (POSTGRES, ">=17-rc, <18", "17.2"),
        (NODE, "20", "20.18.1"),
        (NODE, "^20.9", "20.18.1"),
        (NODE, "~20.9", "20.9.0"),
        (NODE, "20-slim", "20.18.1-slim"),
        (NODE, "20-bookworm-slim", "20.18.1-bookworm-slim"),
        (NODE, ">=18", "22.12.0"),
        (NODE, "20-alpine", "20.18.1-alpine"),
        (GRAFANA, "*", "11.4.0"),
        (GRAFANA, "^10", "10.4.14"),
        (GRAFANA, "*-ubuntu", "11.4.0-ubuntu"),
        (GITLAB, "17.x-ce.0", "17.6.10-ce.0"),
        (GITLAB, "~17.5-ce", "17.5.4-ce.0"),
        (GITLAB, "*-ee", "17.6.2-ee.0"),
        (DEBIAN, "12", "12.9"),
        (DEBIAN, "*", "12.9"),
        (DEBIAN, "12-slim", "12.8-slim"),
        (CALENDAR, "*", "2024.12.10"),
        (CALENDAR, "~2024.11", "2024.11.3"),
        (CALENDAR, "<2024.10", "2024.2.5"),
        (UBUNTU, "*", "24.10"),
        (UBUNTU, "22.04", "22.04"),
        (UBUNTU, "<24", "22.04"),
        (K3S, "~1.31-k3s", "v1.31.10-k3s2"),
        (K3S, "1.30-k3s1", "v1.30.7-k3s1"),
        (PREFIXED, "^1", "v1.10.1"),
        (PREFIXED, "1.10.0", "v1.10.0"),
        (PREFIXED, "v2", "v2.0.0"),
        (PREFIXED, "*", "v2.0.0"),
        (FOUR, "^4", "4.0.10.2890"),
        (FOUR, "~4.0.10", "4.0.10.2890"),
        (FOUR, "*", "5.0.0.1"),
        (BUILDS, "*", "1.2.3"),
        (BUILDS, "~1.2-build", "1.2.4_build1"),
        (BUILDS, "1.2.3-build", "1.2.3_build10"),
        (BITNAMI, "16.4-debian-12", "16.4.0-debian-12-r10"),
        (BITNAMI, "*-debian", "16.6.0-debian-12-r1"),
        (HASHES, "*", "1.0.0"),
        ("2024-05-01 2024-06-01 1.0", "*", "1.0"),
        ("20240501 v3", "*", "v3"),
        (COMMITS, ">=0.14", "0.17.2"),
        (COMMITS_OF_A_VARIANT, ">=0.14-tensorrt", "0.17.2-tensorrt"),
        ("1.0.0 1234567", "*", "1.0.0"),
        ("1.0.0 v1234567", "*", "1.0.0"),
        ("1.0.0 deadbee-alpine", "*-alpine", None),
        ("2023.12.20260817.0 2023.12.20260810.0", "*", "2023.12.20260817.0"),
        ("21.0.11-al2 21.0.12-al2 21.0.12-al2023", "^21-al2", "21.0.12-al2"),
        ("1.0-alpine3.2 1.1-alpine3.20", "^1-alpine3.2", "1.0-alpine3.2"),
        ("1.0-alpine3 1.1-alpine3.20", "^1-alpine3", "1.0-alpine3"),
        ("1.0-alpine3.19 1.1-alpine3.20", "^1-alpine3", "1.1-alpine3.20"),
        ("1.0-alpine 1.1-alpine3.20", "^1-alpine", "1.0-alpine"),
        ("1.0-ubuntu22 1.1-ubuntu22.04", "*-ubuntu2", None),
        ("9.0-jdk 9.1-jdk26", "^9-jdk", "9.0-jdk"),
        ("9.1-jdk21 9.1-jdk26", "^9-jdk", None),
        ("9.1-eclipse-temurin-jre25", "^9-eclipse-temurin-jre", None),
        ("1.20-java17 1.21-java17-r 1.21-java21", "*-java17", "1.20-java17"),
        ("1.0-debian-12 1.0-debian-12-r9 1.1-debian-12-r10", "*-debian-12", "1.0-debian-12"),
        ("1.1-debian-12-r9 1.1-debian-12-r10", "*-debian-12", "1.1-debian-12-r10"),
        ("1.1-debian-13-r1 1.0-debian-12-r9", "*-debian-1", None),
        ("v1.2.3 v1.2.4 v4", "*", "v1.2.4"),
        ("v1.2.3 v1.2.4 v1", "^1", "v1.2.4"),
        ("3 4 5", "*", "5"),
        ("7.9 8 8.10 9 10", "*", "10"),
        ("3-alpine 4-alpine 5.1", "*-alpine", "4-alpine"),
        (TEMURIN, "^21-jre-alpine", "21.0.11_10-jre-alpine"),
        (TEMURIN, "21.0.5-jre-alpine", "21.0.5_11-jre-alpine"),
        (SSH, "^9-r3-ls172", "9.7_p1-r3-ls172"),
        ("1.0.0.beta1 1.0.0.rc2 0.9.1", "*", "0.9.1"),
        ("1.0.0.beta1 1.0.0.rc2 0.9.1", "*-rc", "1.0.0.rc2"),
        ("1.10.x 1.9.3 1.x", "*", "1.9.3"),
        ("1.8.1258 1.8.1259 1.7.0", "!=1.8.1259", "1.8.1258"),
        ("1.8.1258 1.8.1259 1.7.0", "^1, !=1.8", "1.7.0"),
        ("1.8 1.9 2.0 2.1 3.0", "^1 || ^2", "2.1"),
        ("1.8 1.9 2.0 2.1 3.0", "^1||>=3", "3.0"),
        ("1.8 1.9 2.0 2.1 3.0", ">=1.8 <2", "1.9"),
        ("1.8 1.9 2.0 2.1 3.0", ">= 1.8 < 2.1", "2.0"),
        ("1.8 1.9 2.0 2.1 3.0", "~1.8 || ~2.0", "2.0"),
        ("1.2.3 202405 202406", "*", "1.2.3"),
        ("1.2.3 12345 123456", ">=1", "1.2.3"),
        ("12345 123456", "*", "123456"),
        ("1.2.3.Final 1.2.4.Final 1.2.5.CR1 1.2.5.Beta1", "^1", "1.2.4.Final"),
        ("5.3.9.RELEASE 5.3.10.RELEASE 6.0.0.M1", "*", "5.3.10.RELEASE"),
        ("1.0-jdk-21 1.1-jdk-26", "*-jdk", None),
        ("3.8-eclipse-temurin-17 3.9-eclipse-temurin-21", "*-eclipse-temurin", None),
        (
            "3.8-amazoncorretto-17 3.9-amazoncorretto-21",
            "*-amazoncorretto-17",
            "3.8-amazoncorretto-17",
        ),
        ("16-debian-12 17-debian-12 17.4.0-debian-12-r9", "*-debian-12", "17.4.0-debian-12-r9"),
        ("1.2.3-amd64 1.2.4-arm64 1.2.3", "*", "1.2.3"),
        ("1.2.3-amd64 1.2.4-arm64 amd64-1.2.4", "*-amd64", "1.2.3-amd64"),
        ("3.20.1-r2 3.20.1-r10", "*-r", "3.20.1-r10"),
        ("sha-1234567 main-1234567 1.2.3-1234567 1.2.2", "*", "1.2.2"),
        ("1.2.2 1.2.3-gabcdef0 v1.2.4-5-gabcdef0", "*", "1.2.2"),
        ("1.0.0 1.0.1-20240601 1.1.0-nightly.20240501", "*", "1.0.0"),
        ("2023.11 2024.05 2024.12 240501", "^2024", "2024.12"),
        ("1.0.0-beta-2 1.0.0-beta-10 0.9.0", "*", "0.9.0"),
        ("1.0.0-beta-2 1.0.0-beta-10 0.9.0", "*-beta", "1.0.0-beta-10"),
        ("9.0.1-ubi9 9.0.2-ubi8 9.0.2-ubi9-minimal", "*-ubi9", "9.0.1-ubi9"),
        ("1.2.3-debug 1.2.4-debug-nonroot", "*-debug", "1.2.3-debug"),
        ("stable-1.3 latest-1.4 1.2", "*", "1.2"),
        ("7.1 7.4.2 8.0", ">=7.x <8.x", "7.4.2"),
        (RELEASES, ">=1.2.0-rc.1", "2.1.0"),
        (RELEASES, "^1.2-rc.2", "1.2.0-rc.10"),
        (RELEASES, "~1.2.0-rc.11", None),
        (RELEASES, "1.2.0-rc.2", "1.2.0-rc.2"),
        (RELEASES, "=1.2.0-rc2", "1.2.0-rc.2"),
        (RELEASES, "1.2.0-beta-2 || 1.2.0-rc.1", "1.2.0-rc.1"),
        ("latest stable", "*", None),
        ("1.0-alpine", "*", None),
        ("3.0-rc1", "*", None),
        ("3.0-rc1", "*-rc", "3.0-rc1"),
        ("0.3.1 0.3.9 0.4.0", "^0.3", "0.3.9"),
        ("0.0.3 0.0.4", "^0.0.3", "0.0.3"),
        ("1.0 1.0.0 1", "1", "1.0.0"),
    ],
)
def test_the_newest_of_what_is_wanted(tags: str, wanted: str, chosen: str | None) -> None:
    follow = Follow(constraint=Constraint.parse(wanted))
    for order in (tags.split(), tags.split()[::-1]):
        if chosen is None:
            with pytest.raises(NixfetchError):
                follow.choose(order, None, find_versions)
        else:
            assert follow.choose(order, None, find_versions) == chosen


@pytest.mark.parametrize(
    ("previous", "chosen"),
    [("7.2", "7.4"), ("7", "7"), ("7.2.4", "7.4.1"), ("7.2.4.1", "7.4.1"), (None, "7.4.1")],
)
def test_the_precision_is_kept(previous: str | None, chosen: str) -> None:
    follow = Follow(constraint=Constraint.parse("7.x"))
    assert follow.choose(REDIS.split(), previous, find_versions) == chosen


@pytest.mark.parametrize(
    ("tags", "pattern", "version", "chosen"),
    [
        (MINIO, r"^RELEASE\.(?P<version>.+Z)$", None, "RELEASE.2024-11-07T00-52-20Z"),
        (MINIO, r"^RELEASE\.(?P<version>.+)-cpuv1$", None, "RELEASE.2024-11-07T00-52-20Z-cpuv1"),
        (FOUR, r"^version-(?P<version>.*)", None, "version-4.0.10.2877"),
        ("app-9 app-10 web-11", r"^app-(?P<version>\d+)$", None, "app-10"),
        ("app-1.9.0 app-1.10.0 app-2.0", r"^app-(?P<version>.+)$", "^1", "app-1.10.0"),
        (DEBIAN, r"^(?P<version>\d{8})$", None, "20241202"),
        ("app-1.1-rc1 app-1.1 app-1.0 app-latest", r"^app-(?P<version>.+)$", None, "app-1.1"),
        ("app-1.1-rc1 app-1.1-rc2", r"^app-(?P<version>.+)$", None, "app-1.1-rc2"),
        ("app-blue app-red", r"^app-(?P<version>.+)$", None, "app-red"),
        ("build-999999 build-1234567", r"^build-(?P<version>\d+)$", None, "build-1234567"),
        (DEBIAN, r"^nothing(?P<version>)$", None, None),
    ],
)
def test_a_pattern_finds_what_no_scheme_does(
    tags: str, pattern: str, version: str | None, chosen: str | None
) -> None:
    follow = Follow(
        constraint=Constraint.parse(version) if version else None, pattern=TagPattern.parse(pattern)
    )
    if chosen is None:
        with pytest.raises(NixfetchError):
            follow.choose(tags.split(), None, find_versions)
    else:
        assert follow.choose(tags.split(), None, find_versions) == chosen


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"version": "newest"},
            "images.web.version: 'newest' is not a version constraint; "
            'write one such as "^1.2", "~7.4", "7.x", ">=1, <2", "^1 || ^3", "!=1.8.3" or "*"; '
            '"7.x-alpine" for a suffix',
        ),
        (
            {"tag-pattern": "("},
            "images.web.tag-pattern: '(' is not a regular expression (missing ), unterminated "
            "subpattern at position 0); it has Python's syntax: "
            "https://docs.python.org/3/library/re.html#syntax",
        ),
        (
            {"tag-pattern": "v.*"},
            "images.web.tag-pattern: 'v.*' has no group named 'version'; "
            "put the part that tells old from new into (?P<version>…)",
        ),
        (
            {"version": 7},
            'images.web.version: expected a string, found an integer; write version = "7"',
        ),
        (
            {"version": 7.4},
            "images.web.version: expected a string, found a number; "
            "put quotes around it, with all of its digits",
        ),
        (
            {"version": "7-alpine || 8-slim"},
            "images.web.version: '7-alpine || 8-slim' asks for two suffixes, alpine and slim; "
            "an image has one variant: write one suffix",
        ),
        (
            {"ignore": ["1.*"]},
            "images.web.ignore: it belongs to a version or a tag-pattern, which choose among tags; "
            'write version = "*" beside it, or remove it',
        ),
        (
            {"suffix": "alpine"},
            "images.web.suffix: it belongs to a version without a suffix; "
            'write version = "7.x" and suffix = "alpine", or version = "7.x-alpine"',
        ),
        (
            {"version": "7.x", "suffix": "alpine/slim"},
            "images.web.suffix: 'alpine/slim' is not the end of a tag; "
            "a tag has up to 128 letters, digits, '_', '.' and '-'",
        ),
    ],
)
def test_what_says_nothing_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Follow.from_table(Table(values, "images.web"))
    assert str(caught.value) == message


def test_a_suffix_may_stand_apart() -> None:
    follow = Follow.from_table(Table({"version": "7.x", "suffix": "alpine"}, "images.web"))
    assert follow is not None
    assert follow.choose(REDIS.split(), None, find_versions) == "7.4.1-alpine"
    assert follow.to_toml() == [("version", '"7.x"'), ("suffix", '"alpine"')]


@pytest.mark.parametrize(
    ("tags", "values", "hint"),
    [
        pytest.param(
            HOMEBREW,
            {"version": "^1"},
            "none of its 3 tags is '^1'; the newest that fits is 1.41.2.9200-c6bbc1b53: "
            "add tag-pattern = '^(?P<version>[^-]+)-[0-9a-f]+$'",
            id="a hash",
        ),
        pytest.param(
            SSH,
            {"version": "^9"},
            "none of its 5 tags is '^9'; the newest that fits is 9.7_p1-r3-ls172: "
            r"add tag-pattern = '^(?P<version>[^-]+)-r\d+-ls\d+$'",
            id="counters",
        ),
        pytest.param(
            "1.4.0-alpine3.10 1.4.4-alpine3.11 1.3.1-alpine3.7",
            {"version": "^1"},
            "none of its 3 tags is '^1'; the newest that fits is 1.4.4-alpine3.11: "
            'write suffix = "alpine"; suffixes that fit: alpine3.10, alpine3.11, alpine3.7 '
            "(`nixfetch-docker tags` lists all tags)",
            id="one variant",
        ),
        pytest.param(
            "7.2-alpine 7.4-alpine 7.4-bookworm 7.4 8.0",
            {"version": "^7", "suffix": "alpin"},
            "none of its 5 tags is '^7' with the suffix 'alpin'; the newest with alpine is "
            '7.4-alpine: write suffix = "alpine"; suffixes that fit: none, alpine, bookworm '
            "(`nixfetch-docker tags` lists all tags)",
            id="a suffix that no tag has",
        ),
        pytest.param(
            "7.2 7.4 8.0",
            {"version": "^7", "suffix": "alpine"},
            "none of its 3 tags is '^7' with the suffix 'alpine'; the newest that fits is 7.4: "
            "leave the suffix out",
            id="no suffix at all",
        ),
        pytest.param(
            "1.2.4-5-g0abcdef 1.2.3-1-gabcdef0",
            {"version": "^1"},
            "none of its 2 tags is '^1'; the newest that fits is 1.2.4-5-g0abcdef: "
            r"add tag-pattern = '^(?P<version>[^-]+)-\d+-g[0-9a-f]+$'",
            id="a description by git",
        ),
        pytest.param(
            "1_2_3 1_2_4",
            {"version": "^1"},
            "none of its 2 tags is '^1'; the newest that fits is 1_2_4: "
            r"add tag-pattern = '^(?P<version>[^-]+)_\d+$'",
            id="underscores",
        ),
        pytest.param(
            "stable-1.9 stable-1.10 latest",
            {"version": "^1"},
            "none of its 3 tags is '^1'; there are latest, stable-1.9, stable-1.10; "
            "for stable-1.10, add tag-pattern = '^stable-(?P<version>.+)$'",
            id="a word before the version",
        ),
        pytest.param(
            "7.4-rc1 7.3-beta",
            {"version": "^7"},
            "none of its 2 tags is '^7'; only pre-releases fit, such as 7.4-rc1: "
            'write version = "^7-rc" to follow them',
            id="pre-releases",
        ),
        pytest.param(
            "7.4-rc1-alpine 7.3-rc2",
            {"version": "^6 || ^7-alpine"},
            "none of its 2 tags is '^6 || ^7-alpine'; only pre-releases fit, such as "
            '7.4-rc1-alpine: write version = "^6 || ^7-rc-alpine" to follow them',
            id="pre-releases with a suffix",
        ),
        pytest.param(
            "7.4-rc1 7.3-beta",
            {"version": "\t^7"},
            "none of its 2 tags is '\\t^7'; only pre-releases fit, such as 7.4-rc1: "
            'write version = "^7-rc" to follow them',
            id="pre-releases, and a tab",
        ),
        pytest.param(
            "7.4 6.0",
            {"version": "^7", "ignore": ["7.*"]},
            "none of its 2 tags is '^7' (1 left out by `ignore`); there are 6.0, 7.4",
            id="ignored",
        ),
        pytest.param(
            " ".join(f"1.{minor}" for minor in range(10)),
            {"version": "^7"},
            "none of its 10 tags is '^7'; there are 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9 "
            "(`nixfetch-docker tags` lists all tags)",
            id="many",
        ),
        pytest.param(
            "latest", {"version": "^7"}, "its only tag is not '^7'; there is latest", id="one tag"
        ),
        pytest.param("", {"version": "^7"}, "it has no tags; push one first", id="none"),
    ],
)
def test_versions_that_fit_but_for_their_suffix_are_named_with_the_remedy(
    tags: str, values: dict[str, str], hint: str
) -> None:
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    with pytest.raises(NixfetchError) as caught:
        follow.choose(tags.split(), None, find_versions)
    assert str(caught.value) == hint


@pytest.mark.parametrize(
    ("tags", "pattern", "chosen"),
    [
        (HOMEBREW, "^(?P<version>[^-]+)-[0-9a-f]+$", "1.41.2.9200-c6bbc1b53"),
        (SSH, r"^(?P<version>[^-]+)-r\d+-ls\d+$", "9.7_p1-r3-ls172"),
        (
            "1.2.4-5-g0abcdef 1.2.3-1-gabcdef0",
            r"^(?P<version>[^-]+)-\d+-g[0-9a-f]+$",
            "1.2.4-5-g0abcdef",
        ),
        ("stable-1.9 stable-1.10 latest", "^stable-(?P<version>.+)$", "stable-1.10"),
        ("1_2_3 1_2_4", r"^(?P<version>[^-]+)_\d+$", "1_2_4"),
        ("1.0-r1-ls9 1.0-r1-ls10", r"^(?P<version>[^-]+)-r\d+-ls\d+$", "1.0-r1-ls10"),
    ],
)
def test_the_remedy_works(tags: str, pattern: str, chosen: str) -> None:
    values = {"version": "*", "tag-pattern": pattern}
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    assert follow.choose(tags.split(), None, find_versions) == chosen


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("==1.2", "'==1.2' is not a version constraint; write \"=1.2\""),
        ("~> 1.2", "'~> 1.2' is not a version constraint; write \"^1.2\""),
        ("~>1.2.3", "'~>1.2.3' is not a version constraint; write \"~1.2.3\""),
        ("1.2 - 2.0", "'1.2 - 2.0' is not a version constraint; write \">=1.2, <=2.0\""),
        (
            "latest",
            "'latest' is not a version constraint; write \"*\" for the newest version, or the tag "
            "behind the name in image for a tag that moves",
        ),
        ("1." * 300 + "1", "it has more than 500 characters; shorten it"),
    ],
)
def test_another_language_of_constraints_is_answered_with_our_words(
    written: str, message: str
) -> None:
    with pytest.raises(InvalidConstraint) as caught:
        Constraint.parse(written)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "written",
    [
        *("", "||", "^1||", ">=1,<2,", ">=1,,<2", "1.x.2", "^*", "<1.2.0-rc.1", "!=1.2-rc1"),
        *("*-rc.1", "[1,2)", "^1 | ^2", "\u0663", "1.\uff12", "1:1.2", "1.2+build"),
    ],
)
def test_an_unclear_constraint_is_refused(written: str) -> None:
    with pytest.raises(InvalidConstraint, match="is not a version constraint; write one such as"):
        Constraint.parse(written)


def test_the_tags_that_a_version_follows_end_with_the_one_that_it_takes() -> None:
    tags = ["7.4-alpine", "7.10-alpine", "8.0-alpine", "7.2", "latest", "7.9-rc1-alpine"]
    assert wanted_tags("^7-alpine", tags) == ["7.4-alpine", "7.10-alpine"]
    with pytest.raises(NoSuchVersion, match=r"none of its 6 tags is '\^9'"):
        wanted_tags("^9", tags)


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("^7", "ask for '^7-alpine'"),
        ("^7-x", "ask for '^7-alpine'"),
        ("7.x-alpin", "ask for '7.x-alpine'"),
        # No one text has a suffix for both alternatives.
        ("^7 || ^8", 'write suffix = "alpine"'),
    ],
)
def test_who_has_no_key_is_told_the_version_with_the_suffix(version: str, advice: str) -> None:
    tags = ["7.4-alpine", "7.10-alpine", "latest"]
    with pytest.raises(NoSuchVersion) as caught:
        wanted_tags(version, tags)
    assert caught.value.hint.startswith("the newest ")
    assert advice in caught.value.hint
    if (asked := advice.removeprefix("ask for ").strip("'")) != advice:
        assert wanted_tags(asked, tags) == ["7.4-alpine", "7.10-alpine"]


def test_ignored_tags_are_never_taken() -> None:
    values = {"version": "*", "ignore": ["2021.12.*", "2022.1"]}
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    tags = ["2021.11.1", "2021.12.0", "2021.12.10", "2022.1"]
    assert follow.choose(tags, None, find_versions) == "2021.11.1"
    assert follow.to_toml() == [("version", '"*"'), ("ignore", '["2021.12.*", "2022.1"]')]


def test_all_candidates_come_the_newest_first() -> None:
    follow = Follow(constraint=Constraint.parse("^7.2"))
    found = follow.candidates(REDIS.split(), "7.2.4", find_versions)
    assert found == ["7.4.1", "7.2.10", "7.2.4"]


def test_where_nothing_is_wanted_the_newest_are_named() -> None:
    follow = Follow(constraint=Constraint.parse("^9"))
    with pytest.raises(NixfetchError) as caught:
        follow.choose(["8.0", "7.9", "latest"], None, find_versions)
    assert str(caught.value) == "none of its 3 tags is '^9'; there are 7.9, 8.0"


@given(st.text())
def test_any_tag_is_a_version_or_none(tag: str) -> None:
    version = Version.parse(tag)
    assert version is None or version.age <= version.age


@given(st.text() | st.from_regex(r"[\^~<>=]*\d+(\.\d+)*(-\w+)?"))
def test_any_constraint_is_read_or_refused(text: str) -> None:
    try:
        constraint = Constraint.parse(text)
    except InvalidConstraint:
        return
    constraint.allows(Version(numbers=(1, 2)))


def refusal(tags: str, values: dict[str, object]) -> str:
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    with pytest.raises(NoSuchVersion) as caught:
        follow.choose(tags.split(), None, find_versions)
    return str(caught.value)


@pytest.mark.parametrize(
    ("tags", "values", "message"),
    [
        pytest.param(
            "v1.2-alpine v1.3-alpine",
            {"version": "^1", "tag-pattern": "^v(?P<version>.+)$"},
            "none of its 2 tags is '^1' and '^v(?P<version>.+)$'; "
            "there are v1.2-alpine, v1.3-alpine",
            id="a pattern and a version",
        ),
        pytest.param(
            " ".join(f"{minor}.0" for minor in range(1, 13)),
            {"version": "^99"},
            "none of its 12 tags is '^99'; there are 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0 "
            "(`nixfetch-docker tags` lists all tags)",
            id="the newest versions by their numbers",
        ),
        pytest.param(
            " ".join(f"b{number}" for number in range(1, 13)),
            {"version": "^99"},
            "none of its 12 tags is '^99'; there are b5, b6, b7, b8, b9, b10, b11, b12 "
            "(`nixfetch-docker tags` lists all tags)",
            id="the last names by their numbers",
        ),
        pytest.param(
            "1.2 release-2.0",
            {"version": "^7"},
            "none of its 2 tags is '^7'; there are 1.2",
            id="no pattern for a prefix where there are versions",
        ),
        pytest.param(
            "7.4-rc1 7.3-rc2",
            {"version": "<8 "},
            "none of its 2 tags is '<8 '; only pre-releases fit, such as 7.4-rc1",
            id="a constraint to which rc cannot be added",
        ),
        pytest.param(
            "7.2-x1y 7.4-x1y",
            {"version": "^7"},
            "none of its 2 tags is '^7'; the newest that fits is 7.4-x1y: write suffix = \"x1y\"",
            id="a suffix that two versions have",
        ),
        pytest.param(
            "7.2-r1.2",
            {"version": "^7"},
            "its only tag is not '^7'; the newest that fits is 7.2-r1.2: "
            r"add tag-pattern = '^(?P<version>[^-]+)-r\d+\.\d+$'",
            id="a dot between counters",
        ),
        pytest.param(
            "7.4-slim 7.4-perl",
            {"version": "^7"},
            "none of its 2 tags is '^7'; the newest that fits is 7.4-slim: "
            'write suffix = "slim"; suffixes that fit: perl, slim '
            "(`nixfetch-docker tags` lists all tags)",
            id="two suffixes",
        ),
        pytest.param(
            " ".join(f"7.4-{letter * 3}" for letter in "abcdefghijk"),
            {"version": "^7"},
            "none of its 11 tags is '^7'; the newest that fits is 7.4-kkk: "
            'write suffix = "kkk"; suffixes that fit: aaa, bbb, ccc, ddd, eee, fff, ggg, hhh '
            "and 3 more (`nixfetch-docker tags` lists all tags)",
            id="more suffixes than are shown",
        ),
        pytest.param(
            "7.4-alpine3.20",
            {"version": "^7", "suffix": "alpine3.2"},
            "its only tag is not '^7' with the suffix 'alpine3.2'; the newest with alpine3.20 is "
            '7.4-alpine3.20: write suffix = "alpine3.20"',
            id="a suffix that is near",
        ),
        pytest.param(
            "7.4-b9x 7.4-b10x 7.2-b11x",
            {"version": "^7"},
            "none of its 3 tags is '^7'; the newest that fits is 7.4-b10x: "
            r"add tag-pattern = '^(?P<version>[^-]+)-b\d+x$'",
            id="the newest suffix by its number",
        ),
        pytest.param(
            "7.4-x v7.4-x",
            {"version": "^7"},
            "none of its 2 tags is '^7'; the newest that fits is v7.4-x: "
            "add tag-pattern = '^(?P<version>[^-]+)-x$'",
            id="the same one of two equal tags",
        ),
    ],
)
def test_a_refusal_says_what_there_is(tags: str, values: dict[str, object], message: str) -> None:
    assert refusal(tags, values) == message
    backwards = " ".join(reversed(tags.split()))
    assert refusal(backwards, values) == message


ANY = "(?P<version>.+)"


@pytest.mark.parametrize(
    ("tags", "values", "chosen"),
    [
        pytest.param("1.0 2.0-rc1", {"tag-pattern": ANY}, "1.0", id="releases before pre-releases"),
        pytest.param("v2.0 zeta", {"tag-pattern": ANY}, "v2.0", id="versions before names"),
        pytest.param(
            "eta zeta", {"tag-pattern": ANY}, "zeta", id="names where there are no others"
        ),
        pytest.param(
            "a9-1.0 a10-1.0", {"tag-pattern": "-(?P<version>.+)$"}, "a10-1.0", id="equal versions"
        ),
        pytest.param("9 10 9.1", {"version": "*"}, "9.1", id="a lone number beside an alias"),
        pytest.param("9 10 1.2", {"version": "*"}, "10", id="two lone numbers"),
        pytest.param("202405.1 1.2", {"version": "*"}, "202405.1", id="a month with a number"),
        pytest.param("10000 9999 1.2", {"version": "*"}, "1.2", id="a counter and an alias"),
        pytest.param("9-rc1 10 1.2", {"version": ">=1-rc"}, "9-rc1", id="a pre-release alone"),
    ],
)
def test_the_choice_among_tags_of_several_kinds(
    tags: str, values: dict[str, object], chosen: str
) -> None:
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    assert follow.choose(tags.split(), None, find_versions) == chosen
    assert follow.choose(tags.split()[::-1], None, find_versions) == chosen


def test_the_tag_so_far_is_read_by_the_pattern_as_well() -> None:
    values = {"version": "*", "tag-pattern": "^r(?P<version>.+)$"}
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    assert follow.choose(["r1.2", "r1.3", "r1.3.1"], "r1.2", find_versions) == "r1.3"
    assert follow.choose(["r1.2", "r1.3", "r1.3.1"], "r1.2.9", find_versions) == "r1.3.1"


def test_a_pattern_and_globs_are_written_as_they_were() -> None:
    values = {"tag-pattern": "^v(?P<version>.+)$", "ignore": ["a*", "b"]}
    follow = Follow.from_table(Table(values, "images.web"))
    assert follow is not None
    assert follow.to_toml() == [
        ("tag-pattern", '"^v(?P<version>.+)$"'),
        ("ignore", '["a*", "b"]'),
    ]
