from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest, InvalidDigest
from nixfetch_docker.oci.reference import InvalidReference, Reference, parse_tag

F = "f" * 64
AT = f"@sha256:{F}"
IMAGE_ID = "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a"
NO_ID = "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev"


# The grammar and the meaning are those of distribution/reference.
@pytest.mark.parametrize(
    ("text", "registry", "repository"),
    [
        pytest.param("redis", "docker.io", "library/redis", id="official image"),
        pytest.param("library/redis", "docker.io", "library/redis", id="official image's path"),
        pytest.param("docker.io/redis", "docker.io", "library/redis", id="hub, official image"),
        pytest.param("docker.io/library/redis", "docker.io", "library/redis", id="hub, in full"),
        pytest.param("index.docker.io/redis", "docker.io", "library/redis", id="hub's old name"),
        pytest.param("index.docker.io/a/b", "docker.io", "a/b", id="hub's old name, user"),
        pytest.param("library/foo/bar", "docker.io", "library/foo/bar", id="below library"),
        pytest.param("acme/app", "docker.io", "acme/app", id="user's image"),
        pytest.param("test_com", "docker.io", "library/test_com", id="underscore"),
        pytest.param("test_com/foo", "docker.io", "test_com/foo", id="underscore is no host"),
        pytest.param("192.168.1.1", "docker.io", "library/192.168.1.1", id="address is a name"),
        pytest.param("test.com", "docker.io", "library/test.com", id="host alone is a name"),
        pytest.param(f"docker.io/{IMAGE_ID}", "docker.io", f"library/{IMAGE_ID}", id="hub, 64 hex"),
        pytest.param(NO_ID, "docker.io", f"library/{NO_ID}", id="64 letters"),
        pytest.param(IMAGE_ID[:-1], "docker.io", f"library/{IMAGE_ID[:-1]}", id="63 hex digits"),
        pytest.param("test.com/foo", "test.com", "foo", id="dot makes a host"),
        pytest.param("test:5000/repo", "test:5000", "repo", id="port makes a host"),
        pytest.param("test-com:8080/foo", "test-com:8080", "foo", id="hyphen in a host"),
        pytest.param("localhost/foo", "localhost", "foo", id="localhost"),
        pytest.param("localhost/library/foo", "localhost", "library/foo", id="localhost, library"),
        pytest.param("LOCALDOMAIN/foo", "LOCALDOMAIN", "foo", id="upper case makes a host"),
        pytest.param("Docker/docker", "Docker", "docker", id="one capital makes a host"),
        pytest.param("192.168.1.1:5000/a/b", "192.168.1.1:5000", "a/b", id="IPv4"),
        pytest.param("[2001:db8::1]/repo", "[2001:db8::1]", "repo", id="IPv6"),
        pytest.param("[::1]:5000/repo", "[::1]:5000", "repo", id="IPv6 with a port"),
        pytest.param("xn--n3h.com:18080/foo", "xn--n3h.com:18080", "foo", id="punycode"),
        pytest.param("a.b/dock__er/d", "a.b", "dock__er/d", id="two underscores"),
        pytest.param("a.b/docker---rules/d", "a.b", "docker---rules/d", id="many hyphens"),
        pytest.param(f"a.b/{'a' * 255}", "a.b", "a" * 255, id="255 characters"),
    ],
)
def test_a_name_has_the_meaning_that_docker_gives_it(
    text: str, registry: str, repository: str
) -> None:
    expected = Reference(registry=registry, repository=repository)
    assert Reference.parse(text) == expected
    assert Reference.parse(f"{text}:Tag_1.0-x{AT}") == Reference(
        registry=registry, repository=repository, tag="Tag_1.0-x", digest=Digest.parse(AT[1:])
    )


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        pytest.param("redis", "library/redis", None, None, id="neither"),
        pytest.param("redis:7", "library/redis", "7", None, id="tag"),
        pytest.param(f"redis{AT}", "library/redis", None, AT[1:], id="digest"),
        pytest.param(f"redis:7{AT}", "library/redis", "7", AT[1:], id="tag and digest"),
        pytest.param("test.com:5000", "library/test.com", "5000", None, id="no port but a tag"),
        pytest.param("redis:Upper", "library/redis", "Upper", None, id="upper case in a tag"),
        pytest.param("redis:_", "library/redis", "_", None, id="underscore"),
        pytest.param(f"redis:{'t' * 128}", "library/redis", "t" * 128, None, id="128 characters"),
    ],
)
def test_tag_and_digest_are_told_apart(
    text: str, repository: str, tag: str | None, digest: str | None
) -> None:
    reference = Reference.parse(text)
    assert (reference.registry, reference.repository) == ("docker.io", repository)
    assert reference.tag == tag
    assert reference.digest == (digest and Digest.parse(digest))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(":justtag", id="tag alone"),
        pytest.param(AT, id="digest alone"),
        pytest.param("https://github.com/docker/docker", id="URL"),
        pytest.param("-docker", id="hyphen first"),
        pytest.param("-docker/docker", id="hyphen first in a namespace"),
        pytest.param("docker-/docker", id="hyphen last in a namespace"),
        pytest.param("-docker.io/docker/docker", id="hyphen first in a host"),
        pytest.param("docker///docker", id="empty components"),
        pytest.param("docker.io/docker///docker", id="empty components on a host"),
        pytest.param("docker/", id="slash last"),
        pytest.param("a.b/", id="host without a name"),
        pytest.param("____/____", id="underscores alone"),
        pytest.param("_docker/_docker", id="underscore first"),
        pytest.param("dock..er/docker", id="two dots"),
        pytest.param("dock_.er/docker", id="underscore and dot"),
        pytest.param("dock-.er/docker", id="hyphen and dot"),
        pytest.param("aa/asdf$$^/aa", id="other signs"),
        pytest.param("redis 7", id="space"),
        pytest.param("redis\n", id="newline"),
        pytest.param("rédis", id="letter that is not ASCII"),
        pytest.param("[2001:db8::1]", id="IPv6 alone"),
        pytest.param("[2001:db8::1]:5000", id="IPv6 and port alone"),
        pytest.param("[fe80::1%eth0]:5000/repo", id="IPv6 with a zone"),
        pytest.param("[2001:db8:3:4::192.0.2.33]:5000/debian", id="IPv6 with an IPv4 tail"),
        pytest.param("fc00::1:5000/debian", id="IPv6 without brackets"),
        pytest.param("test.com:http/foo", id="port that is no number"),
        pytest.param("test.com:0/foo", id="port 0"),
        pytest.param("test.com:65536/foo", id="port beyond 65535"),
        pytest.param("ab.-com/foo", id="hyphen first in a label"),
        pytest.param("ab.com-/foo", id="hyphen last in a host"),
        pytest.param("redis:", id="empty tag"),
        pytest.param("redis:-x", id="hyphen first in a tag"),
        pytest.param("redis:.x", id="dot first in a tag"),
        pytest.param("redis:a:b", id="two tags"),
        pytest.param("redis:é", id="tag that is not ASCII"),
        pytest.param(f"redis:{'t' * 129}", id="tag of 129 characters"),
    ],
)
def test_a_text_that_docker_would_not_pull_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        Reference.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "the reference is empty; name an image, such as redis:7", id="empty"),
        pytest.param(
            IMAGE_ID,
            f"'{IMAGE_ID}' is 64 hexadecimal digits, which reads as an image ID; "
            f"to name a digest, write NAME@sha256:{IMAGE_ID}",
            id="image ID",
        ),
        pytest.param(
            "redis!",
            "'redis!' is not an image reference; "
            "write it as docker pull takes it: [REGISTRY/]NAME[:TAG][@DIGEST]",
            id="other signs",
        ),
        pytest.param(
            "https://me:secret@ghcr.io/acme/app",
            "an image reference has no 'https://'; leave that out: redis:7, ghcr.io/acme/web:2",
            id="URL",
        ),
        *(
            pytest.param(
                text,
                "an image reference has no login; log in with docker login or podman login",
                id=f"login in {text!r}",
            )
            for text in (
                "me:secret@ghcr.io/acme/app",
                "secret@ghcr.io/acme/app",
                "me:sec/ret@ghcr.io/acme/app",
                "me:sec@ret@ghcr.io/acme/app",
                "me:secret%40ghcr.io/acme/app",
                "//me:secret@ghcr.io/acme/app",
                "https:/me:secret@ghcr.io/acme/app",
                "https:me:secret@ghcr.io/acme/app",
                "ghcr.io/me:secret@ghcr.io/acme/app",
                f"//me:secret@ghcr.io/acme/app@sha256:{F}",
                f"me:secret@ghcr.io/acme/app@sha256:{F}",
            )
        ),
        pytest.param(
            "docker:redis:7",
            "'docker:redis:7' has the tag 'redis:7'; a tag is up to 128 letters, digits, "
            "'_', '.' and '-', and cannot start with '.' or '-'",
            id="two colons",
        ),
        pytest.param(
            "acme/App:1",
            "'acme/App:1' has upper case in its repository; write it in lower case",
            id="upper case",
        ),
        pytest.param(
            "redis:7 alpine",
            "'redis:7 alpine' has the tag '7 alpine'; a tag is up to 128 letters, digits, "
            "'_', '.' and '-', and cannot start with '.' or '-'",
            id="tag",
        ),
        pytest.param(
            f"a.b/{'a' * 256}",
            f"the repository {'a' * 32}… has 256 characters; a registry takes at most 255",
            id="too long",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_write(text: str, message: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("repo@sha256:ffff", id="too short"),
        pytest.param(f"repo@invalid:{F}", id="algorithm"),
        pytest.param("repo@", id="empty"),
        pytest.param(f"repo{AT}{AT}", id="two digests"),
    ],
)
def test_a_bad_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigest):
        Reference.parse(text)


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        pytest.param("redis", "docker.io/library/redis", "redis", id="official image"),
        pytest.param("redis:7", "docker.io/library/redis:7", "redis:7", id="tag"),
        pytest.param(
            f"redis:7{AT}", f"docker.io/library/redis:7{AT}", f"redis:7{AT}", id="tag and digest"
        ),
        pytest.param("acme/app", "docker.io/acme/app", "acme/app", id="user's image"),
        pytest.param(
            "library/foo/bar", "docker.io/library/foo/bar", "library/foo/bar", id="below library"
        ),
        pytest.param("a.b:1/library/c", "a.b:1/library/c", "a.b:1/library/c", id="other registry"),
        pytest.param("Foo/bar", "Foo/bar", "Foo/bar", id="upper-case registry"),
    ],
)
def test_a_reference_has_a_full_and_a_familiar_form(text: str, full: str, familiar: str) -> None:
    reference = Reference.parse(text)
    assert str(reference) == full
    assert reference.familiar == familiar


def test_the_name_is_the_reference_without_tag_and_digest() -> None:
    assert Reference.parse(f"a.b/c:7{AT}").name == Reference.parse("a.b/c")


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        pytest.param("a.b/c", "a.b/c:latest", id="neither tag nor digest"),
        pytest.param("a.b/c:7", "a.b/c:7", id="tag"),
        pytest.param(f"a.b/c{AT}", f"a.b/c{AT}", id="digest"),
    ],
)
def test_the_tag_is_latest_unless_a_tag_or_a_digest_is_given(text: str, tagged: str) -> None:
    assert str(Reference.parse(text).tagged) == tagged


HOSTS = st.sampled_from(["docker.io/", "localhost/", "a.b/", "a.b:1/", "[::1]:5/", "Up/", "x/", ""])
PATHS = st.from_regex(r"[a-z0-9]{1,3}([._]|__|-)?[a-z0-9](/[a-z0-9]{1,3}){0,2}", fullmatch=True)
SUFFIXES = st.sampled_from(["", ":7", ":latest", AT, f":7{AT}", ":", "@", f"@sha512:{F}{F}"])
NEAR_REFERENCES = st.builds("{}{}{}".format, HOSTS, PATHS, SUFFIXES)


@given(st.text() | NEAR_REFERENCES)
@example("docker.io/foo.bar/baz")
@example("docker.io/localhost/x")
@example(f"docker.io/library/{IMAGE_ID}")
def test_any_text_is_refused_or_survives_both_forms(text: str) -> None:
    reference = read_or_refused(Reference.parse, text)
    if reference is not None:
        assert Reference.parse(str(reference)) == reference
        assert Reference.parse(reference.familiar) == reference


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param("192.168.1.10", id="IPv4"),
        pytest.param("192.168.1.10:5000", id="IPv4 and port"),
        pytest.param("[::1]:5000", id="IPv6 and port"),
        pytest.param("[2001:db8::1]", id="IPv6"),
        pytest.param("a.b.c1", id="name that ends in a digit"),
        pytest.param("1.example", id="name that begins with a number"),
        pytest.param("a.b:65535", id="last port"),
        pytest.param("a.b:1", id="first port"),
        pytest.param(f"{'a.' * 126}a:65535", id="longest name and port"),
    ],
)
def test_a_registry_is_a_name_or_an_address(registry: str) -> None:
    assert Reference.parse(f"{registry}/x").registry == registry


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param("256.1.1.1", id="number beyond a byte"),
        pytest.param("10.0.0.1.1:5000", id="five numbers"),
        pytest.param("a.b.1", id="name that ends in a number"),
        pytest.param("[:::]", id="three colons"),
        pytest.param("[12345::]:5000", id="five hexadecimal digits"),
        pytest.param("a.b:65536", id="port beyond the last"),
        pytest.param(f"a.b:{'9' * 5000}", id="port of 5000 digits"),
    ],
)
def test_a_registry_that_cannot_exist_is_refused(registry: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(f"{registry}/x")
    assert "names the registry" in caught.value.what
    assert str(caught.value).endswith(
        "which is not host[:port]; write it as example.org, example.org:5000 or [2001:db8::1]:5000"
    )


def test_the_scheme_ends_at_the_first_mark() -> None:
    with pytest.raises(InvalidReference, match=r"^an image reference has no 'https://'; "):
        Reference.parse("https://a.b/c?d=https://e")


LONG = "a" * 20_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{LONG}!", id="signs"),
        pytest.param(f"{LONG}A", id="upper case"),
        pytest.param(f"r:{LONG}", id="tag"),
        pytest.param(f"-.{LONG}/x", id="registry"),
        pytest.param(LONG, id="repository"),
        pytest.param(f"{LONG}://x", id="scheme"),
        pytest.param(f"r@{LONG}", id="digest"),
        pytest.param("r\x1b[31m\u202e!", id="control characters"),
    ],
)
def test_a_message_about_a_foreign_text_is_one_short_line(text: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Reference.parse(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("tag", ["7", "latest", "7.4.1-alpine_3", "_", "a" * 128])
def test_a_tag_alone_is_read(tag: str) -> None:
    assert parse_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", ".7", "-7", "a/b", "a:b", "7\n", "\u0667", "a" * 129])
def test_what_is_no_tag_is_refused_with_the_rule(tag: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        parse_tag(tag)
    assert str(caught.value) == (
        f"{tag!r} is not a tag; a tag is up to 128 letters, digits, '_', '.' and '-', "
        "and cannot start with '.' or '-'"
    )
