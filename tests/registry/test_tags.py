"""Lists of tags: pages, their links, and lists that are broken."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from support.certificates import Authority
from support.faults.answers import (
    body,
    endless_body,
    gzip_encoded,
    html,
    json_error,
    reset_after,
    stall_after,
    status,
    truncate_after,
)
from support.faults.client import PASSWORD, SIGNATURE, USER, WEB, MakeClient, authorizations, login
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.faults.tokens import basic

from nixfetch_docker.registry.tags import _PAGE_SIZES

TAGS = "/v2/web/tags/list"


def page(*tags: object, link: str | list[str] | None = None, tags_key: str = "tags") -> Answer:
    fields = {} if link is None else {"Link": link}
    return body(json.dumps({"name": "web", tags_key: tags}).encode(), fields)


def following(target: str) -> str:
    return f'<{target}>; rel="next"'


class TestPages:
    @pytest.mark.parametrize(
        "target",
        [
            pytest.param(f"{TAGS}?n=2&last=b", id="absolute path"),
            pytest.param("{url}" + f"{TAGS}?n=2&last=b", id="absolute"),
            pytest.param("//{host}" + f"{TAGS}?n=2&last=b", id="without its scheme"),
            pytest.param("list?n=2&last=b", id="relative"),
            pytest.param("?n=2&last=b", id="query alone"),
            pytest.param(f"../../web/tags/list?n=2&last=b#{SIGNATURE}", id="upwards"),
        ],
    )
    def test_each_link_leads_to_the_next_page(
        self, registry: FaultRegistry, client: MakeClient, target: str
    ) -> None:
        link = following(target.format(url=registry.url, host=registry.host))
        registry.script("GET", TAGS, page("a", "b", link=link), page("c"))
        assert client(registry).tags() == ["a", "b", "c"]
        assert registry.lines() == [f"GET {TAGS}", f"GET {TAGS}?n=2&last=b"]

    @pytest.mark.parametrize(
        "query",
        [
            "n=2&last=v1.0%2Bmeta",
            "last=b&n=2",
            "next_page=gAAAAABl%3D%3D&n=100",
            "next_page=gAAAAABl==&n=100",
            "next_page=a+b%20c",
            "next_page=%7e%2f/%3A:&&x",
            "n=0",
            "last=b&last=c",
        ],
    )
    def test_the_query_of_a_link_is_verbatim(
        self, registry: FaultRegistry, client: MakeClient, query: str
    ) -> None:
        registry.script("GET", TAGS, page("a", link=following(f"{TAGS}?{query}")), page("b"))
        assert client(registry).tags() == ["a", "b"]
        assert registry.lines()[1] == f"GET {TAGS}?{query}"

    @pytest.mark.parametrize(
        "link",
        [
            pytest.param([following("?last=a")], id="usual"),
            pytest.param(["<?last=a>; rel=next"], id="unquoted"),
            pytest.param(['<?last=a>;title="a, <b>; c";REL="prev next"'], id="several relations"),
            pytest.param(['</first>; rel="first", <?last=a>; rel="next"'], id="several links"),
            pytest.param(['</x>; rel="prev"', following("?last=a")], id="several lines"),
            pytest.param(
                [following("?last=a") + ', <never closed; rel="next"'], id="malformed end"
            ),
            pytest.param(["<?last=a>"], id="no relation, which skopeo and crane do not look at"),
            pytest.param([f'{TAGS}?last=a; rel="next"'], id="no brackets, as zot sent it"),
            pytest.param([f"{TAGS}?last=a"], id="no brackets and no relation"),
            pytest.param(["garbage", following("?last=a")], id="behind a line of garbage"),
        ],
    )
    def test_a_link_has_many_forms(
        self, registry: FaultRegistry, client: MakeClient, link: list[str]
    ) -> None:
        registry.script("GET", TAGS, page("a", link=link), page("b"))
        assert client(registry).tags() == ["a", "b"]
        assert registry.lines()[1] == f"GET {TAGS}?last=a"

    @pytest.mark.parametrize(
        "link", ["", " ", '<?last=a>; rel="prev"', '</first>; rel=first, <s>; rel="style sheet"']
    )
    def test_a_list_ends_without_a_next_link(
        self, registry: FaultRegistry, client: MakeClient, link: str
    ) -> None:
        registry.script("GET", TAGS, page("a", link=link))
        assert client(registry).tags() == ["a"]
        assert len(registry.requests) == 1

    @pytest.mark.parametrize(
        ("link", "shown"),
        [
            pytest.param("garbage", "garbage", id="a word"),
            pytest.param("<?last=a", "<", id="never closed"),
            pytest.param('</x>; rel="prev", next; rel="next"', 'next; rel="next"', id="no path"),
            pytest.param(following("ftp://x.test/tags"), "ftp://x.test/tags", id="not HTTP"),
            pytest.param(following("http://[::1/tags"), "http://[::1/tags", id="a broken URL"),
            pytest.param(following("mailto:ann"), "mailto:ann", id="no URL of a page"),
            pytest.param(f"<{TAGS}?x={SIGNATURE}", f"<{TAGS}", id="a secret in it"),
        ],
    )
    def test_a_link_that_cannot_be_read_does_not_end_the_list(
        self, registry: FaultRegistry, client: MakeClient, link: str, shown: str
    ) -> None:
        registry.script("GET", TAGS, page("a", link=link))
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: its Link header, which should name the next page, "
            f"cannot be read ({shown}); tell the registry's operator"
        )

    @pytest.mark.parametrize("target", ["/v2/other/tags/list?last=a", "/internal/list"])
    def test_a_link_that_leads_nowhere_is_an_error_about_the_link(
        self, registry: FaultRegistry, client: MakeClient, target: str
    ) -> None:
        """Artifactory's lacks the name of its repository, for example."""
        registry.script("GET", TAGS, page("a", link=following(target)))
        registry.script("GET", target, json_error(404, "NAME_UNKNOWN"))
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{target.partition('?')[0]} answered 404 (NAME_UNKNOWN), though the "
            "registry's own Link header leads there; tell the registry's operator"
        )

    def test_short_and_empty_pages_do_not_end_it(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script(
            "GET",
            TAGS,
            page("a", "b", "c", link=following("?p=1")),
            page("d", link=following("?p=2")),
            page(link=following("?p=3")),
            body(b'{"tags": null}', {"Link": following("?p=4")}),
            body(b'{"name": "web"}', {"Link": following("?p=5")}),
            page("e"),
        )
        assert client(registry).tags() == ["a", "b", "c", "d", "e"]

    def test_a_registry_pages_its_list(self, registry: FaultRegistry, client: MakeClient) -> None:
        for tag in ("2", "3"):
            registry.add(f"web:{tag}", WEB)
        registry.script("GET", TAGS, page("1", link=following(f"{TAGS}?last=1&n=1")))
        assert client(registry).tags() == ["1", "2", "3"]
        assert registry.lines()[1:] == [f"GET {TAGS}?last=1&n=1", f"GET {TAGS}?last=2&n=1"]

    def test_every_page_gets_the_login(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.require_basic(USER, PASSWORD)
        registry.script("GET", TAGS, page("a", link=following("?p=1")), page("b"))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.tags() == ["a", "b"]
        assert authorizations(registry) == [None, *[basic(USER, PASSWORD)] * 2]

    def test_a_token_is_refreshed_between_pages(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        tokens = registry.grant_tokens()
        first = page("a", link=following("?p=1"))

        def answer(exchange: Exchange) -> None:
            registry.revoke_tokens()
            first(exchange)

        registry.script("GET", TAGS, answer, page("b"))
        assert client(registry).tags() == ["a", "b"]
        assert len(tokens.scopes) == 2


class TestPageSizes:
    """Larger pages are asked for only where a registry is known to answer that right."""

    def test_a_registry_that_is_known_is_asked_for_large_pages(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(_PAGE_SIZES, registry.host, 2)
        for tag in ("2", "3"):
            registry.add(f"web:{tag}", WEB)
        assert client(registry).tags() == ["1", "2", "3"]
        assert registry.lines() == [f"GET {TAGS}?n=2", f"GET {TAGS}?last=2&n=2"]

    def test_others_are_asked_for_no_size(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        client(registry).tags()
        assert registry.lines() == [f"GET {TAGS}"]


class TestContents:
    @pytest.mark.parametrize(
        ("tags", "expected"),
        [
            pytest.param(b"null", [], id="null"),
            pytest.param(b"[]", [], id="none"),
            pytest.param(b'["b", null, "a"]', ["b", "a"], id="null entries"),
            pytest.param(b'["a", "b", "a"]', ["a", "b"], id="duplicates"),
            pytest.param(
                b'["a", "sha256:' + b"0" * 64 + b'", "sha256-' + b"0" * 64 + b'.sig"]',
                ["a", "sha256-" + "0" * 64 + ".sig"],
                id="digests",
            ),
            pytest.param(b'["a", 7, true, {}, ["b"], 1.5]', ["a"], id="other types"),
            pytest.param(
                b'["a", "", "-x", "a/b", "a b", "../x", "a\\u0000", "\\ud800", "\\u00e9"]',
                ["a"],
                id="no tags",
            ),
            pytest.param(b'{"a": 1}', [], id="an object"),
            pytest.param(b'"abc"', [], id="a string"),
        ],
    )
    def test_tags_that_are_none_are_left_out(
        self, registry: FaultRegistry, client: MakeClient, tags: bytes, expected: list[str]
    ) -> None:
        registry.script("GET", TAGS, body(b'{"name": "web", "tags": ' + tags + b"}"))
        assert client(registry).tags() == expected

    def test_a_tag_on_two_pages_is_listed_once(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", TAGS, page("a", "b", link=following("?last=b")), page("b", "c"))
        assert client(registry).tags() == ["a", "b", "c"]

    def test_a_list_of_many_tags(self, registry: FaultRegistry, client: MakeClient) -> None:
        tags = [f"v{n}" for n in range(50_000)]
        registry.script("GET", TAGS, page(*tags))
        assert client(registry).tags() == tags

    def test_a_compressed_page_is_decoded(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """As proxies do it, asked or not."""
        registry.script("GET", TAGS, gzip_encoded())
        assert client(registry).tags() == ["1"]

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(html(), id="HTML"),
            pytest.param(body(b"[]"), id="array"),
            pytest.param(body(b"null"), id="null"),
            pytest.param(body(b""), id="empty"),
            pytest.param(body(b"\xff\xfe"), id="not UTF-8"),
            pytest.param(body(b"[" * 100_000), id="deep"),
            pytest.param(body(b'{"tags": ' + b"9" * 5000 + b"}"), id="digits"),
        ],
    )
    def test_a_page_that_is_no_object_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("GET", TAGS, answer)
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: the list of tags is not a JSON object; "
            "tell the registry's operator"
        )


class TestLarge:
    """Within bounds that no real list meets."""

    def test_a_manifest_map_is_read_without_much_memory(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """GCR describes every manifest beside the tags: 17 MiB for 50,000 of them."""
        manifests = ", ".join(
            f'"sha256:{n:064x}": {{"imageSizeBytes": "123456789", "layerId": "", "tag": ["v{n}"], '
            '"mediaType": "application/vnd.docker.distribution.manifest.v2+json", '
            '"timeCreatedMs": "1700000000000", "timeUploadedMs": "1700000000000", '
            f'"uploader": "{"x" * 60}"}}'
            for n in range(50_000)
        )
        tags = ", ".join(f'"v{n}"' for n in range(50_000))
        text = f'{{"child": [], "manifest": {{{manifests}}}, "name": "web", "tags": [{tags}]}}'
        assert len(text) > 16 * 1024 * 1024
        registry.script("GET", TAGS, body(text.encode()))
        made = client(registry)
        del manifests, tags, text
        tracemalloc.start()
        try:
            found = made.tags()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert found == [f"v{n}" for n in range(50_000)]
        assert peak < 100_000_000

    @pytest.mark.parametrize(
        ("answer", "what"),
        [
            pytest.param(endless_body(), "has a page of more than 64 MiB", id="endless"),
            pytest.param(
                body(b'{"tags": [' + b"[]," * 2_000_000 + b"[]," + b"[]]}"),
                "has a page of more than 2000000 values",
                id="values",
            ),
            pytest.param(
                body(b'{"tags": ["a"], "tags": ["b"]}'), "has its key 'tags' twice", id="twice"
            ),
        ],
    )
    def test_a_page_out_of_bounds_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer, what: str
    ) -> None:
        registry.script("GET", TAGS, answer)
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: the list of tags {what}; tell the registry's operator"
        )

    @pytest.mark.parametrize(("pages", "tags"), [(3, 100), (100, 5)])
    def test_too_many_pages_or_tags_are_an_error(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        monkeypatch: pytest.MonkeyPatch,
        pages: int,
        tags: int,
    ) -> None:
        monkeypatch.setattr("nixfetch_docker.registry.tags._PAGES_LIMIT", pages)
        monkeypatch.setattr("nixfetch_docker.registry.tags._TAGS_LIMIT", tags)
        for n in range(10):
            registry.add(f"web:{n}", WEB)
        registry.script("GET", TAGS, page("a", "b", link=following(f"{TAGS}?n=2")))
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: the list of tags has more than {tags} tags or {pages} "
            "pages; tell the registry's operator"
        )
        assert len(registry.requests) == 3


class TestLoops:
    @pytest.mark.parametrize("target", [TAGS, "list", f"{TAGS}?", "?", ""])
    def test_a_page_that_links_to_itself_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, target: str
    ) -> None:
        registry.script("GET", TAGS, page("a", link=following(target)), repeat=True)
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: the list of tags never ends: its Link header names an "
            "earlier page; tell the registry's operator"
        )
        assert len(registry.requests) <= 2

    def test_two_pages_that_link_to_each_other_are_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", f"{TAGS}?p=1", page("b", link=following("?p=2")), repeat=True)
        registry.script("GET", f"{TAGS}?p=2", page("c", link=following("?p=1")), repeat=True)
        registry.script("GET", TAGS, page("a", link=following("?p=1")))
        made = client(registry)
        assert "the list of tags never ends" in made.fails(made.tags)
        assert len(registry.requests) == 3

    def test_a_link_that_differs_by_its_fragment_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", TAGS, page("a", link=following("#next")), repeat=True)
        made = client(registry)
        assert "the list of tags never ends" in made.fails(made.tags)
        assert len(registry.requests) == 1


class TestOtherOrigins:
    """Of a link that names another host or scheme only the path and the query are followed."""

    @pytest.mark.parametrize(
        "target",
        [
            pytest.param("http://nexus.internal:8081{path}", id="a host behind a reverse proxy"),
            pytest.param("https://{host}{path}", id="https"),
            pytest.param("http://169.254.169.254{path}", id="a link-local address"),
            pytest.param("http://{host}@elsewhere.test{path}", id="a login"),
            pytest.param("//elsewhere.test{path}", id="no scheme"),
        ],
    )
    def test_another_origin_is_not_asked(
        self, registry: FaultRegistry, client: MakeClient, target: str
    ) -> None:
        registry.require_basic(USER, PASSWORD)
        path = f"{TAGS}?last=a&token={SIGNATURE}"
        link = following(target.format(host=registry.host, path=path))
        registry.script("GET", TAGS, page("a", link=link), page("b"))
        made = client(registry, logins={registry: login(password=PASSWORD)})
        assert made.tags() == ["a", "b"]
        assert registry.lines()[1:] == [f"GET {TAGS}", f"GET {path}"]

    def test_a_page_by_https_stays_by_https(
        self,
        secure: FaultRegistry,
        elsewhere: FaultRegistry,
        client: MakeClient,
        authority: Authority,
    ) -> None:
        link = following(f"{elsewhere.url}{TAGS}?last=a")
        secure.script("GET", TAGS, page("a", link=link), page("b"))
        made = client(secure, settings={"ca_file": authority.file})
        assert made.tags() == ["a", "b"]
        assert elsewhere.connections == 0


class TestFailures:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(status(503), id="503"),
            pytest.param(status(429, {"Retry-After": "0"}), id="429"),
            pytest.param(reset_after(5), id="reset"),
            pytest.param(truncate_after(5), id="truncated"),
            pytest.param(stall_after(5), id="stalled"),
        ],
    )
    def test_a_failure_that_passes_is_waited_for(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("GET", f"{TAGS}?p=1", answer, page("b"))
        registry.script("GET", TAGS, page("a", link=following("?p=1")), repeat=True)
        made = client(registry)
        assert made.tags() == ["a", "b"]
        assert len(made.said) == 1
        assert made.said[0].startswith(f"GET {registry.url}{TAGS}")

    def test_a_failure_that_stays_is_the_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script(
            "GET", TAGS, json_error(404, "NAME_UNKNOWN", "repository name not known to registry")
        )
        made = client(registry)
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS} answered 404 "
            "(NAME_UNKNOWN: repository name not known to registry): there is no repository web; "
            "is its name right? If it is private, log in with docker login or podman login"
        )
        assert len(registry.requests) == 1
