from __future__ import annotations

import pytest
from support.builders import locked_image

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change, ChangeKind, apply
from nixfetch_docker.lockfile.lock import Lock

OLD = locked_image(content="old")
NEW = locked_image(content="new")
ERROR = NixfetchError("the registry is down")


@pytest.mark.parametrize(
    ("change", "kind", "is_real"),
    [
        pytest.param(Change(name="a", after=NEW), ChangeKind.ADDED, True, id="added"),
        pytest.param(
            Change(name="a", before=OLD, after=NEW), ChangeKind.UPDATED, True, id="updated"
        ),
        pytest.param(
            Change(name="a", before=OLD, after=OLD), ChangeKind.UNCHANGED, False, id="unchanged"
        ),
        pytest.param(Change(name="a", before=OLD), ChangeKind.REMOVED, True, id="removed"),
        pytest.param(
            Change(name="a", before=OLD, after=OLD, error=ERROR),
            ChangeKind.FAILED,
            False,
            id="failed",
        ),
        pytest.param(Change(name="a", error=ERROR), ChangeKind.FAILED, False, id="failed anew"),
    ],
)
def test_the_kind_of_a_change_is_told_by_its_entries(
    change: Change, kind: ChangeKind, is_real: bool
) -> None:
    assert change.kind is kind
    assert change.is_real is is_real


def test_changes_are_made_to_the_lock_that_is_there_now() -> None:
    now = Lock(images={"other": NEW, "updated": OLD, "gone": OLD, "failed": OLD})
    changes = [
        Change(name="updated", before=OLD, after=NEW),
        Change(name="added", after=NEW),
        Change(name="gone", before=OLD),
        Change(name="gone already", before=OLD),
        Change(name="failed", before=OLD, after=OLD, error=ERROR),
        Change(name="failed anew", error=ERROR),
    ]
    assert apply(now, changes) == Lock(
        images={"other": NEW, "updated": NEW, "added": NEW, "failed": OLD}
    )


def test_an_unchanged_image_keeps_the_entry_of_another_process() -> None:
    unchanged = Change(name="a", before=OLD, after=OLD)
    assert apply(Lock(images={"a": NEW}), [unchanged]) == Lock(images={"a": NEW})
