from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import NixfetchError, TransientError, WrongContent
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.registry import download as module
from nixfetch_docker.registry.download import Download, continues

DIGEST = Digest.of(b"hello")
HINT = "the registry, or something on the way, sends wrong bytes"


@given(st.lists(st.binary()), st.sampled_from(["sha256", "sha512"]))
def test_right_content_arrives_whole(chunks: list[bytes], algorithm: str) -> None:
    data, sink = b"".join(chunks), BytesIO()
    download = Download(Digest.of(data, algorithm), len(data), sink)
    download.take(chunks)
    download.finish()
    assert sink.getvalue() == data


@pytest.mark.parametrize(
    ("chunks", "was_all", "kind", "message"),
    [
        pytest.param(
            [b"he", b"llo!"],
            False,
            WrongContent,
            f"more than the 5 bytes of {DIGEST} came; {HINT}",
            id="too much",
        ),
        pytest.param(
            [b"he", b"ll"],
            False,
            TransientError,
            f"4 of the 5 bytes of {DIGEST} came; try again",
            id="too little",
        ),
        pytest.param(
            [b"he", b"ll"],
            True,
            WrongContent,
            f"4 of the 5 bytes of {DIGEST} came; {HINT}",
            id="too little, by the sender's own account",
        ),
        pytest.param(
            [b"HELLO"],
            False,
            WrongContent,
            f"asked for {DIGEST}, got {Digest.of(b'HELLO')}; {HINT}",
            id="other bytes",
        ),
    ],
)
def test_other_content_is_refused(
    chunks: list[bytes], was_all: bool, kind: type[NixfetchError], message: str
) -> None:
    def receive() -> None:
        download = Download(DIGEST, 5, BytesIO())
        download.take(chunks)
        download.finish(was_all=was_all)

    with pytest.raises(kind) as caught:
        receive()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("chunks", "was_all", "found"),
    [
        pytest.param([b"HELLO"], True, b"HELLO", id="other bytes"),
        pytest.param([b"he", b"ll"], False, b"hell", id="too little"),
        pytest.param([b"hello", b"!"], False, b"hello!", id="too much"),
    ],
)
def test_without_a_size_the_digest_tells_what_is_wrong(
    chunks: list[bytes], was_all: bool, found: bytes
) -> None:
    download = Download(DIGEST, None, BytesIO())
    download.take(chunks)
    assert not download.is_whole
    with pytest.raises(WrongContent) as caught:
        download.finish(was_all=was_all)
    assert str(caught.value) == f"asked for {DIGEST}, got {Digest.of(found)}; {HINT}"


def test_without_a_size_the_digest_tells_when_all_has_come() -> None:
    sink = BytesIO()
    download = Download(DIGEST, None, sink)
    download.take([b"he"])
    assert not download.is_whole
    download.take([b"llo"])
    assert download.is_whole
    download.finish()
    assert sink.getvalue() == b"hello"


def test_a_blob_of_unknown_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNKNOWN_LIMIT", 4)
    with pytest.raises(WrongContent) as caught:
        Download(DIGEST, None, BytesIO()).take([b"he", b"llo"])
    assert str(caught.value) == f"more than the 4 bytes of {DIGEST} came; {HINT}"


def test_a_download_restarts_where_its_file_began() -> None:
    sink = BytesIO(b"header")
    sink.seek(6)
    download = Download(DIGEST, 5, sink)
    download.take([b"HEL"])
    download.restart()
    download.take([b"he", b"llo"])
    download.finish()
    assert (sink.getvalue(), download.is_whole) == (b"headerhello", True)


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        pytest.param("bytes 3-9/10", True, id="the rest"),
        pytest.param("bytes 3-5/10", True, id="a part of the rest"),
        pytest.param("bytes 3-9/*", True, id="unknown total"),
        pytest.param("bytes 2-9/10", False, id="too early"),
        pytest.param("bytes 4-9/10", False, id="too late"),
        pytest.param("bytes 3-9/11", False, id="another total"),
        pytest.param("bytes 3-10/10", False, id="past the end"),
        pytest.param("bytes */10", False, id="unsatisfied"),
        pytest.param("octets 3-9/10", False, id="another unit"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="none"),
    ],
)
def test_a_content_range_goes_on_where_the_download_is(header: str | None, holds: bool) -> None:
    assert continues(header, 3, 10) is holds


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        pytest.param("bytes 3-9/10", True, id="the rest"),
        pytest.param("bytes 3-9/*", True, id="unknown total"),
        pytest.param("bytes 2-9/10", False, id="too early"),
        pytest.param("bytes 3-10/10", False, id="past the end"),
        pytest.param(None, False, id="none"),
    ],
)
def test_a_content_range_may_have_any_total_where_none_is_known(
    header: str | None, holds: bool
) -> None:
    assert continues(header, 3, None) is holds


@given(st.text() | st.from_regex(r"bytes \d+-\d+/(\d+|\*)"))
def test_no_content_range_breaks_anything(header: str) -> None:
    for size in (10, None):
        assert continues(header, 3, size) in {True, False}


CONTENT = b"content of a blob" * 100


@pytest.mark.parametrize(
    ("there", "received"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(CONTENT[:700], 700, id="a part"),
        pytest.param(CONTENT, len(CONTENT), id="all"),
        pytest.param(CONTENT + b"x", 0, id="too much"),
    ],
)
def test_a_download_goes_on_from_what_its_file_has(
    there: bytes, received: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PIECE", 100)
    file = BytesIO(there)
    download = Download.resumed(Digest.of(CONTENT), len(CONTENT), file)
    assert (download.received, download.size) == (received, len(CONTENT))
    download.take([CONTENT[received:]])
    download.finish()
    assert file.getvalue() == CONTENT


def test_missing_bytes_may_still_come_unless_the_sender_says_that_it_was_all() -> None:
    download = Download(Digest.of(CONTENT), len(CONTENT), BytesIO())
    with pytest.raises(TransientError):
        download.finish()
    with pytest.raises(WrongContent):
        download.finish(was_all=True)


def test_no_content_range_is_none_that_continues() -> None:
    assert not continues(None, 0, 5)
