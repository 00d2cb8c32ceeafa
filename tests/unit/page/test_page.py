"""The page of `show --html`: a golden one, and one of an image whose labels are hostile."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import golden
from support.builders import fleet_lock, request

from nixfetch_docker.base.values import replace
from nixfetch_docker.lockfile.change import Change
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.report import Report
from nixfetch_docker.lockfile.since import Since
from nixfetch_docker.oci.labels import Origin
from nixfetch_docker.page.page import Page
from nixfetch_docker.signatures.voucher import Voucher

PAGES = Path(__file__).parent / "golden"
LOCK = fleet_lock(
    {
        "api": {"base": 60_000_000, "python": 20_000_000, "api": 5_000_000},
        "job": {"base": 60_000_000, "python": 20_000_000, "job": 900_000},
        "web": {"base": 60_000_000, "web": 9_000_000},
    }
)
OLD = fleet_lock({"web": {"base": 60_000_000, "old web": 8_000_000}, "gone": {"gone": 1}})
ORIGIN = Origin(
    source="https://github.com/acme/web", revision="5f3a" * 10, created="2026-01-02T03:04:05Z"
)
VOID = {"meta"}


class Found(HTMLParser):
    """The elements of a page with their attributes; every one must end where it should."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def since(revision: str = "HEAD~1", old: Lock = OLD) -> Since:
    changes = [
        Change(name=name, before=old.images.get(name), after=LOCK.images.get(name))
        for name in sorted(old.images.keys() | LOCK.images.keys())
    ]
    changes = [
        replace(one, after=replace(one.after, tag="2")) if one.name == "web" and one.after else one
        for one in changes
    ]
    had = {blob.digest for image in old.images.values() for blob in image.blobs()}
    return Since(
        revision=revision,
        has_lock=True,
        reports=[Report(change=one, had=had) for one in changes if one.is_real],
    )


def page(*, origin: Origin | None = ORIGIN, path: str = "images.toml", **more: object) -> str:
    requests = {name: image.request for name, image in LOCK.images.items()}
    images = Images(requests={**requests, "job": request("job:2"), "new": request("busybox")})
    names = [*images.requests]
    given = {"names": names, "images": images, "lock": LOCK, "since": None, **more}
    return Page(path=path, origins={"api": None, "job": Origin(), "web": origin}, **given).text  # type: ignore[arg-type]


def signed(*signers: str) -> Lock:
    """The lock, in which somebody signed the image `web`."""
    web = LOCK.images["web"]
    vouchers = tuple(Voucher(signer=one, digest=web.digest) for one in signers)
    return Lock(images={**LOCK.images, "web": replace(web, vouchers=vouchers)})


def test_who_signed_is_on_the_page() -> None:
    assert "signed by" not in Found(page()).text
    text = Found(page(lock=signed("keys/acme.pub", "keys/lab.pub"))).text
    assert "signed bykeys/acme.pubkeys/lab.pub" in text


def test_the_page() -> None:
    golden.check(PAGES / "page.html", page(since=since()))


def test_it_loads_nothing_and_runs_nothing() -> None:
    text = page(since=since())
    found = Found(text)
    names = {name for name, _ in found.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    attributes = {key for _, given in found.elements for key in given}
    assert not attributes & {"src", "srcset", "style", "action", "background", "xlink:href"}
    assert not [key for key in attributes if key.startswith("on")]
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import|@font-face|expression|</", style[1])


def test_the_policy_allows_its_own_style_alone() -> None:
    from base64 import b64encode
    from hashlib import sha256

    text = page()
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    policies = [
        given["content"]
        for name, given in Found(text).elements
        if given.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    ]
    # Nothing stands before it that it would not hold for.
    assert text.index("Content-Security-Policy") < text.index("<title>") < text.index("<style>")


HOSTILE = [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "https://a.example/'\"><script>alert(1)</script>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></dd><iframe srcdoc=x>",
    "--><b>",
    "<!--",
    "]]><svg/onload=alert(1)>",
    "data:text/html,<b>",
    "\u202e\x00\x1b]8;;https://evil.example\x1b\\",
    "{{7*7}}${7*7}",
]


def check(foreign: str) -> None:
    """Check a page whose foreign texts are all `foreign`."""
    plain = Found(page(since=since(), lock=signed("a.pub")))
    origin = Origin(source=foreign, revision=foreign, created=foreign)
    text = page(origin=origin, path=foreign, since=since(foreign), lock=signed(foreign))
    found = Found(text)
    same = [(name, given.keys()) for name, given in found.elements if name != "a"]
    assert same == [(name, given.keys()) for name, given in plain.elements if name != "a"]
    links = [given["href"] or "" for name, given in found.elements if name == "a"]
    assert all(re.fullmatch("https?://[!-~]+", url) for url in links)
    assert not [one for one in text.replace("\n", "") if not one.isprintable()]


@pytest.mark.parametrize("foreign", HOSTILE)
def test_a_strangers_text_is_no_markup_and_no_script(foreign: str) -> None:
    check(foreign)


@given(st.text(alphabet="<>\"'&/=!-:;() \n\x00\u202eabcjhtp"))
def test_no_text_of_a_stranger_is_markup(foreign: str) -> None:
    check(foreign)


@pytest.mark.parametrize(
    ("origin", "told", "links"),
    [
        pytest.param(
            ORIGIN,
            f"https://github.com/acme/web/tree/{'5f3a' * 10}, of 2026-01-02",
            [f"https://github.com/acme/web/tree/{'5f3a' * 10}"],
            id="a page of a revision",
        ),
        pytest.param(
            Origin(source="https://lab.example/web", revision="v1"),
            "https://lab.example/web at v1",
            ["https://lab.example/web"],
            id="elsewhere",
        ),
        pytest.param(
            Origin(source="https://lab.example/a,", created="2026-01-02"),
            "https://lab.example/a,, of 2026-01-02",
            ["https://lab.example/a,"],
            id="a comma at the end",
        ),
        pytest.param(Origin(revision="v1"), "at v1", [], id="no URL"),
        pytest.param(Origin(), "the image does not say", [], id="nothing"),
        pytest.param(
            Origin(left_out=("org.opencontainers.image.source",)),
            "not shown, as its labels are no URL, revision or date",
            [],
            id="left out",
        ),
        pytest.param(None, "not known, as the config is not in the Nix store", [], id="no config"),
    ],
)
def test_the_source(origin: Origin | None, told: str, links: list[str]) -> None:
    found = Found(page(origin=origin))
    assert told in found.text
    assert [given["href"] for name, given in found.elements if name == "a"] == links


def test_every_key_that_was_asked_is_a_line_of_its_own() -> None:
    assert page().count("</code><code>platforms = [") == 2


def test_a_page_of_one_image_has_its_bars_alone_and_says_who_shares_them() -> None:
    text = Found(page(names=["web"])).text
    assert "also in api, job" in text
    assert "api 85" not in text
    assert "1 image, 69.0 MB" in text


@pytest.mark.parametrize(
    ("has_lock", "told"),
    [
        (True, "The same images are locked as in v1."),
        (False, "v1 has no lock: all images are new."),
    ],
)
def test_without_a_change_it_says_so(told: str, *, has_lock: bool) -> None:
    text = Found(page(since=Since(revision="v1", has_lock=has_lock, reports=[]))).text
    assert told in text


def test_a_page_without_images() -> None:
    found = Found(page(names=[], lock=Lock(), images=Images(requests={})))
    assert "images.toml: 0 images" in found.text
