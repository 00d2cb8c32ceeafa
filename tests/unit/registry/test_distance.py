"""Which hosts are far away, by the time that their first answers take."""

from __future__ import annotations

import pytest

from nixfetch_docker.registry.distance import FAR_SECONDS, Distance

LATE, SOON = FAR_SECONDS * 2, FAR_SECONDS / 2


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        pytest.param([LATE] * 4, 1, id="all late"),
        pytest.param([LATE] * 3, 0, id="too few to tell"),
        pytest.param([LATE] * 100, 1, id="told once"),
        pytest.param([SOON] * 100, 0, id="all soon"),
        pytest.param([LATE, LATE, SOON, LATE, LATE], 0, id="one soon, on a busy machine"),
        pytest.param([SOON, *[LATE] * 10], 0, id="busy later"),
        pytest.param([LATE, LATE, LATE, FAR_SECONDS], 1, id="as late as a far one"),
    ],
)
def test_a_host_is_far_whose_first_answers_all_come_late(answers: list[float], told: int) -> None:
    calls: list[None] = []
    distance = Distance(lambda: calls.append(None))
    for seconds in answers:
        distance.answered("a", seconds)
    assert len(calls) == told


def test_each_host_has_a_distance_of_its_own() -> None:
    calls: list[None] = []
    distance = Distance(lambda: calls.append(None))
    for _ in range(4):
        distance.answered("near", SOON)
        assert calls == []
        distance.answered("far", LATE)
    assert len(calls) == 1
