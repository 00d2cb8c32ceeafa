"""The pages of a list of tags, and the limits that hold all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from support.exchange import response

from nixfetch_docker.errors import RegistryError
from nixfetch_docker.registry import tags
from nixfetch_docker.registry.exchange import Response
from nixfetch_docker.registry.retry import Patience
from nixfetch_docker.registry.url import Url

BASE = "https://a.b/v2/acme/app"
FIRST = f"{BASE}/tags/list"
HINT = "tell the registry's operator"


class Pages:
    """A repository whose pages are at hand; it remembers which were asked for."""

    def __init__(
        self, pages: Mapping[str, tuple[bytes, str]], patience: Patience | None = None
    ) -> None:
        self.patience = patience or Patience()
        self.asked: list[str] = []
        self._pages = pages

    def url(self, path: str) -> str:
        return f"{BASE}/{path}"

    @contextmanager
    def open(self, method: str, url: Url) -> Iterator[Response]:
        assert method == "GET"
        self.asked.append(str(url))
        body, link = self._pages[str(url)]
        yield response(200, [body], [("Link", link)] if link else [])


def page(names: Iterable[str], link: str = "") -> tuple[bytes, str]:
    return json.dumps({"name": "acme/app", "tags": list(names)}).encode(), link


def linked(*pages: Iterable[str], patience: Patience | None = None) -> Pages:
    """Pages that each name the next one."""
    urls = [FIRST, *(f"{FIRST}?n={number}" for number in range(1, len(pages)))]
    targets = [*(f"<{url}>; rel=next" for url in urls[1:]), ""]
    found = {url: page(names, link) for url, names, link in zip(urls, pages, targets, strict=True)}
    return Pages(found, patience)


def refused(pages: Pages) -> str:
    with pytest.raises(RegistryError) as caught:
        tags.list_tags(pages)  # type: ignore[arg-type]
    return str(caught.value)


def listed(pages: Pages) -> list[str]:
    return tags.list_tags(pages)  # type: ignore[arg-type]


def some(pages: Pages) -> tags.SomeTags:
    return tags.list_some(pages)  # type: ignore[arg-type]


def test_the_tags_of_all_pages_come_once_and_in_order() -> None:
    pages = linked(["b", "a"], ["a", "c"], [])
    assert listed(pages) == ["b", "a", "c"]
    assert pages.asked == [FIRST, f"{FIRST}?n=1", f"{FIRST}?n=2"]


def test_so_many_tags_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_TAGS_LIMIT", 3)
    assert listed(linked(["a", "b"], ["b", "c"])) == ["a", "b", "c"]
    assert refused(linked(["a", "b"], ["c", "d"])) == (
        f"the list of tags has more than 3 tags or 10000 pages; {HINT}"
    )


def test_so_many_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_PAGES_LIMIT", 2)
    assert listed(linked(["a"], ["b"])) == ["a", "b"]
    assert refused(linked(["a"], ["b"], ["c"])).startswith("the list of tags has more than 300000")


def test_names_and_links_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag counts once, however often it comes; the URL of every page counts."""
    pages = [["aaaa", "bb"], ["bb", "aaaa"], ["c"]]
    size = len("aaaabbc") + 3 * len(FIRST) + 2 * len("?n=1")
    monkeypatch.setattr(tags, "_NAMES_LIMIT", size)
    assert listed(linked(*pages)) == ["aaaa", "bb", "c"]
    monkeypatch.setattr(tags, "_NAMES_LIMIT", size - 1)
    assert refused(linked(*pages)) == (
        f"the names and links of the list of tags have more than 64 MiB; {HINT}"
    )


def test_a_list_has_its_time() -> None:
    late = Patience(list=0.0)
    assert listed(linked(["a"], patience=late)) == ["a"], "the last page came"
    assert refused(linked(["a"], ["b"], patience=late)) == (
        "the list of tags has not ended after 1 pages and 0 s; "
        "try again later, or name a tag instead of a version"
    )


def test_a_page_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    body, _ = page(["a", "b"])
    monkeypatch.setattr(tags, "_PAGE_LIMIT", len(body))
    assert listed(linked(["a", "b"])) == ["a", "b"]
    monkeypatch.setattr(tags, "_PAGE_LIMIT", len(body) - 1)
    assert refused(linked(["a", "b"])) == f"the list of tags has a page of more than 64 MiB; {HINT}"


def test_a_page_has_so_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_VALUES_LIMIT", 2)  # the comma between name and tags, and one more
    assert listed(linked(["a", "b"])) == ["a", "b"]
    assert refused(linked(["a", "b", "c"])) == (
        f"the list of tags has a page of more than 2 values; {HINT}"
    )


def test_a_key_in_another_case_is_refused() -> None:
    assert refused(Pages({FIRST: (b'{"Tags": ["a"]}', "")})) == (
        f"the list of tags has 'Tags', which other clients take for 'tags'; {HINT}"
    )


def test_an_earlier_page_is_not_read_again() -> None:
    assert refused(Pages({FIRST: page(["a"], f"<{FIRST}>; rel=next")})) == (
        f"the list of tags never ends: its Link header names an earlier page; {HINT}"
    )


@pytest.mark.parametrize(
    ("pages", "is_all"), [pytest.param((["a"],), True), pytest.param((["a"], ["b"]), False)]
)
def test_some_tags_are_those_of_the_first_page(
    pages: tuple[Iterable[str], ...], is_all: bool
) -> None:
    repository = linked(*pages)
    assert some(repository) == tags.SomeTags(names=["a"], is_all=is_all)
    assert repository.asked == [FIRST]


def test_some_tags_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    body, _ = page(["a"])
    monkeypatch.setattr(tags, "_SOME_LIMIT", len(body))
    assert some(linked(["a"])).names == ["a"]
    monkeypatch.setattr(tags, "_SOME_LIMIT", len(body) - 1)
    with pytest.raises(RegistryError) as caught:
        some(linked(["a"]))
    assert str(caught.value) == f"the list of tags is long; {HINT}"


def test_some_tags_have_a_time_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they would take minutes, the message does without them."""
    monkeypatch.setattr(tags, "_SOME_SECONDS", 0.0)
    with pytest.raises(RegistryError, match="bytes came in 0 s"):
        some(linked(["a"]))
