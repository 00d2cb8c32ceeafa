"""Keyless signatures, by a sigstore of the tests' own, and attacks on them."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.sigstore_root import (
    BUNDLE,
    IDENTITY,
    ISSUER,
    OLD_BUNDLE,
    SIGNED_AT,
    Root,
    Signer,
    b64,
    pae,
    sign,
)

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.signatures.bundle import parse_bundle
from nixfetch_docker.signatures.identity_signer import IdentitySigner
from nixfetch_docker.signatures.rejected import Rejected
from nixfetch_docker.signatures.signature import Signature

SUBJECT = Digest.of(b"the manifest")
STATEMENT = json.dumps(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": SUBJECT.hex}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    }
).encode()
PAYLOAD = json.dumps(
    {
        "critical": {
            "identity": {"docker-reference": "reg.lab/acme/web"},
            "image": {"docker-manifest-digest": str(SUBJECT)},
            "type": "cosign container image signature",
        },
        "optional": None,
    }
).encode()
ROOT = Root()
# Whoever has no part in it.
OTHER = Root()


def bundled(data: bytes, signed: bytes | None = None) -> Signature:
    """A signature in a bundle."""
    bundle = parse_bundle(data)
    return Signature(
        where="the referrer",
        media_type=BUNDLE,
        signed=signed or bundle.signed or b"",
        signature=bundle.signature,
        payload=bundle.statement,
        annotations={},
        bundle=data,
        has_certificate=bundle.has_certificate,
        subject=SUBJECT,
    )


def annotated(annotations: dict[str, str], payload: bytes = PAYLOAD) -> Signature:
    """A signature whose parts are annotations, as cosign 2 makes it."""
    return Signature(
        where="its tag",
        media_type="application/vnd.dev.cosign.simplesigning.v1+json",
        signed=payload,
        signature=base64.b64decode(annotations["dev.cosignproject.cosign/signature"]),
        payload=payload,
        annotations=annotations,
        bundle=None,
        has_certificate="dev.sigstore.cosign/certificate" in annotations,
        subject=SUBJECT,
    )


@pytest.fixture(scope="module")
def trusted_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("root") / "root.json"
    path.write_text(ROOT.trusted_root())
    return path


def check(
    signature: Signature, trusted_root: Path | None, identity: str = IDENTITY, issuer: str = ISSUER
) -> str:
    """What is wrong with a signature, or ""."""
    signer = IdentitySigner(identity=identity, issuer=issuer, trusted_root=trusted_root)
    try:
        signer.check(signature)
    except Rejected as reason:
        return str(reason)
    return ""


# The three forms of a signature, made by a signer of a root.
FORMS: dict[str, Callable[[Root, Signer], Signature]] = {
    "statement": lambda root, signer: bundled(root.bundle(signer, STATEMENT)),
    "manifest": lambda root, signer: bundled(root.message_bundle(signer, b"content"), b"content"),
    "annotations": lambda root, signer: annotated(root.annotations(signer, PAYLOAD)),
}
forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


class TestRight:
    @forms
    @pytest.mark.parametrize("identity", [IDENTITY, "ann@acme.example"])
    def test_the_identity_is_believed(
        self, form: Callable[[Root, Signer], Signature], identity: str, trusted_root: Path
    ) -> None:
        signature = form(ROOT, ROOT.signer(identity))
        assert check(signature, trusted_root, identity) == ""

    @pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
    def test_older_bundles_are_read(self, version: str, trusted_root: Path) -> None:
        data = ROOT.bundle(ROOT.signer(), STATEMENT, media_type=OLD_BUNDLE.replace("0.1", version))
        assert check(bundled(data), trusted_root) == ""

    def test_the_record_needs_neither_the_library_nor_a_root(self) -> None:
        voucher = IdentitySigner(identity=IDENTITY, issuer=ISSUER).voucher(SUBJECT)
        assert (voucher.signer, voucher.issuer) == (IDENTITY, ISSUER)
        assert voucher.fingerprint is None


class TestAttacks:
    @forms
    def test_another_identity(
        self, form: Callable[[Root, Signer], Signature], trusted_root: Path
    ) -> None:
        signature = form(ROOT, ROOT.signer("https://git.example/mallory/web"))
        assert check(signature, trusted_root) == (
            "a keyless signature by another identity (https://git.example/mallory/web)"
        )

    @pytest.mark.parametrize("identity", [IDENTITY[:-1], f"{IDENTITY}x", IDENTITY.upper(), "*", ""])
    def test_an_identity_is_no_pattern(self, identity: str, trusted_root: Path) -> None:
        signature = FORMS["statement"](ROOT, ROOT.signer())
        assert "by another identity" in check(signature, trusted_root, identity)

    @forms
    def test_another_issuer(
        self, form: Callable[[Root, Signer], Signature], trusted_root: Path
    ) -> None:
        signature = form(ROOT, ROOT.signer(issuer="https://mallory.example"))
        assert check(signature, trusted_root) == (
            "a keyless signature by this identity of another issuer (https://mallory.example)"
        )

    @forms
    def test_a_certificate_of_another_authority(
        self, form: Callable[[Root, Signer], Signature], trusted_root: Path
    ) -> None:
        mixed = Root(ca=OTHER.ca, ct=ROOT.ct, rekor=ROOT.rekor)
        assert check(form(mixed, mixed.signer()), trusted_root) == (
            "a keyless signature with a certificate of an authority that is not trusted"
        )

    @forms
    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_certificate_that_was_not_valid_then(
        self, form: Callable[[Root, Signer], Signature], hours: int, trusted_root: Path
    ) -> None:
        signer = ROOT.signer(made=SIGNED_AT + timedelta(hours=hours))
        assert check(form(ROOT, signer), trusted_root) == (
            "a keyless signature whose certificate was not valid when it was made"
        )

    @forms
    @pytest.mark.parametrize("is_logged", [True, False])
    def test_a_certificate_that_no_log_has(
        self, form: Callable[[Root, Signer], Signature], is_logged: bool, trusted_root: Path
    ) -> None:
        mixed = Root(ca=ROOT.ca, ct=OTHER.ct, rekor=ROOT.rekor)
        assert check(form(mixed, mixed.signer(is_logged=is_logged)), trusted_root) == (
            "a keyless signature whose certificate is in no log of certificates that is trusted"
        )

    @forms
    def test_an_entry_of_another_log(
        self, form: Callable[[Root, Signer], Signature], trusted_root: Path
    ) -> None:
        mixed = Root(ca=ROOT.ca, ct=ROOT.ct, rekor=OTHER.rekor)
        assert check(form(mixed, mixed.signer()), trusted_root) == (
            "a keyless signature whose entry in the log was not signed by a log that is trusted"
        )

    def test_an_entry_of_something_else(self, trusted_root: Path) -> None:
        signer = ROOT.signer()
        statement = b'{"another": "statement"}'
        envelope = ROOT.entry(
            "dsse", ROOT.enveloped(signer, statement, sign(signer.key, pae(statement)))
        )
        file = ROOT.entry("hashedrekord", ROOT.hashed(signer, b"x", sign(signer.key, b"x")))
        for signature in (
            bundled(ROOT.bundle(signer, STATEMENT, entry=envelope)),
            bundled(ROOT.bundle(signer, STATEMENT, entry=file)),
            annotated(ROOT.annotations(signer, PAYLOAD, entry=file)),
        ):
            assert check(signature, trusted_root) == (
                "a keyless signature whose entry in the log is of something else"
            )

    def test_an_entry_of_another_signer(self, trusted_root: Path) -> None:
        """Of the same text, so that only the certificate differs."""
        other = ROOT.signer("https://git.example/mallory/web")
        entry = ROOT.entry("hashedrekord", ROOT.hashed(other, PAYLOAD, sign(other.key, PAYLOAD)))
        signature = annotated(ROOT.annotations(ROOT.signer(), PAYLOAD, entry=entry))
        assert check(signature, trusted_root) == (
            "a keyless signature whose entry in the log is of something else"
        )

    def test_a_promise_with_another_time(self, trusted_root: Path) -> None:
        """So that the time was one at which the certificate was valid."""
        signer = ROOT.signer(made=SIGNED_AT - timedelta(days=1))
        annotations = ROOT.annotations(signer, PAYLOAD)
        log = json.loads(annotations["dev.sigstore.cosign/bundle"])
        log["Payload"]["integratedTime"] -= 24 * 60 * 60
        annotations["dev.sigstore.cosign/bundle"] = json.dumps(log)
        assert check(annotated(annotations), trusted_root) == (
            "a keyless signature whose entry in the log was not signed by a log that is trusted"
        )

    def test_another_text(self, trusted_root: Path) -> None:
        annotations = ROOT.annotations(ROOT.signer(), PAYLOAD)
        changed = annotated(annotations, PAYLOAD.replace(b"acme/web", b"acme/api"))
        assert check(changed, trusted_root) == "a keyless signature that is over something else"
        data = json.loads(ROOT.bundle(ROOT.signer(), STATEMENT))
        data["dsseEnvelope"]["payload"] = b64(STATEMENT.replace(b"cosign", b"cosine"))
        assert check(bundled(json.dumps(data).encode()), trusted_root) == (
            "a keyless signature that is over something else"
        )
        message = bundled(ROOT.message_bundle(ROOT.signer(), b"content"), b"other content")
        assert check(message, trusted_root) == "a keyless signature that is over something else"

    def test_no_log(self, trusted_root: Path) -> None:
        annotations = ROOT.annotations(ROOT.signer(), PAYLOAD)
        del annotations["dev.sigstore.cosign/bundle"]
        assert (
            check(annotated(annotations), trusted_root) == "a keyless signature that is in no log"
        )
        data = json.loads(ROOT.bundle(ROOT.signer(), STATEMENT))
        data["verificationMaterial"]["tlogEntries"] = []
        assert check(bundled(json.dumps(data).encode()), trusted_root).startswith(
            "a keyless signature that cannot be read ("
        )

    def test_a_bundle_without_a_proof(self, trusted_root: Path) -> None:
        """What cosign's older annotations lack, a bundle must have."""
        signer = ROOT.signer()
        signature = sign(signer.key, pae(STATEMENT))
        entry = ROOT.entry("dsse", ROOT.enveloped(signer, STATEMENT, signature), with_proof=False)
        assert check(bundled(ROOT.bundle(signer, STATEMENT, entry=entry)), trusted_root).startswith(
            "a keyless signature that cannot be read ("
        )

    def test_a_signature_by_a_key(self, trusted_root: Path) -> None:
        annotations = ROOT.annotations(ROOT.signer(), PAYLOAD)
        del annotations["dev.sigstore.cosign/certificate"]
        assert check(annotated(annotations), trusted_root) == (
            "a signature by a key, without a certificate"
        )


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list) and inner:
            yield from _leaves(inner, (*path, key))
        yield (*path, key)


@pytest.mark.parametrize("seed", range(3))
def test_no_bytes_raise_anything_else(seed: int, trusted_root: Path) -> None:
    """Whatever one value of a bundle is changed to, or one annotation: it is refused, or right."""
    random = Random(seed)  # noqa: S311 - to repeat it is the point
    whole = json.loads(ROOT.bundle(ROOT.signer(), STATEMENT))
    for path in _leaves(whole["verificationMaterial"], ("verificationMaterial",)):
        changed = json.loads(json.dumps(whole))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = random.choice(
            [None, 0, -1, 2**70, "", "AAAA", "ä", [], {}, [{}], b64(random.randbytes(64)), True]
        )
        signature = bundled(ROOT.bundle(ROOT.signer(), STATEMENT))
        found = Signature(
            **{
                name: getattr(signature, name)
                for name in Signature.__dataclass_fields__
                if name != "bundle"
            },
            bundle=json.dumps(changed).encode(),
        )
        check(found, trusted_root)
    annotations = ROOT.annotations(ROOT.signer(), PAYLOAD)
    for name in ("dev.sigstore.cosign/certificate", "dev.sigstore.cosign/bundle"):
        text = annotations[name]
        for _ in range(30):
            # What is behind the end of a certificate means nothing.
            place = random.randrange(len(text.rstrip()))
            other = (
                text[:place]
                + random.choice(['"', "A", "0", "{", "\n", "ä", ""])
                + text[place + 1 :]
            )
            reason = check(annotated({**annotations, name: other}), trusted_root)
            assert reason or _meant(other) == _meant(text)


def _meant(text: str) -> str:
    """An annotation without what means nothing: breaks of lines, the letter case of a log's ID."""
    head, mark, end = "".join(text.split()).partition('"logID"')
    return f"{head}{mark}{end.lower()}"


class TestRoot:
    def test_a_file_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "root.json").write_text("{}")
        with pytest.raises(NixfetchError) as caught:
            check(FORMS["statement"](ROOT, ROOT.signer()), tmp_path / "root.json")
        assert not isinstance(caught.value, Rejected)
        assert str(caught.value).startswith(
            f"{tmp_path}/root.json: it is no trusted root of sigstore ("
        )

    def test_a_file_that_is_gone(self, tmp_path: Path) -> None:
        with pytest.raises(NixfetchError) as caught:
            check(FORMS["statement"](ROOT, ROOT.signer()), tmp_path / "root.json")
        assert caught.value.places == [f"{tmp_path}/root.json"]

    def test_without_a_file_that_of_sigstore_dev_is_fetched(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Through a proxy that is not there, so that this needs no network."""
        monkeypatch.setenv("HOME", str(tmp_path))
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(NixfetchError) as caught:
            check(FORMS["statement"](ROOT, ROOT.signer()), None)
        assert not isinstance(caught.value, Rejected)
        assert str(caught.value).startswith("the trusted root of sigstore.dev cannot be fetched (")
        assert 'trusted-root = "root.json"' in caught.value.hint

    def test_without_the_library_a_message_says_what_to_install(
        self, trusted_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "sigstore.errors", None)
        monkeypatch.delitem(sys.modules, "nixfetch_docker.signatures.keyless", raising=False)
        monkeypatch.delattr("nixfetch_docker.signatures.keyless", raising=False)
        with pytest.raises(NixfetchError) as caught:
            check(FORMS["statement"](ROOT, ROOT.signer()), trusted_root)
        assert "pip install 'nixfetch-docker[keyless]'" in caught.value.hint
        assert not isinstance(caught.value, Rejected)
