from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing

import pytest
from support.builders import locked_image, request

from nixfetch_docker.errors import NixfetchError, UsageError
from nixfetch_docker.lockfile.images import Images, Request
from nixfetch_docker.lockfile.lock import Lock, LockedImage
from nixfetch_docker.lockfile.update import (
    Change,
    Outcome,
    Resolve,
    all_or_named,
    apply,
    out_of_date,
    update,
)

OLD = locked_image(content="old")
NEW = locked_image(content="new")


def unchanged(asked: Request, previous: LockedImage | None) -> LockedImage:
    return previous or locked_image(asked)


def fails(_asked: Request, _previous: LockedImage | None) -> LockedImage:
    raise NixfetchError("the registry is down", hint="try again")


def run(
    images: Images, lock: Lock, names: list[str], resolve: Resolve = unchanged, *, jobs: int = 2
) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in update(images, lock, names, resolve, jobs=jobs)}


def asked(*names: str) -> Images:
    return Images(requests={name: request() for name in names})


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        pytest.param(Outcome(name="a", after=NEW), Change.ADDED, id="added"),
        pytest.param(Outcome(name="a", before=OLD, after=NEW), Change.UPDATED, id="updated"),
        pytest.param(Outcome(name="a", before=OLD, after=OLD), Change.UNCHANGED, id="unchanged"),
        pytest.param(Outcome(name="a", before=OLD), Change.REMOVED, id="removed"),
        pytest.param(
            Outcome(name="a", before=OLD, after=OLD, error=NixfetchError("")),
            Change.FAILED,
            id="failed",
        ),
        pytest.param(Outcome(name="a", error=NixfetchError("")), Change.FAILED, id="failed anew"),
    ],
)
def test_an_outcome_says_what_changed(outcome: Outcome, change: Change) -> None:
    assert outcome.change is change


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param([], ["b", "a", "c"], id="all"),
        pytest.param(["c"], ["c"], id="one"),
        pytest.param(["c", "b", "c"], ["b", "c"], id="in the file's order, once"),
    ],
)
def test_all_images_are_updated_or_those_named(names: list[str], expected: list[str]) -> None:
    assert all_or_named(asked("b", "a", "c"), names) == expected


@pytest.mark.parametrize(
    ("images", "message"),
    [
        pytest.param(
            asked("web", "redis"),
            "there is no image 'rediss'; there are: web, redis",
            id="some",
        ),
        pytest.param(asked(), "there is no image 'rediss'; there are: none", id="none"),
    ],
)
def test_an_unknown_name_is_wrong_usage(images: Images, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        all_or_named(images, ["rediss"])
    assert str(caught.value) == message


def test_a_lock_is_out_of_date_where_it_answers_another_request() -> None:
    images = Images(
        requests={
            "same": request("redis:7", "linux/amd64"),
            "new": request(),
            "tag": request("redis:8", "linux/amd64"),
            "platform": request("redis:7", "linux/arm64"),
            "spelling": request("docker.io/redis:7", "linux/amd64"),
        }
    )
    locked = locked_image(images.requests["same"])
    lock = Lock(images=dict.fromkeys(["same", "tag", "platform", "spelling", "gone"], locked))
    assert out_of_date(images, lock) == ["new", "tag", "platform", "spelling"]


def test_every_image_has_its_outcome() -> None:
    answers = {"added": NEW, "updated": NEW, "unchanged": OLD}
    images = Images(requests={name: request(name) for name in [*answers, "failed", "left"]})
    lock = Lock(images=dict.fromkeys(["updated", "unchanged", "failed", "left", "gone"], OLD))

    def resolve(asked: Request, previous: LockedImage | None) -> LockedImage:
        return answers[asked.image] if asked.image in answers else fails(asked, previous)

    outcomes = run(images, lock, [*answers, "failed"], resolve)
    assert {name: outcome.change.value for name, outcome in outcomes.items()} == {
        "gone": "removed",
        "added": "added",
        "updated": "updated",
        "unchanged": "unchanged",
        "failed": "failed",
    }
    assert apply(lock, outcomes.values()) == Lock(
        images={"added": NEW, "updated": NEW, "unchanged": OLD, "failed": OLD, "left": OLD}
    )


def test_the_resolver_is_told_what_is_locked() -> None:
    told: dict[str, LockedImage | None] = {}

    def notes(asked: Request, previous: LockedImage | None) -> LockedImage:
        told[asked.image] = previous
        return NEW

    images = Images(requests={name: request(name) for name in ("old", "new")})
    run(images, Lock(images={"old": OLD}), ["old", "new"], notes)
    assert told == {"old": OLD, "new": None}


def test_removed_images_come_first_in_order() -> None:
    lock = Lock(images=dict.fromkeys(["z", "b", "a"], OLD))
    assert list(run(asked("b"), lock, ["b"])) == ["a", "z", "b"]


def test_a_failure_names_the_image_and_keeps_its_entry() -> None:
    outcome = run(asked("redis"), Lock(images={"redis": OLD}), ["redis"], fails)["redis"]
    assert str(outcome.error) == "redis: the registry is down; try again"
    assert outcome.after == outcome.before == OLD


def test_a_new_image_that_fails_is_not_locked() -> None:
    outcomes = run(asked("redis"), Lock(), ["redis"], fails)
    assert apply(Lock(), outcomes.values()) == Lock()


def test_a_bug_is_not_taken_for_a_failure() -> None:
    def breaks(_asked: Request, _previous: LockedImage | None) -> LockedImage:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(asked("redis"), Lock(), ["redis"], breaks)


def test_images_are_resolved_at_once() -> None:
    together = threading.Barrier(3, timeout=10)

    def meets(asked: Request, _previous: LockedImage | None) -> LockedImage:
        together.wait()
        return locked_image(asked)

    outcomes = run(asked("a", "b", "c"), Lock(), ["a", "b", "c"], meets, jobs=3)
    assert {outcome.change for outcome in outcomes.values()} == {Change.ADDED}


def test_no_more_images_are_resolved_at_once_than_asked_for() -> None:
    running = threading.Semaphore(2)

    def counts(asked: Request, _previous: LockedImage | None) -> LockedImage:
        assert running.acquire(blocking=False)
        threading.Event().wait(0.005)
        running.release()
        return locked_image(asked)

    names = [f"image{n}" for n in range(10)]
    assert len(run(asked(*names), Lock(), names, counts, jobs=2)) == 10


def test_who_stops_listening_starts_nothing_more() -> None:
    started = []
    stopped = threading.Event()

    def notes(asked: Request, _previous: LockedImage | None) -> LockedImage:
        started.append(asked.image)
        if len(started) > 1:
            stopped.wait(10)
        return locked_image(asked)

    names = [f"image{n}" for n in range(10)]
    outcomes = update(asked(*names), Lock(), names, notes, jobs=1)
    assert isinstance(outcomes, Generator)
    with closing(outcomes):
        next(outcomes)
    stopped.set()
    assert len(started) <= 2
