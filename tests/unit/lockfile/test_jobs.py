"""Work on several items at once, and on more of them once it is told to widen."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from support.strays import stray_signal

from nixfetch_docker.lockfile.jobs import Jobs, mapping

_SECONDS = 10


@pytest.mark.parametrize(("few", "most", "width"), [(1, 9, 9), (3, 6, 6), (4, None, 4)])
def test_more_begin_once_it_is_widened(few: int, most: int | None, width: int) -> None:
    begun = threading.Semaphore(0)
    go_on = threading.Event()
    jobs: Jobs[int] = Jobs(few, most)

    def work(item: int) -> int:
        begun.release()
        assert go_on.wait(_SECONDS)
        return item

    def watch() -> None:
        for _ in range(few):
            assert begun.acquire(timeout=_SECONDS)
        at_first.append(begun.acquire(timeout=0.05))
        jobs.widen()
        jobs.widen()
        for _ in range(width - few):
            assert begun.acquire(timeout=_SECONDS)
        at_first.append(begun.acquire(timeout=0.05))
        go_on.set()

    at_first: list[bool] = []
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert sorted(one.result() for one in jobs.run(work, range(20))) == list(range(20))
    finally:
        go_on.set()
        watcher.join()
    assert at_first == [False, False]


def test_nothing_more_begins_where_the_consumer_stops() -> None:
    done: list[int] = []
    jobs: Jobs[None] = Jobs(1)
    with closing(jobs.run(done.append, range(100))) as ended:
        next(ended)
    assert len(done) <= 2


def test_an_error_is_in_its_future_and_nothing_is_unread() -> None:
    def work(item: int) -> float:
        return 1 / item

    jobs: Jobs[float] = Jobs(2)
    ended = list(jobs.run(work, [0, 1, 2]))
    assert sorted(type(one.exception()).__name__ for one in ended) == [
        *("NoneType", "NoneType", "ZeroDivisionError")
    ]
    assert jobs.unread() == []


def test_no_items_are_no_work() -> None:
    jobs: Jobs[int] = Jobs(2)
    assert list(jobs.run(int, [])) == []


def test_a_signal_is_heard_while_nothing_ends() -> None:
    with stray_signal() as get_signal:
        jobs: Jobs[bool] = Jobs(1)
        (future,) = jobs.run(lambda _: get_signal(), [1])
    assert future.result()


def test_a_mapping_gives_results_in_order_and_hears_a_signal() -> None:
    with stray_signal() as get_signal, ThreadPoolExecutor(2) as pool:
        found = mapping(pool)(lambda item: (item, item or get_signal()), [0, 1])
        assert list(found) == [(0, True), (1, 1)]


def test_of_a_mapping_nothing_more_begins_after_an_error() -> None:
    begun: list[int] = []
    is_over = threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        assert item == 0 or is_over.wait(_SECONDS)
        raise KeyError

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(KeyError):
            list(mapping(pool)(work, range(100)))
        is_over.set()
    assert len(begun) <= 2
