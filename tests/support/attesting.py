"""Attestations of images, as cosign and BuildKit put them into registries.

https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md and
https://docs.docker.com/build/metadata/attestations/attestation-storage/
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from support.faults.registry import FaultRegistry
from support.oci import INDEX, MANIFEST, Image, descriptor, encode
from support.signing import IN_TOTO, SigningKey, authenticated

ENVELOPE = "application/vnd.dsse.envelope.v1+json"
SPDX = "https://spdx.dev/Document"
SLSA = "https://slsa.dev/provenance/v0.2"
CYCLONEDX = "https://cyclonedx.org/bom"


def attestation(
    digest: str, predicate: Any, kind: str = SPDX, version: str = "v0.1", **subject: Any
) -> bytes:
    """A statement with a predicate about a digest."""
    algorithm, _, encoded = digest.partition(":")
    return encode(
        {
            "_type": f"https://in-toto.io/Statement/{version}",
            "subject": [{"digest": {algorithm: encoded}, **subject}],
            "predicateType": kind,
            "predicate": predicate,
        }
    )


def envelope(signer: SigningKey, statement: bytes, kind: str = IN_TOTO) -> bytes:
    """A signed statement alone, as cosign 2 pushes it."""
    signature = base64.b64encode(signer.sign(authenticated(statement, kind))).decode()
    return encode(
        {
            "payloadType": kind,
            "payload": base64.b64encode(statement).decode(),
            "signatures": [{"keyid": "", "sig": signature}],
        }
    )


def put_tagged(
    registry: FaultRegistry,
    repository: str,
    digest: str,
    layers: Sequence[tuple[bytes, str, Mapping[str, str]]],
    suffix: str = "att",
) -> None:
    """Serve layers, with their media types and annotations, below a tag of cosign."""
    for data, _, _ in layers:
        registry.add_blob(data)
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [
            {**descriptor(data, kind), "annotations": annotations}
            for data, kind, annotations in layers
        ],
    }
    tag = f"{digest.replace(':', '-')}.{suffix}"
    registry.add_manifest(f"{repository}:{tag}", encode(document), MANIFEST)


def put_attested(
    registry: FaultRegistry, repository: str, digest: str, signer: SigningKey, *statements: bytes
) -> None:
    """Serve signed statements as cosign 2 does."""
    put_tagged(
        registry, repository, digest, [(envelope(signer, one), ENVELOPE, {}) for one in statements]
    )


def put_built(
    registry: FaultRegistry, name: str, images: Sequence[Image], *predicates: tuple[str, Any]
) -> str:
    """Serve an index as BuildKit pushes it: each image has attestations beside it."""
    registry.add(name, *images)
    repository = name.partition(":")[0]
    entries: list[dict[str, Any]] = []
    for one in images:
        os, architecture = one.platform.split("/")
        platform = {"os": os, "architecture": architecture}
        entries.append({**descriptor(one.manifest, MANIFEST), "platform": platform})
    for one in images:
        layers = []
        for kind, predicate in predicates:
            data = attestation(one.digest, predicate, kind, name="_")
            registry.add_blob(data)
            annotations = {"in-toto.io/predicate-type": kind}
            layers.append({**descriptor(data, IN_TOTO), "annotations": annotations})
        manifest = encode(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": descriptor(b"{}", "application/vnd.oci.image.config.v1+json"),
                "layers": layers,
            }
        )
        registry.add_manifest(repository, manifest, MANIFEST)
        entries.append(
            {
                **descriptor(manifest, MANIFEST),
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {
                    "vnd.docker.reference.type": "attestation-manifest",
                    "vnd.docker.reference.digest": one.digest,
                },
            }
        )
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
    return registry.add_manifest(name, encode(document), INDEX)
