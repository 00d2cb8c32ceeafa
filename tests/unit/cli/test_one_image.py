"""The reference that REF and `--registry` name together."""

from __future__ import annotations

import argparse

import pytest

from nixfetch_docker.cli.one_image import reference
from nixfetch_docker.errors import UsageError

DIGEST = f"sha256:{'0' * 64}"


def named(text: str, registry: str) -> str:
    return str(reference(argparse.Namespace(reference=text, registry=registry)))


@pytest.mark.parametrize(
    "text", ["redis", "redis:7", "redis:7.4-alpine", f"redis@{DIGEST}", "acme/web:2", "acme/web"]
)
def test_a_reference_is_in_the_registry(text: str) -> None:
    at = "" if ":" in text or "@" in text else ":latest"
    assert named(text, "https://registry.lab:5000") in {
        f"registry.lab:5000/{text}",
        f"registry.lab:5000/{text}{at}",
    }


@pytest.mark.parametrize(
    "text", ["ghcr.io/acme/web:2", "localhost/web", "host:5000/web:7", "registry.lab:5000/web"]
)
def test_a_reference_with_a_registry_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="names a registry itself; leave that out, or --registry"):
        named(text, "registry.lab:5000")
