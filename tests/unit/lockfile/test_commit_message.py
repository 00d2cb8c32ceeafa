from __future__ import annotations

import re

import pytest
from support.builders import locked_image, request

from nixfetch_docker.base.values import replace
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.commit_message import commit_message
from nixfetch_docker.lockfile.lock import LockedImage
from nixfetch_docker.lockfile.report import Report
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.signatures.voucher import Voucher


def tagged(tag: str, content: str = "") -> LockedImage:
    return locked_image(request(f"redis:{tag}"), content=content)


def updated(name: str, before: str, after: str) -> Change:
    return Change(name=name, before=tagged(before), after=tagged(after, "new"))


def message(*changes: Change) -> str:
    return commit_message(Report(change=change, had=()) for change in changes)


OLD, NEW = tagged("7"), tagged("7", "new")


def signed(*signers: str, issuer: str | None = None) -> LockedImage:
    image = tagged("7")
    return replace(
        image,
        vouchers=tuple(
            Voucher(signer=one, digest=image.digest, fingerprint="0" * 64, issuer=issuer)
            for one in signers
        ),
    )


@pytest.mark.parametrize(
    ("after", "text"),
    [
        pytest.param(signed("keys/acme.pub"), "signed by keys/acme.pub", id="key"),
        pytest.param(signed("a.pub", "b.pub"), "signed by a.pub; signed by b.pub", id="two"),
        *(
            pytest.param(signed(one), "signed by a key, which the lock names", id=one)
            for one in [
                "closes #1.pub",
                "closes",
                "gh-12",
                "@acme/keys.pub",
                "a\nCo-authored-by: b",
                "[skip ci]",
                "--skip-ci",
                "\u202eacme",
                "a" * 101,
            ]
        ),
        pytest.param(
            signed("ann@acme.example", issuer="https://a"),
            "signed by an identity, which the lock names",
            id="identity",
        ),
    ],
)
def test_who_signed_is_told_without_a_word_that_a_forge_acts_on(
    after: LockedImage, text: str
) -> None:
    told = message(Change(name="redis", before=tagged("7"), after=after))
    assert told.splitlines()[0] == "images: redis 7 vouched for"
    assert f"- redis 7 vouched for ({text}; linux/amd64: " in told


SUBJECTS = [
    pytest.param([updated("redis", "7.4.1", "7.4.2")], "redis 7.4.1 -> 7.4.2", id="another tag"),
    pytest.param(
        [Change(name="redis", before=OLD, after=NEW)],
        f"redis 7 {OLD.digest.short} -> {NEW.digest.short}",
        id="another digest of one tag",
    ),
    pytest.param([Change(name="redis", after=NEW)], "redis 7 added", id="added"),
    pytest.param([Change(name="redis", before=OLD)], "redis removed", id="removed"),
    pytest.param(
        [updated("web", "2.1", "2.2"), updated("redis", "7.4.1", "7.4.2")],
        "redis 7.4.1 -> 7.4.2, web 2.1 -> 2.2",
        id="two, by name",
    ),
    pytest.param(
        [updated(f"image{number}", "1.2.3", "1.2.4") for number in range(9)],
        "image0 1.2.3 -> 1.2.4, image1 1.2.3 -> 1.2.4 and 7 more",
        id="more than fit",
    ),
    pytest.param(
        [updated("redis", "a" * 128, "b" * 128), updated("web", "1", "2")],
        f"redis {'a' * 128} -> {'b' * 128} and 1 more",
        id="longer than a line",
    ),
]


@pytest.mark.parametrize(("changes", "subject"), SUBJECTS)
def test_the_subject_tells_what_changed(changes: list[Change], subject: str) -> None:
    assert message(*changes).splitlines()[0] == f"images: {subject}"


def test_the_body_has_a_line_for_each_image_that_changed() -> None:
    failed = Change(name="bad", before=OLD, after=OLD, error=NixfetchError("Fixes #1"))
    same = Change(name="same", before=OLD, after=OLD)
    size = sum(blob.size for blob in set(NEW.blobs()))
    assert message(updated("web", "2", "3"), Change(name="a", before=OLD), failed, same) == (
        "images: a removed, web 2 -> 3\n"
        "\n"
        "- a removed\n"
        f"- web 2 -> 3 (linux/amd64: 2 of 2 layers new, {size} B to fetch)\n"
    )


def test_another_form_of_the_lock_is_told() -> None:
    assert message(Change(name="a", before=OLD, after=OLD)) == (
        "images: write the lock in its current form\n"
    )


def test_no_label_and_no_note_is_in_a_message() -> None:
    change = Change(
        name="web",
        before=tagged("1"),
        after=tagged("2", "new"),
        origin=Origin(source="https://a.b/web", revision="1a2b3c4", created="2026-01-02"),
        notes=("\n\nCo-authored-by: Eve <eve@evil.example>", "[skip ci]", "Fixes #1"),
    )
    assert message(change) == message(updated("web", "1", "2"))


# As GitHub, GitLab, Forgejo and Bitbucket close issues, or refer to them.
CLOSES = re.compile(
    r"\b(?:clos\w*|fix\w*|resolv\w*|implement\w*):?\s+\S*(?:#|!|GH-|[A-Za-z]\w*-)\d|\bGH-\d|#\d",
    re.IGNORECASE,
)
# As git reads a trailer, https://git-scm.com/docs/git-interpret-trailers.
TRAILER = re.compile(r"^[A-Za-z0-9-]+\s*:", re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("fixes", "GH-1", "GH-2"),
        ("Closes", "PROJ-1", "PROJ-2"),
        ("x-resolves", "proj-1", "proj-2"),
        ("web", "fixes", "gh-1"),
        ("web", "1", "resolved"),
        ("web", "implementing", "x-GH-12"),
        ("GH-1", "1", "2"),
        ("Co-authored-by", "1", "2"),
        ("Signed-off-by", "Eve", "eve"),
        ("skip-checks", "true", "1"),
        ("Change-Id", "I1", "I2"),
        ("BREAKING-CHANGE", "1", "2"),
        ("feat", "1", "2"),
        ("web", "1--skip-ci", "2--ci-skip"),
        ("a" * 300, "1", "2"),
    ],
)
def test_no_name_and_no_tag_makes_a_forge_or_git_act(name: str, before: str, after: str) -> None:
    for changes in (
        [updated(name, before, after)],
        [updated(name, before, after), updated("PROJ-1", "PROJ-1", "PROJ-2")],
        [Change(name=name, after=tagged(after))],
        [Change(name=name, before=tagged(before)), updated("zz", before, after)],
    ):
        text = message(*changes)
        subject, empty, *body = text.rstrip("\n").split("\n")
        assert CLOSES.search(text) is None
        assert TRAILER.search("\n".join(body)) is None
        assert "--skip-ci" not in text
        assert "--ci-skip" not in text
        assert (subject.partition(" ")[0], empty) == ("images:", "")
        assert all(line.startswith("- ") for line in body)


def test_a_tag_that_is_left_out_is_told_by_its_digest() -> None:
    change = updated("web", "GH-1", "2")
    assert change.before is not None
    assert message(change).startswith(f"images: web {change.before.digest.short} -> 2\n")
