from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.builders import encode, image_config, image_manifest, request
from support.in_memory import InMemoryRegistry
from support.in_memory_store import InMemoryStore

from nixfetch_docker.base import files, units
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.contents import Entry
from nixfetch_docker.lockfile.lock import LockedImage, LockedPlatform
from nixfetch_docker.nix.prefetch import Outcome, Prefetch
from nixfetch_docker.nix.store_path import blob_name
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.media_types import OCI_MANIFEST
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference

AMD64 = Platform.parse("linux/amd64")
CONFIG = image_config()
BASE, TOP, OTHER = b"base layer", b"top layer", b"a layer of another image"


def blob(data: bytes) -> Blob:
    return Blob(digest=Digest.of(data), size=len(data))


def manifest(*layers: bytes) -> bytes:
    return encode(image_manifest(CONFIG, *layers))


def entry(name: str, *layers: bytes, image: str = "redis:7") -> Entry:
    """An image with these layers, locked for linux/amd64."""
    asked = request(image)
    data = manifest(*layers)
    locked = LockedPlatform(
        manifest=blob(data),
        media_type=OCI_MANIFEST,
        config=blob(CONFIG),
        layers=tuple(map(blob, layers)),
    )
    locked_image = LockedImage(
        request=asked,
        repository=Reference.parse(image).name,
        tag="7",
        digest=Digest.of(data),
        platforms={AMD64: locked},
    )
    return Entry(name=name, image=locked_image, platform=AMD64, locked=locked)


WEB = entry("web", BASE, TOP)
CACHE = entry("cache", BASE, OTHER)
WEB_DATA = [manifest(BASE, TOP), CONFIG, BASE, TOP]


@pytest.fixture
def registry() -> InMemoryRegistry:
    registry = InMemoryRegistry()
    for data in [*WEB_DATA, manifest(BASE, OTHER), OTHER]:
        registry.push(data)
    return registry


@pytest.fixture
def store() -> InMemoryStore:
    return InMemoryStore()


def fetch(prefetch: Prefetch, registry: InMemoryRegistry, directory: Path) -> list[str]:
    """The errors of a fetch by way of a directory."""
    directory.mkdir(exist_ok=True)
    fetched = prefetch.fetch(registry.sources, directory, jobs=2, on_progress=lambda _: None)
    return [str(one.error) for one in fetched if one.error is not None]


def lines(prefetch: Prefetch) -> list[str]:
    return [result.line for result in prefetch.results()]


def put(store: InMemoryStore, contents: Iterable[bytes]) -> None:
    store.content |= {blob_name(Digest.of(data)): data for data in contents}


def test_all_blobs_are_in_the_store_afterwards(
    registry: InMemoryRegistry, store: InMemoryStore, tmp_path: Path
) -> None:
    prefetch = Prefetch([WEB], store)
    assert (prefetch.missing_count, prefetch.missing_size) == (4, sum(map(len, WEB_DATA)))
    assert fetch(prefetch, registry, tmp_path / "cache") == []
    assert all(map(store.has, WEB_DATA))
    assert (prefetch.missing_count, prefetch.has_failed) == (0, False)
    (result,) = prefetch.results()
    assert (result.outcome, result.blobs) == (Outcome.FETCHED, 4)
    assert result.size == sum(map(len, WEB_DATA))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_blob_of_several_images_is_fetched_once(
    registry: InMemoryRegistry, store: InMemoryStore, tmp_path: Path
) -> None:
    prefetch = Prefetch([WEB, CACHE], store)
    assert fetch(prefetch, registry, tmp_path) == []
    assert len(registry.calls) == len({*registry.calls}) == 6
    assert [result.blobs for result in prefetch.results()] == [4, 4]


def test_a_blob_that_is_in_the_store_is_not_fetched(
    registry: InMemoryRegistry, store: InMemoryStore, tmp_path: Path
) -> None:
    put(store, WEB_DATA)
    prefetch = Prefetch([WEB, CACHE], store)
    assert fetch(prefetch, registry, tmp_path) == []
    assert len(registry.calls) == 2
    size = len(manifest(BASE, OTHER)) + len(OTHER)
    assert lines(prefetch) == [
        "web: linux/amd64 is there",
        f"cache: linux/amd64 fetched 2 blobs, {size} B",
    ]


def test_a_dry_run_says_what_is_missing(store: InMemoryStore) -> None:
    put(store, WEB_DATA[:3])
    assert lines(Prefetch([WEB], store)) == ["web: linux/amd64 would fetch 1 blob, 9 B"]
    assert not store.has(TOP)


def test_a_total_counts_each_blob_once_and_says_what_the_store_has(store: InMemoryStore) -> None:
    put(store, WEB_DATA[:2])
    size = len(BASE) + len(TOP) + len(OTHER) + len(manifest(BASE, OTHER))
    there = sum(map(len, WEB_DATA[:2]))
    prefetch = Prefetch([WEB, CACHE], store)
    assert prefetch.total() == (
        f"total: 4 blobs, {size} B to fetch, each once; 2 blobs, {there} B in the store"
    )
    put(store, [*WEB_DATA, manifest(BASE, OTHER), OTHER])
    assert Prefetch([WEB, CACHE], store).total() == (
        f"total: nothing to fetch; 6 blobs, {units.size(size + there)} in the store"
    )
    assert Prefetch([], store).total() == "total: nothing to fetch; 0 blobs, 0 B in the store"


def test_a_blob_that_substituters_have_is_not_fetched(
    registry: InMemoryRegistry, store: InMemoryStore, tmp_path: Path
) -> None:
    store.cache = {blob_name(Digest.of(BASE)): BASE}
    prefetch = Prefetch([WEB], store)
    notes: list[str] = []
    prefetch.substitute(notes.append)
    assert (prefetch.missing_count, notes) == (3, [])
    assert fetch(prefetch, registry, tmp_path) == []
    assert not any(str(Digest.of(BASE)) in call for call in registry.calls)
    assert prefetch.results()[0].blobs == 4, "a substituted blob counts as fetched"


def test_where_substituters_fail_the_reason_is_told_and_all_blobs_are_missing(
    store: InMemoryStore,
) -> None:
    store.error = NixfetchError("no such host", hint="of no use here")
    prefetch = Prefetch([WEB], store)
    notes: list[str] = []
    prefetch.substitute(notes.append)
    assert notes == ["no such host; fetching from the registries"]
    assert prefetch.missing_count == 4


def test_a_blob_that_no_source_has_fails_its_image_alone(
    store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    lost = entry("lost", BASE, b"gone")
    registry.push(manifest(BASE, b"gone"))
    prefetch = Prefetch([lost, WEB], store)
    assert fetch(prefetch, registry, tmp_path) == ["not there"]
    assert prefetch.has_failed
    assert lines(prefetch) == [
        "lost: linux/amd64 failed (1 blob, 4 B not fetched)",
        f"web: linux/amd64 fetched 4 blobs, {sum(map(len, WEB_DATA))} B",
    ]
    assert store.has(BASE), "the other blobs of the image are kept"


def test_where_one_source_refuses_a_blob_the_next_is_asked(
    store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    elsewhere = entry("elsewhere", BASE, TOP, image="nginx:1")
    prefetch = Prefetch([elsewhere, WEB], store)
    assert fetch(prefetch, registry, tmp_path) == []
    assert any("nginx" in call for call in registry.calls)


def test_a_store_that_takes_no_file_is_an_error_of_every_blob(
    store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    prefetch = Prefetch([WEB], store)
    store.error = NixfetchError("disk full")
    assert fetch(prefetch, registry, tmp_path) == ["disk full"] * 4
    assert len(list(tmp_path.iterdir())) == 4, "the downloads are kept"
    store.error = None
    again = Prefetch([WEB], store)
    calls = len(registry.calls)
    assert fetch(again, registry, tmp_path) == []
    assert len(registry.calls) == calls, "the downloads are used"


@pytest.mark.parametrize(
    ("part", "start"),
    [
        pytest.param(BASE[:4], 4, id="resumed"),
        pytest.param(BASE + b"more", 0, id="too long, so from its beginning"),
    ],
)
def test_an_interrupted_download_goes_on(
    part: bytes, start: int, store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    (tmp_path / f"{blob_name(Digest.of(BASE))}.part").write_bytes(part)
    assert fetch(Prefetch([WEB], store), registry, tmp_path) == []
    assert f"complete docker.io/library/redis@{Digest.of(BASE)} from {start}" in registry.calls
    assert store.has(BASE)


def test_a_download_with_wrong_bytes_is_thrown_away(
    store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    part = tmp_path / f"{blob_name(Digest.of(BASE))}.part"
    part.write_bytes(b"xxxx")
    (error,) = fetch(Prefetch([WEB], store), registry, tmp_path)
    assert error.startswith(f"asked for {Digest.of(BASE)}, got ")
    assert not part.exists()


def test_a_download_that_was_changed_after_it_was_verified_is_not_stored(
    store: InMemoryStore, registry: InMemoryRegistry, tmp_path: Path
) -> None:
    file = tmp_path / blob_name(Digest.of(BASE))
    file.write_bytes(b"changed")
    assert fetch(Prefetch([WEB], store), registry, tmp_path) == [
        f"{file}: another program changed this file before it was in the store; "
        "run the command again"
    ]
    assert not file.exists()


def test_a_directory_that_cannot_be_written_is_an_error_of_the_blob(
    store: InMemoryStore,
    registry: InMemoryRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_path: Path) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    (tmp_path / f"{blob_name(Digest.of(BASE))}.part").mkdir()
    (error,) = fetch(Prefetch([WEB], store), registry, tmp_path)
    assert error.endswith(".part: cannot be written (Permission denied)")


def test_a_full_disk_is_the_directorys_fault(
    store: InMemoryStore,
    registry: InMemoryRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    prefetch = Prefetch([WEB], store)
    monkeypatch.setattr(os, "open", refuse)
    failed = prefetch.fetch(registry.sources, tmp_path, jobs=1, on_progress=lambda *_: None)
    faults = {str(one.error): prefetch.images_of(one.blob.digest) for one in failed}
    assert faults == {f"{tmp_path}: cannot be written (No space left on device)": ["web"]}


def make_directory(path: Path) -> None:
    path.mkdir()
    (path / "file").touch()


@pytest.mark.parametrize("suffix", ["", ".part"])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(make_directory, id="directory"),
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(lambda path: path.symlink_to(path.parent / "victim"), id="link"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="link to a device"),
        pytest.param(lambda path: path.symlink_to(path), id="link to itself"),
    ],
)
def test_what_is_no_file_makes_room_for_a_download(
    make: Callable[[Path], None],
    suffix: str,
    store: InMemoryStore,
    registry: InMemoryRegistry,
    tmp_path: Path,
) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    make(tmp_path / f"{blob_name(Digest.of(BASE))}{suffix}")
    assert fetch(Prefetch([WEB], store), registry, tmp_path) == []
    assert store.has(BASE)
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]
    assert (tmp_path / "victim").read_bytes() == b"mine"


def test_another_prefetch_is_waited_for_and_its_blobs_are_not_missing(
    store: InMemoryStore, tmp_path: Path
) -> None:
    prefetch = Prefetch([WEB, CACHE], store)
    other = ExitStack()
    other.enter_context(files.alone_in(tmp_path))
    notes: list[str] = []

    def notify(text: str) -> None:
        notes.append(text)
        put(store, WEB_DATA)
        other.close()

    with prefetch.alone_in(tmp_path, notify):
        assert prefetch.missing_count == 2
    assert notes == ["waiting for another prefetch to end"]


def test_blobs_of_a_prefetch_that_ended_before_the_lock_was_taken_are_not_missing(
    store: InMemoryStore, tmp_path: Path
) -> None:
    prefetch = Prefetch([WEB, CACHE], store)
    put(store, WEB_DATA)
    notes: list[str] = []
    with prefetch.alone_in(tmp_path, notes.append):
        assert prefetch.missing_count == 2
    assert notes == []


class TestDownloadsOfARunThatWasKilled:
    """It was killed between the store and the removal of the download."""

    @pytest.mark.parametrize("end", ["", ".part"])
    def test_what_the_store_has_is_removed(
        self, end: str, store: InMemoryStore, tmp_path: Path
    ) -> None:
        put(store, WEB_DATA)
        left = tmp_path / f"{blob_name(Digest.of(BASE))}{end}"
        left.write_bytes(BASE)
        Prefetch([WEB], store).remove_downloads(tmp_path, pytest.fail)
        assert list(tmp_path.iterdir()) == []

    def test_what_the_store_lacks_and_what_others_want_stays(
        self, store: InMemoryStore, tmp_path: Path
    ) -> None:
        put(store, [BASE, OTHER])
        kept = {f"{blob_name(Digest.of(TOP))}.part", blob_name(Digest.of(OTHER)), "other"}
        for name in kept:
            (tmp_path / name).write_bytes(b"x")
        Prefetch([WEB], store).remove_downloads(tmp_path, pytest.fail)
        assert {file.name for file in tmp_path.iterdir()} == kept

    def test_no_directory_is_made_for_it(self, store: InMemoryStore, tmp_path: Path) -> None:
        put(store, WEB_DATA)
        Prefetch([WEB], store).remove_downloads(tmp_path / "none", pytest.fail)
        assert not (tmp_path / "none").exists()
