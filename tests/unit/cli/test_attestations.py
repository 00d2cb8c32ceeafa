"""`inspect --signatures` and `attestation`, against a scripted registry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.attesting import (
    CYCLONEDX,
    ENVELOPE,
    SLSA,
    SPDX,
    attestation,
    envelope,
    put_attested,
    put_built,
    put_tagged,
)
from support.faults.registry import FaultRegistry, faults
from support.oci import digest, image, layer
from support.signing import key, payload, put_signatures, signed

from nixfetch_docker.cli import main
from nixfetch_docker.oci.digest import Digest

AMD, ARM = (
    image(layer({"hello": b"hi"}), platform=platform) for platform in ("linux/amd64", "linux/arm64")
)
NONE: Mapping[str, str] = {}


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


class TestAttestation:
    @pytest.fixture(autouse=True)
    def _in_a_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("acme.pub").write_bytes(key("acme").pem)

    def run(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str], *words: str
    ) -> tuple[int, Any, str]:
        """The exit status, what is printed, and what is said."""
        platform = () if "--platform" in words else ("--platform", "linux/amd64")
        status = main(["attestation", f"{registry.host}/web:1", *platform, "--anonymous", *words])
        shown = capsys.readouterr()
        printed = json.loads(shown.out) if shown.out else None
        return status, printed, " ".join(shown.err.replace(registry.host, "HOST").split())

    def ask(self, registry: FaultRegistry, *lines: str, image: str = "web:1") -> None:
        text = "\n".join([f'image = "{registry.host}/{image}"', *lines])
        Path("images.toml").write_text(f"[images.web]\n{text}\n")

    def test_one_of_buildkit_is_printed_with_a_word(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_built(registry, "web:1", [AMD, ARM], (SPDX, {"a": None}), (SLSA, {"b": 1}))
        status, printed, said = self.run(registry, capsys, "--type", "slsa")
        assert (status, printed) == (0, {"b": 1})
        assert said == (
            "not verified: no images.toml here says by signed-by who must have signed this image"
        )
        assert self.run(registry, capsys, "--type", SPDX)[1] == {"a": None}
        statement = self.run(registry, capsys, "--type", "spdx", "--statement")[1]
        assert statement["subject"] == [
            {"digest": {"sha256": AMD.digest.removeprefix("sha256:")}, "name": "_"}
        ]
        arm = self.run(
            registry, capsys, "--type", "spdx", "--statement", "--platform", "linux/arm64"
        )[1]
        assert arm["subject"][0]["digest"]["sha256"] == ARM.digest.removeprefix("sha256:")

    def test_its_signature_is_verified_where_the_project_asks_for_one(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        registry.add("web:1", AMD)
        put_attested(registry, "web", AMD.digest, key("acme"), attestation(AMD.digest, {"a": 1}))
        self.ask(registry, 'signed-by = ["acme.pub"]')
        status, printed, said = self.run(registry, capsys, "--type", "spdx")
        assert (status, printed, said) == (0, {"a": 1}, "signed by acme.pub")
        Path("acme.pub").write_bytes(key("other").pem)
        status, printed, said = self.run(registry, capsys, "--type", "spdx")
        assert (status, printed) == (1, None)
        assert "is not signed by acme.pub: it has a signature by another key; ask its maker" in said

    def test_of_two_the_one_by_the_right_signer_is_printed(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        registry.add("web:1", AMD)
        statements = {name: attestation(AMD.digest, {"by": name}) for name in ("acme", "other")}
        layers = [(envelope(key(name), data), ENVELOPE, NONE) for name, data in statements.items()]
        put_tagged(registry, "web", AMD.digest, layers)
        status, _, said = self.run(registry, capsys, "--type", "spdx")
        digests = [digest(data) for data, _, _ in layers]
        assert status == 1
        assert f"there are 2 of this type: {', '.join(digests)}; choose one by --digest" in said
        chosen = self.run(registry, capsys, "--type", "spdx", "--digest", digests[1])[1]
        assert chosen == {"by": "other"}
        self.ask(registry, 'signed-by = ["acme.pub"]')
        status, printed, said = self.run(registry, capsys, "--type", "spdx")
        assert (status, printed) == (0, {"by": "acme"})
        assert said == (
            f"passed by: the attestation {short(digests[1])} is not signed by acme.pub: it has a "
            "signature by another key signed by acme.pub"
        )

    def test_the_index_vouches_for_what_buildkit_put_into_it(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        index = put_built(registry, "web:1", [AMD, ARM], (SPDX, {"a": 1}))
        self.ask(registry, 'signed-by = ["acme.pub"]')
        status, printed, said = self.run(registry, capsys, "--type", "spdx")
        assert (status, printed, "it is not signed by acme.pub" in said) == (1, None, True)
        # What is signed is one platform's manifest, and not what stands beside it.
        of_platform = payload(AMD.digest, f"{registry.host}/web")
        put_signatures(registry, "web", AMD.digest, [signed(key("acme"), of_platform)])
        assert self.run(registry, capsys, "--type", "spdx")[0] == 1
        of_index = payload(index, f"{registry.host}/web")
        put_signatures(registry, "web", index, [signed(key("acme"), of_index)])
        status, printed, said = self.run(registry, capsys, "--type", "spdx")
        assert (status, printed, said) == (0, {"a": 1}, "signed by acme.pub")

    @pytest.mark.parametrize(
        ("image", "lines", "is_asked"),
        [
            ("web:1", 'signed-by = ["acme.pub"]', True),
            ("web", 'version = "*"\nsigned-by = ["acme.pub"]', True),
            ("web:2", 'signed-by = ["acme.pub"]', True),
            ("web:1", "signed-by = []", False),
            ("api:1", 'signed-by = ["acme.pub"]', False),
            ("api:1", '[registries."HOST"]\nsigned-by = ["acme.pub"]', True),
        ],
    )
    def test_whom_the_project_asks_for(
        self,
        image: str,
        lines: str,
        is_asked: bool,
        registry: FaultRegistry,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        registry.add("web:1", AMD)
        put_attested(registry, "web", AMD.digest, key("other"), attestation(AMD.digest, {}))
        self.ask(registry, lines.replace("HOST", registry.host), image=image)
        assert self.run(registry, capsys, "--type", "spdx")[0] == is_asked

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ["--type", "cyclonedx"],
                "it has no such attestation; there are slsa, spdx; `inspect REF --signatures`",
            ),
            (["--type", "spdxx"], "'spdxx' is not a type of attestations; did you mean spdx?"),
            (["--type", "sbom"], "write spdx, cyclonedx, slsa, or the URL"),
            (["--type", "spdx", "--digest", "x"], "'x' is not a digest"),
        ],
    )
    def test_what_is_not_there(
        self,
        words: list[str],
        said: str,
        registry: FaultRegistry,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        put_built(registry, "web:1", [AMD, ARM], (SPDX, {}), (SLSA, {}))
        status, printed, found = self.run(registry, capsys, *words)
        assert (status in {1, 2}, printed) == (True, None)
        assert said in found

    def test_there_may_be_none_at_all(
        self, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        registry.add("web:1", AMD)
        said = self.run(registry, capsys, "--type", "spdx")[2]
        assert "HOST/web:1: it has no such attestation; there are none at all" in said
