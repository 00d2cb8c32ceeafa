"""`inspect --signatures`, in a process of the tests' own, against a scripted registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.attesting import CYCLONEDX, SLSA, SPDX, attestation, put_attested, put_built
from support.faults.registry import FaultRegistry, faults
from support.oci import digest, image, layer
from support.signing import key, payload, put_signatures, signed

from nixfetch_docker.cli import main
from nixfetch_docker.oci.digest import Digest

AMD, ARM = (
    image(layer({"hello": b"hi"}), platform=platform) for platform in ("linux/amd64", "linux/arm64")
)


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        running.lists_referrers = True
        yield running


def run(registry: FaultRegistry, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines that a command prints."""
    assert main([*words, "--registry", registry.url, "--anonymous"]) == 0
    return capsys.readouterr().out.splitlines()


def inspect(registry: FaultRegistry, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    return run(registry, capsys, "inspect", "web:1", "--platform", "linux/amd64", *words)


def short(text: str) -> str:
    return Digest.parse(text).short


class TestInspect:
    def test_nothing_more_is_asked_without_the_option(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        index = registry.add("web:1", AMD, ARM)
        lines = inspect(registry, capsys)
        assert len(registry.lines()) == 3
        more = inspect(registry, capsys, "--signatures")
        assert more == [*lines, "", "signatures  none, and no attestations"]
        # Beside the index and the manifest, and the index once more for what BuildKit puts there.
        assert len(registry.lines()) == 3 + 3 + 2 * 4 + 1
        assert f"GET /v2/web/manifests/{index}" in registry.lines()

    def test_what_stands_beside_it_is_listed(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        index = put_built(registry, "web:1", [AMD, ARM], (SPDX, {}), (SLSA, {}))
        said = payload(index, "x/web")
        put_signatures(registry, "web", index, [signed(key(), said)])
        put_attested(registry, "web", AMD.digest, key(), attestation(AMD.digest, {}, CYCLONEDX))
        lines = inspect(registry, capsys, "--signatures")
        found = lines[lines.index("") + 1 :][lines[lines.index("") + 1 :].index("") + 1 :]
        spdx, slsa = (attestation(AMD.digest, {}, kind, name="_") for kind in (SPDX, SLSA))
        tag = {
            one: f"the tag {one[:6]}-{one[7:19]}….{end}"
            for one, end in ((index, "sig"), (AMD.digest, "att"))
        }
        assert [line for line in found if "dsse" not in line] == [
            f"signature   {short(digest(said))}  {len(said)} B  "
            f"application/vnd.dev.cosign.simplesigning.v1+json, for its index, in {tag[index]}",
            f"attestation {short(digest(slsa))}  {len(slsa)} B  slsa ({SLSA}), for its manifest, "
            "in its index, without a signature of its own",
            f"attestation {short(digest(spdx))}  {len(spdx)} B  spdx ({SPDX}), for its manifest, "
            "in its index, without a signature of its own",
        ]
        assert len(found) == 4

    def test_as_json(self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]) -> None:
        put_built(registry, "web:1", [AMD, ARM], (SPDX, {}))
        text = "\n".join(inspect(registry, capsys, "--json", "--signatures"))
        found: dict[str, Any] = json.loads(text)
        data = attestation(AMD.digest, {}, SPDX, name="_")
        assert (found["signatures"], found["documents"]) == ([], [])
        assert found["attestations"] == [
            {
                "digest": digest(data),
                "size": len(data),
                "subject": AMD.digest,
                "media-type": "application/vnd.in-toto+json",
                "type": "spdx",
                "predicate-type": SPDX,
                "signed": False,
                "where": "its index",
            }
        ]

    def test_a_strange_type_is_quoted(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_built(registry, "web:1", [AMD], ("https://x/\x1b[31m\n::error::", {}))
        (line,) = inspect(registry, capsys, "--signatures")[-1:]
        assert "\x1b" not in line
        assert "::error::" in line
