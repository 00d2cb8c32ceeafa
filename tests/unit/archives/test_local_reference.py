from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.archives.local_reference import Kind, LocalReference
from nixfetch_docker.errors import NixfetchError


@pytest.mark.parametrize(
    ("text", "kind", "path", "name"),
    [
        ("oci:./web", Kind.OCI, "./web", None),
        ("oci:../images/web.tar", Kind.OCI, "../images/web.tar", None),
        ("oci:/srv/web:1.0", Kind.OCI, "/srv/web", "1.0"),
        ("docker-archive:./web.tar", Kind.DOCKER_ARCHIVE, "./web.tar", None),
        ("docker-archive:./a.tar:acme/web:1.0", Kind.DOCKER_ARCHIVE, "./a.tar", "acme/web:1.0"),
    ],
)
def test_a_local_reference_names_a_file(text: str, kind: Kind, path: str, name: str | None) -> None:
    assert LocalReference.is_meant(text)
    reference = LocalReference.parse(text)
    assert reference == LocalReference(kind=kind, path=path, name=name)
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "oci://ann:PW@host/x",
        "oci://PW@host/x",
        "docker-archive://ann:PW%40host/x",
        "docker-archive:/ann:PW@host/x",
        "oci:./x y:PW@host/x y",
    ],
)
def test_a_login_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        LocalReference.parse(text)
    assert str(caught.value) == (
        "a reference has no login, and this kind of reference names a file; write oci:./PATH for "
        "a file; for a registry, log in with docker login or podman login"
    )


@pytest.mark.parametrize("path", ["./me@home/web.tar", "/srv/web@2.tar", "///srv/web@2"])
def test_a_path_may_have_an_at_sign(path: str) -> None:
    assert LocalReference.parse(f"oci:{path}").path == path


@pytest.mark.parametrize("text", ["oci:latest", "oci", "docker-archive:7", "docker:./x", "redis:7"])
def test_a_reference_in_a_registry_is_not_meant(text: str) -> None:
    assert not LocalReference.is_meant(text)


@pytest.mark.parametrize("text", ["oci:.", "oci:./", "oci:./a:", "oci:/", "docker-archive:.x"])
def test_a_reference_without_a_path_is_refused(text: str) -> None:
    assert LocalReference.is_meant(text)
    with pytest.raises(NixfetchError) as caught:
        LocalReference.parse(text)
    assert str(caught.value) == (
        f"{text!r} does not name an image in a file; write oci:./PATH or docker-archive:./FILE, "
        "followed by :NAME if there are several images in it"
    )


@given(st.text() | st.from_regex(r"(oci|docker-archive):\./.+"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reference = LocalReference.parse(text)
    except NixfetchError:
        return
    assert str(reference) == text
