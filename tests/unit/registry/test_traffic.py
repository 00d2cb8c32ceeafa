from __future__ import annotations

import threading

import pytest

from nixfetch_docker.registry.traffic import Traffic


def test_nothing_is_counted_at_first() -> None:
    traffic = Traffic()
    assert (traffic.requests, traffic.received_bytes, traffic.remaining) == (0, 0, {})


def test_answers_add_up() -> None:
    traffic = Traffic()
    traffic.add("a.example", 100, "")
    traffic.add("b.example", 23, "")
    assert (traffic.requests, traffic.received_bytes, traffic.remaining) == (2, 123, {})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("76;w=21600", {"a.example": 76}, id="with a window, as Docker Hub sends it"),
        pytest.param("76", {"a.example": 76}, id="a number alone"),
        pytest.param("0;w=21600", {"a.example": 0}, id="none"),
        pytest.param("9" * 5000, {"a.example": 999_999_999}, id="endless digits"),
        pytest.param("", {}, id="no header"),
        pytest.param("many", {}, id="a word"),
        pytest.param("-1", {}, id="negative"),
        pytest.param("٧", {}, id="digits of another script"),
    ],
)
def test_the_remaining_requests_are_read_from_the_header(
    header: str, expected: dict[str, int]
) -> None:
    traffic = Traffic()
    traffic.add("a.example", 0, header)
    assert traffic.remaining == expected


def test_the_last_answer_of_a_host_counts() -> None:
    traffic = Traffic()
    for left in ("76", "75", ""):
        traffic.add("a.example", 0, left)
    assert traffic.remaining == {"a.example": 75}


def test_threads_lose_no_answer() -> None:
    traffic = Traffic()

    def add() -> None:
        for _ in range(500):
            traffic.add("a.example", 2, "")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (traffic.requests, traffic.received_bytes) == (4000, 8000)
