from __future__ import annotations

import pytest

from nixfetch_docker.archives.local_reference import InvalidLocalReference, LocalReference
from nixfetch_docker.lockfile.place import in_registry, parse_place, short_name
from nixfetch_docker.oci.reference import InvalidReference, Reference


@pytest.mark.parametrize("text", ["redis", "redis:7", "ghcr.io/acme/web", "oci:latest"])
def test_a_reference_of_a_registry_is_in_one(text: str) -> None:
    place = parse_place(text)
    assert place == Reference.parse(text)
    assert in_registry(place)


@pytest.mark.parametrize("text", ["oci:./web", "oci:/srv/web:1.0", "docker-archive:../web.tar"])
def test_a_path_is_an_image_in_a_file(text: str) -> None:
    place = parse_place(text)
    assert place == LocalReference.parse(text)
    assert not in_registry(place)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("acme/Web", InvalidReference, id="registry"),
        pytest.param("oci:./", InvalidLocalReference, id="file"),
    ],
)
def test_the_error_is_that_of_the_kind_that_is_meant(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_place(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("redis", "redis"),
        ("redis:7", "redis"),
        ("registry.lab:5000/acme/team/web@sha256:" + "0" * 64, "web"),
        ("oci:./web", "web"),
        ("oci:./web/", "web"),
        ("oci:/srv/images/web:1.0", "web"),
        ("docker-archive:../web.tar.gz:acme/other:2", "web"),
    ],
)
def test_the_short_name_is_that_of_the_repository_or_the_file(text: str, name: str) -> None:
    assert short_name(parse_place(text)) == name
