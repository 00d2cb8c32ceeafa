from __future__ import annotations

import tempfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.archives.sinks import Gate, GoneOut, Once, Watched, Window
from nixfetch_docker.errors import Cancelled
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.registry.download import Download


@given(st.binary(min_size=1), st.lists(st.integers(0, 50), max_size=5), st.integers(1, 7))
def test_a_restarted_download_is_passed_on_once(data: bytes, breaks: list[int], piece: int) -> None:
    out = BytesIO()
    once = Once(out.write)
    download = Download(Digest.of(data), len(data), once)
    chunks = [data[start : start + piece] for start in range(0, len(data), piece)]
    for count in breaks:
        download.take(chunks[: min(count, len(chunks))])
        download.restart()
    download.take(chunks)
    download.finish()
    once.finish()
    assert out.getvalue() == data


def test_other_bytes_the_second_time_are_refused() -> None:
    out = BytesIO()
    once = Once(out.write)
    once.write(b"abcd")
    once.seek(0)
    once.write(b"ab")
    with pytest.raises(GoneOut) as caught:
        once.write(b"cXyz")
    assert str(caught.value) == (
        "the first 4 bytes were wrong, and have been passed on already; "
        "discard the output, and run the command again"
    )
    assert out.getvalue() == b"abcd"


def test_fewer_bytes_the_second_time_are_refused() -> None:
    out = BytesIO()
    once = Once(out.write)
    download = Download(Digest.of(b"ab"), None, once)
    download.take([b"evil"])
    download.restart()
    download.take([b"ab"])
    download.finish()
    with pytest.raises(GoneOut):
        once.finish()


def test_windows_of_one_file_do_not_overlap() -> None:
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


def test_a_watched_sink_reports_progress_and_stops_at_a_shut_gate() -> None:
    progress: list[int] = []
    gate, out = Gate(), BytesIO()
    watched = Watched(out, gate, progress.append)
    download = Download(Digest.of(b"abc"), 3, watched)
    download.take([b"ab"])
    download.restart()
    download.take([b"ab", b"c"])
    download.finish()
    assert (sum(progress), out.getvalue()) == (3, b"abc")
    gate.shut()
    with pytest.raises(Cancelled):
        watched.write(b"d")
    assert out.getvalue() == b"abc"
