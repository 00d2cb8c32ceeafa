from __future__ import annotations

import pytest

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.found.image import Findings, FoundImage, NotImportable, parse_pulled
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference

DIGEST = Digest.of(b"")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        pytest.param("redis", "docker.io/library/redis:latest", id="default tag"),
        pytest.param("redis:7", "docker.io/library/redis:7", id="tag"),
        pytest.param(f"redis@{DIGEST}", f"docker.io/library/redis@{DIGEST}", id="digest"),
        pytest.param("localhost:5000/a", "localhost:5000/a:latest", id="registry on localhost"),
    ],
)
def test_a_reference_is_read_as_docker_pulls_it(text: str, reference: str) -> None:
    assert str(parse_pulled(text)) == reference


def test_a_name_of_podman_for_its_own_images_is_refused() -> None:
    with pytest.raises(NotImportable, match=r"^localhost/web:1 is podman's name for "):
        parse_pulled("localhost/web:1")


def test_a_pinned_image_has_a_manifest_instead_of_a_config() -> None:
    image = FoundImage(
        place="", name="web", reference=Reference.parse("web:1"), config=Digest.of(b"config")
    )
    pinned = image.pinned(DIGEST, None)
    assert (pinned.reference, pinned.config) == (Reference.parse(f"web:1@{DIGEST}"), None)


def test_findings_of_several_files_are_added() -> None:
    image = FoundImage(place="", name="a", reference=Reference.parse("a"))
    findings = Findings(problems=[NixfetchError("first")], left_out=["a"])
    findings.add(Findings(images=[image], problems=[NixfetchError("second")], left_out=["b"]))
    assert findings.images == [image]
    assert [problem.what for problem in findings.problems] == ["first", "second"]
    assert findings.left_out == ["a", "b"]
