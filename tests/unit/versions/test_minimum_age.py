from __future__ import annotations

import pytest

from nixfetch_docker.base import toml
from nixfetch_docker.base.table import InvalidField
from nixfetch_docker.versions.follow import Follow
from nixfetch_docker.versions.minimum_age import InvalidAge, MinimumAge, TooYoung

NOW = 1_795_780_800


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 minute", 60),
        ("90 minutes", 5400),
        ("12 hours", 43200),
        ("3 days", 259200),
        ("1 week", 604800),
        ("9999 weeks", 9999 * 604800),
    ],
)
def test_an_age_is_a_number_of_seconds(text: str, seconds: int) -> None:
    assert MinimumAge.parse(text) == MinimumAge(text=text, seconds=seconds)


@pytest.mark.parametrize("text", ["", "3", "3d", "3  days", "0 days", "1 month", "9" * 10_000])
def test_another_text_is_an_error_that_shows_one(text: str) -> None:
    with pytest.raises(InvalidAge, match=r'is not an age; write a number .*"3 days"') as caught:
        MinimumAge.parse(text)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("seconds", "is_old"), [(3599, False), (3600, True), (3601, True), (-1, False)]
)
def test_an_image_is_old_enough_from_its_age_on(seconds: int, is_old: bool) -> None:
    age = MinimumAge.parse("1 hour")
    made = "2026-11-27T12:00:00Z"
    if is_old:
        age.check(made, NOW + seconds)
    else:
        with pytest.raises(TooYoung, match="from 2026-11-27 13:00 UTC on"):
            age.check(made, NOW + seconds)


def test_an_age_alone_is_an_error_with_a_hint() -> None:
    with pytest.raises(InvalidField) as caught:
        Follow.from_table(toml.parse('minimum-age = "3 days"'))
    assert str(caught.value) == (
        "minimum-age: it belongs to a version or a tag-pattern, which choose among tags; "
        'write version = "*" beside it, or remove it'
    )
