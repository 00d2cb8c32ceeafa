from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import RegistryError
from nixfetch_docker.registry.links import next_page
from nixfetch_docker.registry.tags import first_page
from nixfetch_docker.registry.url import Url


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        pytest.param(['</v2/a/tags/list?last=x&n=2>; rel="next"'], "/v2/a/tags/list?last=x&n=2"),
        pytest.param(["<next>; rel=next"], "next", id="bare word"),
        pytest.param(["<next>;rel = NEXT"], "next", id="case and blanks"),
        pytest.param(['<next>; title="a, b; rel=x"; rel="next"'], "next", id="quoted separators"),
        pytest.param(['<next>; rel="last next"'], "next", id="one of several relations"),
        pytest.param(['<a>; rel="prev", <b>; rel="next"'], "b", id="second link"),
        pytest.param(['<a>; rel="prev"', '<b>; rel="next"'], "b", id="second line"),
        pytest.param(['<a,b;c>; rel="next"'], "a,b;c", id="separators in the target"),
        pytest.param(['<>; rel="next"'], "", id="empty target"),
        pytest.param(["<next>"], "next", id="no relation"),
        pytest.param(['<a>, <b>; rel="next"'], "b", id="no relation before the right one"),
        pytest.param(['<next>; rel="next'], "next", id="no closing quote"),
        pytest.param(['/v2/a/tags/list?last=x&n=2; rel="next"'], "/v2/a/tags/list?last=x&n=2"),
        pytest.param(["https://a.b/list; rel=next"], "https://a.b/list", id="no brackets"),
        pytest.param(['/a; rel="prev", /b;rel=next'], "/b", id="several without brackets"),
        pytest.param(['<a>; rel="next" garbage <b>'], "a", id="garbage behind it"),
        pytest.param(["garbage", '<b>; rel="next"'], "b", id="a line of garbage before it"),
        pytest.param(['<a>; rel="prev"'], None, id="another relation"),
        pytest.param([""], None, id="empty line"),
        pytest.param([], None, id="no line"),
    ],
)
def test_the_next_page_is_the_target_of_a_link(lines: list[str], target: str | None) -> None:
    assert next_page(lines) == target


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("next; rel=next", id="no path"),
        pytest.param('garbage, <b>; rel="next"', id="garbage before it"),
        pytest.param('<a>; rel="prev" garbage', id="garbage behind another relation"),
        pytest.param("<a", id="never closed"),
    ],
)
def test_a_header_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(RegistryError, match=r"its Link header, .* cannot be read"):
        next_page([line])


@given(st.lists(st.text() | st.from_regex(r"<[^>]*>(; ?\w+=(\w*|\"[^\"]*\"))*", fullmatch=True)))
def test_any_header_names_a_page_or_is_an_error(lines: list[str]) -> None:
    try:
        target = next_page(lines)
    except RegistryError as error:
        assert str(error).isprintable()  # noqa: PT017
        return
    assert target is None or any(target in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        '<a>; rel=prev; x="' + '\\"' * 50_000,
        "<a>; rel=prev" + ";" * 50_000,
        "<" * 50_000,
        "/" * 50_000 + "<",
        ", " * 50_000 + "x",
    ],
    ids=["escapes", "semicolons", "brackets", "slashes", "commas"],
)
def test_no_header_takes_long(text: str) -> None:
    started = time.process_time()
    with suppress(RegistryError):
        next_page([text])
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("host", "query"),
    [
        pytest.param("ghcr.io", "?n=1000", id="GitHub, which sends 100 tags by itself"),
        pytest.param("registry-1.docker.io", "", id="Docker Hub, which sends all tags by itself"),
        pytest.param("artifactory.lab", "", id="Artifactory, whose links are wrong with a size"),
        pytest.param("ghcr.io:5000", "", id="another port"),
        pytest.param("ghcr.io.lab", "", id="another host"),
    ],
)
def test_a_page_size_is_asked_for_only_where_it_is_safe(host: str, query: str) -> None:
    url = f"https://{host}/v2/acme/app/tags/list"
    assert str(first_page(Url.parse(url))) == f"{url}{query}"
