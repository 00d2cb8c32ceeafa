from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.markup import Markup, element, joined, link, text


class Found(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "foreign",
    [
        "<script>alert(1)</script>",
        "</title></style><img src=x onerror=alert(1)>",
        "<!-- ",
        '" onload="alert(1)',
        "' onload='alert(1)",
        "&lt;b&gt; & &amp;",
        "\x00<b>",
        "<\x00b>",
    ],
)
def test_a_text_and_a_value_are_no_markup(foreign: str) -> None:
    page = Found(element("p", {"title": foreign}, foreign))
    seen = foreign.replace("\x00", "\\x00")
    assert page.elements == [("p", {"title": seen})]
    assert page.text == seen


@given(st.text(), st.text())
def test_no_text_is_markup(foreign: str, value: str) -> None:
    page = Found(element("p", {"title": value}, foreign, element("b", None, foreign)))
    assert [name for name, _ in page.elements] == ["p", "b"]
    assert page.elements[0][1].keys() == {"title"}


def test_what_turns_the_direction_of_writing_is_seen() -> None:
    assert text("a\u202eb") == "a\\u202eb"


def test_markup_stays_and_a_void_element_has_no_end() -> None:
    assert joined(Markup("<b></b>"), "<i>") == "<b></b>&lt;i&gt;"
    assert element("meta", {"charset": "utf-8"}) == '<meta charset="utf-8">'


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://github.com/acme/web", True),
        ("http://lab.example:8080/a?b=c&d#e", True),
        ("https://a.example/<b>", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)//https://a.example", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("https://a.example\njavascript:1", False),
        ("https:/a.example", False),
        ("//a.example", False),
        ("file:///etc/passwd", False),
        ("https://a.example/\u202e", False),
        (f"https://{'a' * 3000}", False),
        ("", False),
    ],
)
def test_only_a_url_of_the_web_is_a_link(url: str, *, is_link: bool) -> None:
    page = Found(link(url))
    expected = {"href": url, "rel": "nofollow noopener noreferrer"}
    assert page.elements == ([("a", expected)] if is_link else [])
    assert page.text == text(url).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_a_link_is_written_in_lower_case() -> None:
    assert link("https://a.example") == (
        '<a href="https://a.example" rel="nofollow noopener noreferrer">https://a.example</a>'
    )
