from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.base.table import Table
from nixfetch_docker.oci.platform import InvalidPlatform, Platform


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("linux/amd64", "linux/amd64", id="amd64"),
        pytest.param("linux/x86_64", "linux/amd64", id="kernel's name for amd64"),
        pytest.param("linux/x86-64", "linux/amd64", id="amd64 with a hyphen"),
        pytest.param("linux/aarch64", "linux/arm64", id="kernel's name for arm64"),
        pytest.param("linux/i386", "linux/386", id="i386"),
        pytest.param("linux/armhf", "linux/arm/v7", id="armhf"),
        pytest.param("linux/armel", "linux/arm/v6", id="armel"),
        pytest.param("linux/arm/6", "linux/arm/v6", id="arm variant without its v"),
        pytest.param("linux/arm64/8", "linux/arm64/v8", id="arm64 variant without its v"),
        pytest.param("linux/arm64/v8", "linux/arm64/v8", id="arm64 variant stays written"),
        pytest.param("Linux/X86_64", "linux/amd64", id="upper case"),
        pytest.param("linux/s390x", "linux/s390x", id="s390x"),
        pytest.param("windows/amd64", "windows/amd64", id="Windows"),
    ],
)
def test_a_platform_goes_by_its_usual_name(text: str, expected: str) -> None:
    platform = Platform.parse(text)
    assert str(platform) == expected
    assert platform == Platform.parse(expected)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("linux", id="operating system alone"),
        pytest.param("linux/", id="no architecture"),
        pytest.param("/amd64", id="no operating system"),
        pytest.param("linux/arm/", id="empty variant"),
        pytest.param("linux/arm/v7/x", id="four fields"),
        pytest.param("linux/amd 64", id="space"),
        pytest.param("linux/amd64\n", id="newline"),
        pytest.param("linux/*", id="wildcard"),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidPlatform) as caught:
        Platform.parse(text)
    assert str(caught.value) == (
        f"{text!r} is not a platform; write it as linux/amd64 or linux/arm/v7"
    )


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("aarch64-linux", "linux/arm64"),
        ("x86_64-linux", "linux/amd64"),
        ("aarch64-darwin", "linux/arm64"),
        ("armv7l-linux", "linux/arm/v7"),
        ("armv6l-linux", "linux/arm/v6"),
        ("i686-linux", "linux/386"),
        ("powerpc64le-linux", "linux/ppc64le"),
        ("loongarch64-linux", "linux/loong64"),
        ("riscv64-linux", "linux/riscv64"),
        ("x86_64-freebsd", "freebsd/amd64"),
        ("x86_64-unknown-linux-gnu", "linux/amd64"),
        ("armv7l-unknown-linux-gnueabihf", "linux/arm/v7"),
    ],
)
def test_a_system_of_nix_is_told_its_platform(text: str, platform: str) -> None:
    for parse in (Platform.parse, Platform.parse_exact):
        with pytest.raises(InvalidPlatform) as caught:
            parse(text)
        assert str(caught.value) == (
            f"{text!r} is not a platform; that is a Nix system; write {platform}"
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arm64", "'arm64' is not a platform; write linux/arm64"),
        ("ARM64", "'ARM64' is not a platform; write linux/arm64"),
        ("linux-arm64", "'linux-arm64' is not a platform; write linux/arm64"),
        ("linux:x86_64", "'linux:x86_64' is not a platform; write linux/amd64"),
        ("Linux.armv7", "'Linux.armv7' is not a platform; write linux/arm/v7"),
        (
            "linux/amd64,linux/arm64",
            "'linux/amd64,linux/arm64' is not a platform; write each by itself: "
            "'linux/amd64', 'linux/arm64'",
        ),
        (
            "linux/arm/v7 linux/386",
            "'linux/arm/v7 linux/386' is not a platform; write each by itself: "
            "'linux/arm/v7', 'linux/386'",
        ),
        (
            " ".join(["linux/386"] * 9),
            f"'{' '.join(['linux/386'] * 9)}' is not a platform; write each by itself: "
            + ", ".join(["'linux/386'"] * 8)
            + " and 1 more",
        ),
        ("linux-box", "'linux-box' is not a platform; write it as linux/amd64 or linux/arm/v7"),
        ("amd64", "'amd64' is not a platform; write linux/amd64"),
        ("386", "'386' is not a platform; write linux/386"),
        ("arm/v7", "'arm/v7' has no system; write linux/arm/v7"),
        ("x86_64", "'x86_64' is not a platform; write linux/amd64"),
        ("x64", "'x64' is not a platform; write linux/amd64"),
        ("aarch64", "'aarch64' is not a platform; write linux/arm64"),
        ("armv7", "'armv7' is not a platform; write linux/arm/v7"),
        ("armv7l", "'armv7l' is not a platform; write linux/arm/v7"),
        ("armhf", "'armhf' is not a platform; write linux/arm/v7"),
        ("amd46", "'amd46' is not a platform; did you mean linux/amd64?"),
        ("linux", "'linux' is not a platform; write it as linux/amd64 or linux/arm/v7"),
        ("linux/amd46", "'linux/amd46' is no platform that is known; did you mean linux/amd64?"),
        ("linux/amd6", "'linux/amd6' is no platform that is known; did you mean linux/amd64?"),
        ("linux/armv7", "'linux/armv7' is no platform that is known; did you mean linux/arm/v7?"),
        (
            "linux/armv7/v6",
            "'linux/armv7/v6' is no platform that is known; did you mean linux/arm/v7?",
        ),
        ("linux/armv8", "'linux/armv8' is no platform that is known; did you mean linux/arm64?"),
        (
            "linux/amr64/v8",
            "'linux/amr64/v8' is no platform that is known; did you mean linux/arm64/v8?",
        ),
        ("linx/arm64", "'linx/arm64' is no platform that is known; did you mean linux/arm64?"),
        (
            "linux/ppc64el",
            "'linux/ppc64el' is no platform that is known; did you mean linux/ppc64le?",
        ),
    ],
)
def test_a_misspelt_platform_is_told_the_one_to_write(text: str, message: str) -> None:
    with pytest.raises(InvalidPlatform) as caught:
        Platform.parse_asked(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        *(
            "linux/amd64",
            "linux/arm64/v9",
            "linux/arm/v5",
            "windows/amd64",
            "linux/s390",
            "wasip1/wasm",
        ),
        *(
            "linux/ppc64",
            "linux/mips64",
            "linux/sparc64",
            "linux/m68k",
            "linux/arc",
            "haiku/amd64",
            "linux/x86_64",
        ),
    ],
)
def test_a_platform_that_is_known_or_like_none_is_asked_for(text: str) -> None:
    assert Platform.parse_asked(text) == Platform.parse(text)


def test_an_index_may_name_a_platform_that_looks_misspelt() -> None:
    assert str(Platform.parse("linux/amd46")) == "linux/amd46"


def test_only_the_usual_name_is_exact() -> None:
    assert Platform.parse_exact("linux/amd64") == Platform.parse("linux/amd64")
    with pytest.raises(InvalidPlatform) as caught:
        Platform.parse_exact("linux/x86_64")
    assert str(caught.value) == (
        "'linux/x86_64' is called 'linux/amd64' in image indexes; write that"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("linux/amd64/v1", "linux/amd64", id="amd64/v1"),
        pytest.param("linux/amd64/v2", "linux/amd64/v2", id="amd64/v2"),
        pytest.param("linux/arm64/v8", "linux/arm64", id="arm64/v8"),
        pytest.param("linux/arm64/v8.0", "linux/arm64", id="arm64/v8.0"),
        pytest.param("linux/arm64/v9.0", "linux/arm64/v9", id="arm64/v9.0"),
        pytest.param("linux/arm64/9", "linux/arm64/v9", id="arm64/9"),
        pytest.param("linux/arm64/9.0", "linux/arm64/v9", id="arm64/9.0"),
        pytest.param("linux/arm", "linux/arm/v7", id="arm"),
        pytest.param("linux/arm/v6", "linux/arm/v6", id="arm/v6"),
    ],
)
def test_platforms_that_mean_the_same_have_one_normal_form(text: str, expected: str) -> None:
    assert str(Platform.parse(text).normal) == expected


AMD64 = ["linux/amd64", "linux/amd64/v1", "linux/amd64/v2", "linux/amd64/v3"]
ARM = ["linux/arm", *(f"linux/arm/v{n}" for n in range(4, 9))]
ARM64 = [
    "linux/arm64",
    *(f"linux/arm64/v8.{n}" for n in range(10)),
    *(f"linux/arm64/v9.{n}" for n in range(8)),
]
OTHERS = ["linux/386", "linux/s390x", "windows/amd64", "windows/arm"]
ALL = [*AMD64, *ARM, *ARM64, *OTHERS]


# containerd's table, without the images for another architecture.
@pytest.mark.parametrize(
    ("wanted", "serving"),
    [
        pytest.param("linux/amd64", AMD64[:2], id="amd64"),
        pytest.param("linux/amd64/v2", AMD64[:3], id="amd64/v2"),
        pytest.param("linux/386", ["linux/386"], id="386"),
        pytest.param("windows/amd64", ["windows/amd64"], id="windows"),
        pytest.param("linux/arm", ["linux/arm", *ARM[2:5]], id="arm"),
        pytest.param("linux/arm/v8", ["linux/arm", *ARM[2:]], id="arm/v8"),
        pytest.param("linux/arm/v7", ["linux/arm", *ARM[2:5]], id="arm/v7"),
        pytest.param("linux/arm/v6", ["linux/arm/v5", "linux/arm/v6"], id="arm/v6"),
        pytest.param("linux/arm/v5", ["linux/arm/v5"], id="arm/v5"),
        pytest.param("linux/arm/v4", ["linux/arm/v4"], id="arm/v4"),
        pytest.param("linux/arm64", ["linux/arm64", "linux/arm64/v8.0"], id="arm64"),
        pytest.param("linux/arm64/v8", ["linux/arm64", "linux/arm64/v8.0"], id="arm64/v8"),
        pytest.param("linux/arm64/v8.1", ARM64[:3], id="arm64/v8.1"),
        pytest.param("linux/arm64/v9", [*ARM64[:7], "linux/arm64/v9.0"], id="arm64/v9"),
        pytest.param("linux/arm64/v9.1", [*ARM64[:8], *ARM64[11:13]], id="arm64/v9.1"),
        pytest.param("linux/arm64/v9.6", ARM64[:-1], id="arm64/v9.6"),
    ],
)
def test_a_platform_is_served_by_itself_and_by_older_variants(
    wanted: str, serving: list[str]
) -> None:
    platform = Platform.parse(wanted)
    served = [offer for offer in ALL if platform.choose([Platform.parse(offer)]) is not None]
    assert sorted(served) == sorted(serving)


@pytest.mark.parametrize(
    ("wanted", "offers", "best"),
    [
        pytest.param("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], 1, id="newest variant"),
        pytest.param("linux/arm/v8", ["linux/arm/v6", "linux/arm"], 1, id="arm means v7"),
        pytest.param("linux/arm64", ["linux/arm/v8", "linux/arm64/v8"], 1, id="arm64 means v8"),
        pytest.param("linux/arm64/v9", ["linux/arm64", "linux/arm64/v8.5"], 1, id="v9 holds v8.5"),
        pytest.param(
            "linux/arm64/v9.1", ["linux/arm64/v8.6", "linux/arm64/v9"], 1, id="v9 before v8"
        ),
        pytest.param("linux/amd64", ["linux/amd64", "linux/amd64/v1"], 0, id="first of equals"),
        pytest.param("linux/amd64", ["linux/386", "linux/arm64"], None, id="other architectures"),
        pytest.param("linux/amd64", [], None, id="no offer"),
    ],
)
def test_the_best_offer_is_chosen(wanted: str, offers: list[str], best: int | None) -> None:
    assert Platform.parse(wanted).choose([Platform.parse(offer) for offer in offers]) == best


NEAR_PLATFORMS = st.builds(
    "{}/{}{}".format,
    st.sampled_from(["linux", "Windows", "darwin"]),
    st.sampled_from(["amd64", "x86_64", "arm", "armhf", "arm64", "aarch64", "386", "riscv64"]),
    st.just("") | st.from_regex(r"/v?[0-9]{1,2}(\.[0-9]{1,2})?", fullmatch=True),
)


@given(st.text() | NEAR_PLATFORMS)
@example("linux/amd64/v0")
@example("linux/amd64/v2.1")
@example("linux/arm/v7.1")
@example("linux/arm64/v7")
def test_any_text_is_refused_or_names_a_platform_that_serves_itself(text: str) -> None:
    platform = read_or_refused(Platform.parse, text)
    if platform is not None:
        assert Platform.parse(str(platform)) == platform
        assert platform.normal.normal == platform.normal
        assert platform.choose([platform]) == 0


@pytest.mark.parametrize(
    ("machine", "platform"),
    [
        ("x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64"),
        ("arm64", "linux/arm64"),
        ("i586", "linux/386"),
        ("i686", "linux/386"),
        ("armv7l", "linux/arm/v7"),
        ("armv8l", "linux/arm/v7"),
        ("armv6l", "linux/arm/v6"),
        ("ppc64le", "linux/ppc64le"),
        ("loongarch64", "linux/loong64"),
        ("riscv64", "linux/riscv64"),
    ],
)
def test_a_machine_runs_containers_of(machine: str, platform: str) -> None:
    assert str(Platform.of_machine(machine)) == platform


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        pytest.param("macos/arm64", "darwin/arm64", id="macOS"),
        pytest.param("MacOS/arm64", "darwin/arm64", id="macOS in its own spelling"),
        pytest.param("linux/386/sse2", "linux/386", id="386 has no variants"),
        pytest.param("linux/i386", "linux/386", id="386 by another name"),
    ],
)
def test_other_usual_names_are_read(text: str, platform: str) -> None:
    assert str(Platform.parse(text)) == platform


@pytest.mark.parametrize(
    ("wanted", "served_by"),
    [
        ("linux/amd64/v3", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64"]),
        (
            "linux/amd64/v4",
            ["linux/amd64/v4", "linux/amd64/v3", "linux/amd64/v2", "linux/amd64"],
        ),
        ("linux/arm/v6", ["linux/arm/v6", "linux/arm/v5"]),
        ("linux/arm64/v8.1", ["linux/arm64/v8.1", "linux/arm64"]),
        (
            "linux/arm64/v9.5",
            [
                *(f"linux/arm64/v9.{n}" for n in range(5, 0, -1)),
                "linux/arm64/v9",
                *(f"linux/arm64/v8.{n}" for n in range(9, 0, -1)),
                "linux/arm64",
            ],
        ),
        ("linux/amd64/v1.5", ["linux/amd64/v1.5"]),
    ],
)
def test_the_newest_variant_serves_first(wanted: str, served_by: list[str]) -> None:
    assert list(map(str, Platform.parse(wanted).served_by())) == served_by


@pytest.mark.parametrize(
    ("wanted", "offers", "nearest"),
    [
        ("linux/arm/v6", ["linux/amd64", "linux/arm/v7"], "linux/arm/v7"),
        ("linux/amd64", ["linux/arm64", "linux/amd64/v3", "linux/amd64/v2"], "linux/amd64/v3"),
        ("linux/arm64", ["linux/amd64", "linux/arm/v7"], "linux/arm/v7"),
        ("linux/amd64", ["linux/arm64", "linux/386"], "linux/386"),
        ("linux/amd64", ["windows/amd64", "linux/arm64"], None),
        ("linux/s390x", ["linux/amd64"], None),
        ("linux/amd64", [], None),
    ],
)
def test_the_nearest_platform_has_the_same_system_and_kind_of_cpu(
    wanted: str, offers: list[str], nearest: str | None
) -> None:
    found = Platform.parse(wanted).nearest(list(map(Platform.parse, offers)))
    assert found == (Platform.parse(nearest) if nearest else None)


@pytest.mark.parametrize(("path", "place"), [("", ""), ("manifests[3]", "manifests[3]: ")])
def test_an_entry_that_is_no_platform_is_named(path: str, place: str) -> None:
    with pytest.raises(InvalidPlatform) as caught:
        Platform.from_table(Table.of({"architecture": "a b"}, path))
    assert str(caught.value).startswith(f"{place}'linux/a b' is not a platform")
