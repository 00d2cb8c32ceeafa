"""The target of policy.json, which containers/image reads too."""

from __future__ import annotations

from collections.abc import Mapping

from fuzz.trial import Target

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.policy import Policy
from nixfetch_docker.signatures.policy_requirement import PolicyRequirement, Type

_IMAGES = tuple(
    map(
        Reference.parse,
        ("redis:7", f"reg.lab:5000/a/b@{Digest.of(b'')}", "[::1]:5000/a:1", "a.example/b/c:2"),
    )
)


def policy(data: bytes) -> None:
    """Every image has a requirement, and no signature has a name that several rules forbid."""
    read = Policy.parse(data)
    scopes = [scope for known in read.transports.values() for scope in known.values()]
    requirements = [read.default, *scopes]
    for image in _IMAGES:
        found = read.for_image(image)
        assert found in requirements
        for requirement in found:
            _check(requirement, image)
    for transport in (*read.transports, "oci"):
        assert read.for_file(transport, "/srv/web", "1")


def _check(requirement: PolicyRequirement, image: Reference) -> None:
    is_signed = requirement.type is Type.SIGSTORE_SIGNED and not requirement.unsupported
    assert bool(requirement.keys) is (is_signed or "log" in requirement.unsupported)
    assert not requirement.identity.accepts(image, None)
    for other in _IMAGES:
        requirement.identity.accepts(image, other)


TARGETS: Mapping[str, Target] = {"policy": policy}
