from __future__ import annotations

import tempfile
from io import BytesIO
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.digest import Digest
from nixfetch_docker.download import Download
from nixfetch_docker.errors import WrongContent
from nixfetch_docker.sinks import Cancelled, Once, Watched, Window


@given(st.binary(min_size=1), st.lists(st.integers(0, 50), max_size=5), st.integers(1, 7))
def test_what_begins_again_is_passed_on_once(data: bytes, breaks: list[int], piece: int) -> None:
    out = BytesIO()
    download = Download(Digest.of(data), len(data), Once(out.write))
    chunks = [data[start : start + piece] for start in range(0, len(data), piece)]
    for count in breaks:
        download.take(chunks[: min(count, len(chunks))])
        download.restart()
    download.take(chunks)
    download.finish()
    assert out.getvalue() == data


def test_what_comes_otherwise_the_second_time_is_refused() -> None:
    out = BytesIO()
    once = Once(out.write)
    once.write(b"abcd")
    once.seek(0)
    once.write(b"ab")
    with pytest.raises(WrongContent) as caught:
        once.write(b"cXyz")
    assert str(caught.value) == (
        "the first 4 bytes came out wrong, and have gone out already; "
        "write to a file with -o, which gets verified bytes alone"
    )
    assert out.getvalue() == b"abcd"


def test_windows_of_one_file_are_written_apart() -> None:
    with tempfile.TemporaryFile() as file:
        first, second = Window(file.fileno(), 0), Window(file.fileno(), 4)
        second.write(b"EF")
        first.write(b"xx")
        first.seek(0)
        first.truncate()
        first.write(b"abcd")
        second.write(b"GH")
        assert (first.tell(), second.tell()) == (4, 4)
        assert file.read() == b"abcdEFGH"


def test_a_watched_sink_tells_how_far_it_is_and_stops() -> None:
    moved: list[int] = []
    stop, out = Event(), BytesIO()
    watched = Watched(out, stop, moved.append)
    download = Download(Digest.of(b"abc"), 3, watched)
    download.take([b"ab"])
    download.restart()
    download.take([b"ab", b"c"])
    download.finish()
    assert (sum(moved), out.getvalue()) == (3, b"abc")
    stop.set()
    with pytest.raises(Cancelled):
        watched.write(b"d")
    assert out.getvalue() == b"abc"
