"""What a 404 means: the tag, the digest or the repository that is missing, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from nixfetch_docker.errors import NotFoundError, RegistryError
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.missing import missing, no_repository
from nixfetch_docker.registry.tags import SomeTags

PLACE = "GET https://lab:5000/v2/acme/web/manifests/1 answered 404"
DIGEST = f"sha256:{'a' * 64}"
CHECK = "is its name right? If it is private, log in with docker login or podman login"
LIST = "`nixfetch-docker tags lab:5000/acme/web` lists all"
NO_REPOSITORY = "there is no repository acme/web"
NEAR = "the nearest are 7.44, 7.43, 7.42; "
SOME = [f"{number}.0" for number in range(20, 30)]


def explained(
    image: str, list_tags: Callable[[], SomeTags], *, is_of_repository: bool = False
) -> tuple[list[str], str, str]:
    error = NotFoundError(PLACE)
    error.is_of_repository = is_of_repository
    found = missing(error, Reference.parse(image), list_tags)
    return found.places, found.what, found.hint


def listing(names: Sequence[str], *, is_all: bool = True) -> Callable[[], SomeTags]:
    return lambda: SomeTags(names=list(names), is_all=is_all)


def failing(error: Exception) -> Callable[[], SomeTags]:
    def fail() -> SomeTags:
        raise error

    return fail


@pytest.mark.parametrize(
    ("tag", "names", "is_all", "hint"),
    [
        pytest.param("1", [], True, "push the image first", id="no tags"),
        pytest.param("1", [], False, LIST, id="none of those that were looked at"),
        pytest.param("7.4-alpin", ["7.4-alpine"], True, "the nearest is 7.4-alpine; ", id="one"),
        pytest.param("7.4", ["7.41", "x", "7.42", "7.43", "7.44"], True, NEAR, id="several"),
        pytest.param(
            "7.4-alpin", ["7.4-alpine", "x"], False, "the nearest of the first 2 is 7.4-alpine; "
        ),
        pytest.param("v", ["1.9.0", "1.10.0"], True, "it has 1.10.0, 1.9.0; ", id="none is near"),
        pytest.param("v", ["1.0", "2.0", "3.0"], True, "it has 3.0, 2.0, 1.0; ", id="three"),
        pytest.param("v", SOME, True, "it has 29.0, 28.0, 27.0 and others; ", id="many"),
    ],
)
def test_a_missing_tag_is_told_with_others(
    tag: str, names: list[str], is_all: bool, hint: str
) -> None:
    places, what, found = explained(f"lab:5000/acme/web:{tag}", listing(names, is_all=is_all))
    assert (places, what) == ([PLACE], f"the repository acme/web has no tag {tag}")
    assert found == (f"{hint}{LIST}" if names else hint)


def test_of_many_tags_the_nearest_is_found() -> None:
    others = [f"nightly-{number:05}" for number in range(3000)]
    names = [*others, "1.27.0-alpine", *others]
    _, _, hint = explained("lab:5000/acme/web:1.27.0-alpin", listing(names))
    assert hint == f"the nearest is 1.27.0-alpine; {LIST}"


def test_a_tag_is_compared_with_those_that_begin_alike() -> None:
    # These are as near by their letters, and a thousand of them come first.
    others = [f"a{number}-9z" for number in range(1000, 2200)]
    _, _, hint = explained("lab:5000/acme/web:z9-a", listing([*others, "z9-b"]))
    assert hint == f"the nearest is z9-b; {LIST}"


@pytest.mark.parametrize(
    ("image", "list_tags", "what", "hint"),
    [
        pytest.param(
            "lab:5000/acme/web:1",
            listing(["1", "2"]),
            "the repository acme/web lists the tag 1, and has no manifest for it",
            "push the image again",
            id="tag without a manifest",
        ),
        pytest.param(
            f"lab:5000/acme/web@{DIGEST}",
            listing(["1"]),
            f"the repository acme/web has no manifest {DIGEST[:19]}",
            "a registry may delete what no tag points at; name a tag instead, and lock it again",
            id="digest",
        ),
        pytest.param(
            f"lab:5000/acme/web:1@{DIGEST}",
            listing(["1"]),
            f"the repository acme/web has no manifest {DIGEST[:19]}",
            "a registry may delete what no tag points at; name a tag instead, and lock it again",
            id="digest with a tag",
        ),
        pytest.param(
            "lab:5000/acme/web:1",
            failing(NotFoundError("no")),
            NO_REPOSITORY,
            CHECK,
            id="no tag list",
        ),
        pytest.param(
            "lab:5000/acme/web:1",
            failing(RegistryError("no")),
            "there is no tag 1, or no such repository",
            CHECK,
            id="tag list that fails",
        ),
        pytest.param(
            f"lab:5000/acme/web@{DIGEST}",
            failing(RegistryError("no")),
            f"there is no manifest {DIGEST[:19]}, or no such repository",
            CHECK,
            id="digest, and a tag list that fails",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    image: str, list_tags: Callable[[], SomeTags], what: str, hint: str
) -> None:
    assert explained(image, list_tags) == ([PLACE], what, hint)


def test_a_registry_that_does_not_know_the_repository_is_not_asked_again() -> None:
    asked = failing(AssertionError("asked again"))
    expected = ([PLACE], NO_REPOSITORY, CHECK)
    assert explained("lab:5000/acme/web:1", asked, is_of_repository=True) == expected
    error = no_repository(NotFoundError(PLACE), Reference.parse("lab:5000/acme/web:1"))
    assert (error.places, error.what, error.hint) == expected
