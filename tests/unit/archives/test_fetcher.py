"""Waits for the blobs of one image."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from support.strays import stray_signal

from nixfetch_docker.archives.fetcher import wait_for, wait_for_all


def _raise() -> None:
    raise KeyError


@pytest.mark.parametrize(
    "waits",
    [
        pytest.param(lambda one: wait_for(one, [one]), id="for one"),
        pytest.param(lambda one: wait_for_all([one]), id="for all"),
    ],
)
def test_a_signal_is_heard_during_a_wait(waits: Callable[[Future[bool]], None]) -> None:
    with stray_signal() as get_signal, ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(get_signal)
        waits(fetch)
    assert fetch.result()


@pytest.mark.parametrize(
    "waits",
    [
        pytest.param(lambda slow, fails: wait_for(slow, [slow, fails]), id="for one"),
        pytest.param(lambda slow, fails: wait_for_all([slow, fails]), id="for all"),
    ],
)
def test_an_error_ends_a_wait_for_others(
    waits: Callable[[Future[None], Future[None]], None],
) -> None:
    slow: Future[None] = Future()
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError):
        waits(slow, pool.submit(_raise))
