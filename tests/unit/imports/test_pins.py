from __future__ import annotations

from nixfetch_docker.errors import NixfetchError, RegistryError
from nixfetch_docker.imports.found.image import Findings, FoundImage
from nixfetch_docker.imports.pins import look_up, registry_settings
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.offers import NoSuchImage

MANIFEST, CONFIG = Digest.of(b"manifest"), Digest.of(b"config")
ARM64 = Platform.parse("linux/arm64")


class Finder:
    """Finds one manifest, or raises an error."""

    def __init__(self, error: NixfetchError | None = None) -> None:
        self._error = error

    def find(self, reference: Reference, config: Digest, /) -> tuple[Digest, Platform]:
        if self._error is not None:
            raise self._error
        assert (str(reference), config) == ("docker.io/acme/web:1", CONFIG)
        return MANIFEST, ARM64


def web(config: Digest | None, *, plain_http: bool = False) -> FoundImage:
    return FoundImage(
        place="web.nix: line 2",
        name="web",
        reference=Reference.parse("acme/web:1"),
        config=config,
        plain_http=plain_http,
    )


def test_an_image_pinned_by_its_config_is_pinned_by_its_manifest() -> None:
    (image,) = look_up(Findings(images=[web(CONFIG)]), Finder()).images
    assert image.reference == Reference.parse(f"acme/web:1@{MANIFEST}")
    assert (image.platform, image.config, image.name) == (ARM64, None, "web")


def test_other_images_and_problems_stay() -> None:
    problem = NixfetchError("a problem")
    findings = Findings(images=[web(None)], problems=[problem], left_out=["a service"])
    assert look_up(findings, Finder(RegistryError("not asked"))) == findings


def test_a_manifest_that_is_gone_is_a_problem_with_a_way_out() -> None:
    pinned = look_up(Findings(images=[web(CONFIG), web(None)]), Finder(NoSuchImage("gone")))
    assert pinned.images == [web(None)]
    assert [str(problem) for problem in pinned.problems] == [
        "web.nix: line 2: gone; find its digest, or pass --follow-tags to follow the tag instead"
    ]


def test_an_error_of_the_registry_keeps_its_hint() -> None:
    error = RegistryError("denied", hint="log in")
    (problem,) = look_up(Findings(images=[web(CONFIG)]), Finder(error)).problems
    assert str(problem) == "web.nix: line 2: denied; log in"


def test_registries_with_plain_http_are_asked_so() -> None:
    assert registry_settings([web(None)]) == {}
    settings = registry_settings([web(None, plain_http=True)])
    assert settings["docker.io"].plain_http is True
