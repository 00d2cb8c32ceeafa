from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.dates import minute, timestamp


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01", 0),
        ("1970-01-01T00:01:02.999999999Z", 62),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T22:30:00-01:30", 0),
        ("2026-11-27T18:00:00Z", 1795802400),
        # A leap second.
        ("2016-12-31T23:59:60Z", 1483228800),
        ("0001-01-01T00:00:00Z", -62135596800),
        ("0001-01-01T00:00:00+23:59", -62135596800 - 86340),
        ("9999-12-31T23:59:59-23:59", 253402300799 + 86340),
        ("2024-02-29", 1709164800),
        ("2023-02-29", None),
        ("0000-01-01T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-11-27T24:00:00Z", None),
        ("2026-11-27T18:00:00", None),
        ("2026-11-27 18:00:00Z", None),
        ("2026-11-27T18:00Z", None),
        ("2026-W48-5", None),
        ("20261127", None),
        ("٢٠٢٦-11-27", None),
        ("Fri, 27 Nov 2026 18:00:00 GMT", None),
        ("", None),
        (f"2026-11-27T18:00:00.{'0' * 400}Z", None),
    ],
)
def test_a_date_of_rfc_3339_is_a_number_of_seconds(text: str, seconds: int | None) -> None:
    assert timestamp(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01 00:00 UTC"),
        (1795802459, "2026-11-27 18:00 UTC"),
        (-62135596800, "0001-01-01 00:00 UTC"),
        (-62135596801, "0001-01-01 00:00 UTC"),
        (253402300800, "9999-12-31 23:59 UTC"),
        (10**18, "9999-12-31 23:59 UTC"),
    ],
)
def test_a_time_for_people_is_in_the_calendar(seconds: int, text: str) -> None:
    assert minute(seconds) == text


@given(st.text(), st.datetimes())
def test_any_text_is_a_time_or_none(text: str, time: object) -> None:
    assert timestamp(text) is None or text[:4].isdigit()
    assert timestamp(f"{time}".replace(" ", "T") + "Z") is not None
