from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import locked_image, request

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change, ChangeKind
from nixfetch_docker.lockfile.images import Images, Request
from nixfetch_docker.lockfile.jobs import Jobs
from nixfetch_docker.lockfile.lock import Lock, LockedImage
from nixfetch_docker.lockfile.project import LockFile, Project
from nixfetch_docker.lockfile.update import Note, Resolve, Update
from nixfetch_docker.oci.labels import UNKNOWN, Origin

OLD = locked_image(content="old")
NEW = locked_image(content="new")


def unchanged(asked: Request, previous: LockedImage | None, _note: Note) -> LockedImage:
    return previous or locked_image(asked)


def fails(_asked: Request, _previous: LockedImage | None, _note: Note) -> LockedImage:
    raise NixfetchError("the registry is down", hint="try again")


def no_origin(_image: LockedImage) -> Origin:
    return UNKNOWN


def read(lock: Lock) -> LockFile:
    return LockFile(lock=lock, text=lock.to_toml())


def run(
    images: Images, lock: Lock, names: list[str], resolve: Resolve = unchanged, *, jobs: int = 2
) -> dict[str, Change]:
    update = Update(images, read(lock), names)
    reports = list(update.run(resolve, no_origin, jobs=Jobs(jobs)))
    assert update.reports == reports
    return {report.change.name: report.change for report in reports}


def asked(*names: str) -> Images:
    return Images(requests={name: request() for name in names})


def test_every_image_has_its_report() -> None:
    answers = {"added": NEW, "updated": NEW, "unchanged": OLD}
    images = Images(requests={name: request(name) for name in [*answers, "failed", "left"]})
    lock = Lock(images=dict.fromkeys(["updated", "unchanged", "failed", "left", "gone"], OLD))

    def resolve(asked: Request, previous: LockedImage | None, _note: Note) -> LockedImage:
        return answers[asked.image] if asked.image in answers else fails(asked, previous, _note)

    changes = run(images, lock, [*answers, "failed"], resolve)
    assert {name: change.kind.value for name, change in changes.items()} == {
        "gone": "removed",
        "added": "added",
        "updated": "updated",
        "unchanged": "unchanged",
        "failed": "failed",
    }


def test_the_resolver_gets_the_locked_image() -> None:
    got: dict[str, LockedImage | None] = {}

    def notes(asked: Request, previous: LockedImage | None, _note: Note) -> LockedImage:
        got[asked.image] = previous
        return NEW

    images = Images(requests={name: request(name) for name in ("old", "new")})
    run(images, Lock(images={"old": OLD}), ["old", "new"], notes)
    assert got == {"old": OLD, "new": None}


def test_removed_images_come_first_in_order() -> None:
    lock = Lock(images=dict.fromkeys(["z", "b", "a"], OLD))
    assert list(run(asked("b"), lock, ["b"])) == ["a", "z", "b"]


def test_a_failure_names_the_image_and_keeps_its_entry() -> None:
    change = run(asked("redis"), Lock(images={"redis": OLD}), ["redis"], fails)["redis"]
    assert str(change.error) == "redis: the registry is down; try again"
    assert change.after == change.before == OLD


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        pytest.param(RecursionError(), "something is nested too deeply", id="RecursionError"),
        pytest.param(MemoryError(), "there is not enough memory", id="MemoryError"),
        pytest.param(OverflowError("too large"), "OverflowError: too large"),
    ],
)
def test_an_accident_of_one_image_leaves_the_others_alone(error: Exception, what: str) -> None:
    def breaks(asked: Request, _previous: LockedImage | None, _note: Note) -> LockedImage:
        if asked.image == "breaks":
            raise error
        return locked_image(asked)

    images = Images(requests={name: request(name) for name in ("works", "breaks")})
    changes = run(images, Lock(), ["breaks", "works"], breaks)
    assert changes["works"].kind is ChangeKind.ADDED
    assert str(changes["breaks"].error) == (
        f"breaks: unexpected error ({what}); "
        "set NIXFETCH_DEBUG=1 in the environment to see where, and report it"
    )


def test_an_accident_in_the_search_for_the_origin_costs_the_origin_alone() -> None:
    def breaks(_image: LockedImage) -> Origin:
        raise ZeroDivisionError

    update = Update(asked("web"), read(Lock(images={"web": OLD})), ["web"])
    (report,) = update.run(lambda *_: NEW, breaks, jobs=Jobs(1))
    assert report.change.after == NEW
    assert report.change.notes[0].startswith("its origin cannot be read: unexpected error (Zero")


@pytest.mark.parametrize(
    ("image", "is_told"),
    [
        pytest.param("redis:7.4.1", True, id="a release"),
        pytest.param("redis:v7.4.1-alpine3.20", True, id="a variant of a release"),
        pytest.param("redis:7.4", False, id="a line of releases"),
        pytest.param("redis:latest", False, id="no version"),
        pytest.param("redis:20260102", False, id="a date"),
    ],
)
def test_a_release_that_was_pushed_again_gets_a_word(image: str, is_told: bool) -> None:
    old, new = (locked_image(request(image), content=content) for content in ("old", "new"))
    images = Images(requests={"redis": request(image)})
    change = run(images, Lock(images={"redis": old}), ["redis"], lambda *_: new)["redis"]
    tag = image.partition(":")[2]
    told = (f"the tag {tag} was pushed again, with other content",)
    assert change.notes == (told if is_told else ())


def test_images_are_reported_in_the_order_of_images_toml() -> None:
    lock = Lock(images=dict.fromkeys(["z", "b", "a"], OLD))
    update = Update(asked("y", "b", "x"), read(lock), ["x", "y", "b"])
    list(update.run(unchanged, no_origin, jobs=Jobs(3)))
    assert [one.change.name for one in update.in_order] == ["y", "b", "x", "a", "z"]


def test_without_removes_the_lock_keeps_what_images_toml_has_no_more(project: Project) -> None:
    project.lock_path.write_text(Lock(images={"gone": OLD, "web": OLD}).to_toml())
    update = Update(asked("web"), project.read_lock(), ["web"], removes=False)
    list(update.run(lambda *_: NEW, no_origin, jobs=Jobs(1)))
    assert update.write(project).lock == Lock(images={"gone": OLD, "web": NEW})
    assert update.kept == ["gone"]


def test_an_update_that_stops_early_writes_what_it_has(project: Project) -> None:
    update = Update(asked("a", "b"), project.read_lock(), ["a", "b"])
    with closing(update.run(lambda *_: NEW, no_origin, jobs=Jobs(1))) as reports:  # type: ignore[type-var]
        assert update.unresolved_count == 2
        assert not update.write(project).changed
        first = next(reports).change.name
    assert first in update.write(project).lock.images


def test_the_origin_is_looked_up_where_the_digest_changed() -> None:
    answers = {"added": NEW, "updated": NEW, "unchanged": OLD}
    images = Images(requests={name: request(name) for name in answers})
    lock = Lock(images={"updated": OLD, "unchanged": OLD})
    update = Update(images, read(lock), list(answers))
    looked_up: list[LockedImage] = []

    def find_origin(image: LockedImage) -> Origin:
        looked_up.append(image)
        return Origin(source="https://a.b/web")

    reports = list(update.run(lambda asked, *_: answers[asked.image], find_origin, jobs=Jobs(1)))
    assert looked_up == [NEW]
    assert {report.change.name: report.change.origin.source for report in reports} == {
        "added": "",
        "updated": "https://a.b/web",
        "unchanged": "",
    }


def test_images_are_resolved_at_once() -> None:
    together = threading.Barrier(3, timeout=10)

    def meets(asked: Request, _previous: LockedImage | None, _note: Note) -> LockedImage:
        together.wait()
        return locked_image(asked)

    changes = run(asked("a", "b", "c"), Lock(), ["a", "b", "c"], meets, jobs=3)
    assert {change.kind for change in changes.values()} == {ChangeKind.ADDED}


def test_no_more_images_are_resolved_at_once_than_jobs_allow() -> None:
    running = threading.Semaphore(2)

    def counts(asked: Request, _previous: LockedImage | None, _note: Note) -> LockedImage:
        assert running.acquire(blocking=False)
        threading.Event().wait(0.005)
        running.release()
        return locked_image(asked)

    names = [f"image{n}" for n in range(10)]
    assert len(run(asked(*names), Lock(), names, counts, jobs=2)) == 10


def test_nothing_more_is_resolved_once_the_consumer_stops() -> None:
    started = []
    stopped = threading.Event()

    def notes(asked: Request, _previous: LockedImage | None, _note: Note) -> LockedImage:
        started.append(asked.image)
        if len(started) > 1:
            stopped.wait(10)
        return locked_image(asked)

    names = [f"image{n}" for n in range(10)]
    update = Update(asked(*names), read(Lock()), names)
    with closing(update.run(notes, no_origin, jobs=Jobs(1))) as reports:  # type: ignore[type-var]
        next(reports)
    stopped.set()
    assert len(started) <= 2


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path / "images.toml")


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    """A list that grows with every call of a method of `Lock`."""
    calls: list[object] = []
    method = getattr(Lock, name)

    def counted(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        return method(*arguments, **options)

    monkeypatch.setattr(Lock, name, counted)
    return calls


def updated(project: Project, resolve: Resolve, *names: str) -> Update:
    """An update of the project's lock that has run, and is not written."""
    update = Update(asked(*names), project.read_lock(), names)
    list(update.run(resolve, no_origin, jobs=Jobs(1)))
    return update


@pytest.mark.parametrize(
    ("resolve", "dry_run", "changed", "written"),
    [
        pytest.param(lambda *_: NEW, False, True, True, id="changed"),
        pytest.param(lambda *_: NEW, True, True, False, id="changed in a dry run"),
        pytest.param(unchanged, False, False, False, id="unchanged"),
        pytest.param(unchanged, True, False, False, id="unchanged in a dry run"),
    ],
)
def test_the_lock_is_written_where_it_changed(
    resolve: Resolve, dry_run: bool, changed: bool, written: bool, project: Project
) -> None:
    before = Lock(images={"web": OLD}).to_toml()
    project.lock_path.write_text(before)
    after = updated(project, resolve, "web").write(project, dry_run=dry_run)
    assert after.changed is changed
    assert project.lock_path.read_text() == (after.lock.to_toml() if written else before)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("resolve", [lambda *_: NEW, unchanged], ids=["changed", "unchanged"])
def test_the_lock_is_parsed_once_and_rendered_once(
    resolve: Resolve, dry_run: bool, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.lock_path.write_text(Lock(images={"web": OLD}).to_toml())
    parsed, rendered = count_calls(monkeypatch, "parse"), count_calls(monkeypatch, "to_toml")
    updated(project, resolve, "web").write(project, dry_run=dry_run)
    assert (len(parsed), len(rendered)) == (1, 1)


def test_changes_of_another_process_stay(project: Project) -> None:
    project.lock_path.write_text(Lock(images={"web": OLD, "other": OLD}).to_toml())
    update = Update(asked("web", "other"), project.read_lock(), ["web"])
    list(update.run(lambda *_: NEW, no_origin, jobs=Jobs(1)))
    project.lock_path.write_text(Lock(images={"web": OLD, "other": NEW, "more": NEW}).to_toml())
    after = update.write(project)
    assert after.lock == Lock(images={"web": NEW, "other": NEW, "more": NEW})
    assert project.lock_path.read_text() == after.lock.to_toml()


def test_failures_alone_write_nothing(project: Project) -> None:
    update = updated(project, fails, "web")
    assert not update.write(project).changed
    assert update.has_failed
    assert not project.lock_path.exists()


def test_a_failure_does_not_keep_the_others_from_the_lock(project: Project) -> None:
    project.lock_path.write_text(Lock(images={"a": OLD}).to_toml())
    images = Images(requests={"a": request("fails"), "b": request("works")})

    def resolve(asked: Request, previous: LockedImage | None, _note: Note) -> LockedImage:
        return NEW if asked.image == "works" else fails(asked, previous, _note)

    update = Update(images, project.read_lock(), ["a", "b"])
    list(update.run(resolve, no_origin, jobs=Jobs(1)))
    assert update.write(project).lock == Lock(images={"a": OLD, "b": NEW})
    assert update.counts == {ChangeKind.FAILED: 1, ChangeKind.ADDED: 1}


def test_an_update_of_no_image_writes_an_empty_lock(project: Project) -> None:
    assert updated(project, unchanged).write(project).changed
    assert project.lock_path.read_text() == Lock().to_toml()


def test_an_old_spelling_of_a_platform_is_written_anew(project: Project) -> None:
    text = Lock(images={"web": OLD}).to_toml()
    project.lock_path.write_text(text.replace('"linux/amd64"]', '"linux/amd64/v1"]'))
    assert updated(project, unchanged, "web").write(project).changed
    assert project.lock_path.read_text() == text
