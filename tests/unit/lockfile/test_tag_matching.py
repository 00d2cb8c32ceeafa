from __future__ import annotations

import pytest

from nixfetch_docker.lockfile.tag_matching import PatternError, SlowPatternError, find_versions
from nixfetch_docker.versions.tag_pattern import TagPattern


def test_every_tag_that_matches_has_its_version() -> None:
    pattern = TagPattern.parse(r"^app-(?P<version>\d*)")
    found = find_versions(pattern, ["app-9", "app-10-slim", "web-11", "app-"])
    assert found == {"app-9": "9", "app-10-slim": "10"}


def test_a_group_that_took_no_part_in_the_match_is_no_version() -> None:
    assert find_versions(TagPattern.parse(r"^latest|(?P<version>\d+)$"), ["latest", "7"]) == {
        "7": "7"
    }


def test_a_pattern_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixfetch_docker.lockfile.tag_matching._SECONDS", 0.5)
    with pytest.raises(SlowPatternError) as caught:
        find_versions(TagPattern.parse(r"^(?P<version>(a+)+)$"), ["a" * 127 + "!"])
    assert str(caught.value) == (
        "the tag-pattern '^(?P<version>(a+)+)$' takes more than 0 s on its tags; "
        "write no + or * inside a group that is repeated itself, as in (a+)+"
    )


@pytest.mark.parametrize(
    ("program", "end"),
    [
        pytest.param(
            "import os; os.kill(os.getpid(), 9)",
            "was ended by signal 9",
            id="killed, as for memory",
        ),
        pytest.param("raise MemoryError", "failed with status 1", id="failed"),
    ],
)
def test_a_process_that_ends_early_is_an_error(
    program: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nixfetch_docker.lockfile.tag_matching._PROGRAM", program)
    with pytest.raises(PatternError) as caught:
        find_versions(TagPattern.parse(r"(?P<version>\d+)"), ["1"])
    assert str(caught.value).startswith("the process that compares tags with the tag-pattern ")
    assert end in str(caught.value)


def test_a_process_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(PatternError) as caught:
        find_versions(TagPattern.parse(r"(?P<version>\d+)"), ["1"])
    assert "(No such file or directory)" in str(caught.value)
