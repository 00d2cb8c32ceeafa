"""Progress of a fetch, sampled while transfers begin again, fail, and go to other places."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from support.in_memory_store import InMemoryStore

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.locked_blobs import LockedBlob
from nixfetch_docker.lockfile.sources import Sources
from nixfetch_docker.nix import blob_fetcher
from nixfetch_docker.nix.blob_fetcher import BlobFetcher
from nixfetch_docker.nix.fetch_progress import Arrival, FetchProgress, Tally
from nixfetch_docker.nix.store_path import blob_name
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.download import Download

ONE, OTHER = Reference.parse("one"), Reference.parse("other")
DATA = bytes(range(200))


def blob(data: bytes, *places: Reference) -> LockedBlob:
    return LockedBlob(
        digest=Digest.of(data), size=len(data), is_manifest=False, places=places or (ONE,)
    )


# Sends a blob from a place, and calls the last argument after every step.
Script = Callable[[Download, Reference, Callable[[], None]], None]


class Fetch:
    """A fetch from sources that follow a script; `seen` is its progress at every step of that."""

    def __init__(self, script: Script, directory: Path) -> None:
        self._script = script
        self.store = InMemoryStore()
        self.seen: list[FetchProgress] = []
        self.fetcher = BlobFetcher(cast(Sources, self), self.store, directory, jobs=1)
        self._tally = Tally([])

    def at(self, place: Reference) -> Source:
        """In place of the method of `Sources`."""
        return Source(self._script, place, self.look)

    def look(self) -> None:
        """Take a sample, as the fetcher does several times a second."""
        self.seen.append(self._tally.progress(self.fetcher._under_way()))  # noqa: SLF001

    def run(self, *blobs: LockedBlob, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The errors of a fetch of these blobs."""
        self._tally = Tally(blobs)
        monkeypatch.setattr("nixfetch_docker.nix.blob_fetcher.Tally", lambda _: self._tally)
        done = self.fetcher.run(blobs, self.seen.append)
        return [str(one.error) for one in done if one.error is not None]

    @property
    def received(self) -> list[int]:
        return [one.received for one in self.seen]


class Source:
    """An `ImageSource` that follows a script."""

    def __init__(self, script: Script, place: Reference, look: Callable[[], None]) -> None:
        self._script = script
        self._place = place
        self._look = look

    def complete(self, download: Download, *, is_manifest: bool) -> None:
        assert not is_manifest
        self._script(download, self._place, self._look)
        download.finish()


def send(download: Download, look: Callable[[], None], *ends: int) -> None:
    """Send the blob up to each of some ends."""
    for end in ends:
        download.take([DATA[download.received : end]])
        look()


def at_once(download: Download, _: Reference, look: Callable[[], None]) -> None:
    send(download, look, 50, 200)


def from_zero(download: Download, _: Reference, look: Callable[[], None]) -> None:
    send(download, look, 150)
    download.restart()
    look()
    send(download, look, 20, 150, 160, 200)


def after_wrong_bytes(download: Download, _: Reference, look: Callable[[], None]) -> None:
    download.take([b"x" * (200 - download.received)])
    look()
    download.restart()
    send(download, look, 10, 200)


def from_another_place(download: Download, place: Reference, look: Callable[[], None]) -> None:
    send(download, look, 120)
    if place == ONE:
        raise NixfetchError("refused")
    send(download, look, 200)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(at_once, id="at once"),
        pytest.param(from_zero, id="again from zero"),
        pytest.param(after_wrong_bytes, id="again after wrong bytes"),
        pytest.param(from_another_place, id="from another place"),
    ],
)
@pytest.mark.parametrize("kept", [0, 30, 100, 200], ids="{} bytes kept".format)
def test_bytes_only_grow(
    script: Script, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{blob_name(Digest.of(DATA))}.part").write_bytes(DATA[:kept])
    fetch = Fetch(script, tmp_path)
    assert fetch.run(blob(DATA, ONE, OTHER), monkeypatch=monkeypatch) == []
    assert fetch.received == sorted(fetch.received)
    assert {one.total for one in fetch.seen} == {200}
    assert [one.stored for one in fetch.seen] == sorted(one.stored for one in fetch.seen)
    last = fetch.seen[-1]
    assert (last.received, last.stored, last.waiting, last.under_way) == (200, 200, 0, ())
    assert last.kept == kept


def test_what_does_not_come_of_a_blob_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(download: Download, _: Reference, look: Callable[[], None]) -> None:
        if download.digest != Digest.of(DATA):
            download.take([b"small"])
            return
        send(download, look, 120)
        raise NixfetchError("refused")

    fetch = Fetch(script, tmp_path)
    assert fetch.run(blob(DATA), blob(b"small"), monkeypatch=monkeypatch) == ["refused"]
    assert fetch.received == sorted(fetch.received)
    shares = [one.received / one.total for one in fetch.seen]
    assert shares == sorted(shares)
    assert (fetch.seen[-1].received, fetch.seen[-1].total) == (125, 125)


def test_blobs_under_way_say_how_much_of_each_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Fetch(at_once, tmp_path)
    fetch.run(blob(DATA), monkeypatch=monkeypatch)
    (arrival,) = fetch.seen[0].under_way
    assert arrival == Arrival(blob=blob(DATA), received=50, here=50)


def test_bytes_that_come_again_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Fetch(from_zero, tmp_path)
    fetch.run(blob(DATA), monkeypatch=monkeypatch)
    shown = [(one.received, one.here) for state in fetch.seen[:6] for one in state.under_way]
    assert shown == [(150, 150), (150, 0), (150, 20), (150, 150), (160, 160), (200, 200)]


def test_bytes_of_an_earlier_run_are_said_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{blob_name(Digest.of(DATA))}.part").write_bytes(DATA[:30])
    fetch = Fetch(at_once, tmp_path)
    resumed = Download.resumed

    def look_and_resume(*arguments: object) -> Download:
        fetch.look()
        return resumed(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Download, "resumed", look_and_resume)
    fetch.run(blob(DATA), monkeypatch=monkeypatch)
    assert [one.is_checked for one in fetch.seen[0].under_way] == [True]
    assert [one.is_checked for one in fetch.seen[1].under_way] == [False]


def test_the_store_gets_few_bytes_at_once_so_that_it_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob_fetcher, "_BYTES_AT_ONCE", 10)
    contents = [bytes([number]) * 4 for number in range(9)]
    for data in contents:
        (tmp_path / blob_name(Digest.of(data))).write_bytes(data)
    fetch = Fetch(at_once, tmp_path)
    added: list[int] = []

    def add(files: list[Path]) -> list[Path]:
        added.append(len(files))
        return InMemoryStore.add(fetch.store, files)

    monkeypatch.setattr(fetch.store, "add", add)
    assert fetch.run(*map(blob, contents), monkeypatch=monkeypatch) == []
    assert sum(added) == 9
    assert max(added) <= 2
    assert all(map(fetch.store.has, contents))


def test_an_interrupt_leaves_no_work_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Fetch(at_once, tmp_path)

    def interrupt(_: FetchProgress) -> None:
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        list(fetch.fetcher.run([blob(DATA)], interrupt))
    monkeypatch.undo()
    assert not fetch.store.has(DATA)
