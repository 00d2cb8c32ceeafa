from __future__ import annotations

import pytest

from nixfetch_docker.lockfile.tag_matching import SlowPatternError, find_versions
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
