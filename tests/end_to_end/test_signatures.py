"""Signatures by the programs that people sign with, and what skopeo and podman accept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property

import pytest
from support.newer_debian import REASON, NewerDebian
from support.oci import image, layer
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.oci.manifest import Index
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.client import connect
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement
from nixfetch_docker.signatures.verification import NotSigned, verify

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))

AMD64 = image(layer({"hello": b"hi"}))
ARM64 = image(layer({"hello": b"hi"}), platform="linux/arm64")
NEXT = image(layer({"hello": b"hello"}))
PASSWORD = {"COSIGN_PASSWORD": "secret"}
_PLAIN = ("--src-tls-verify=false", "--dest-tls-verify=false")


class Signers:
    """skopeo, podman and cosign with the keys `acme` and `other`, and a registry.

    The registry has what each test of this file needs, signed once for all.
    """

    def __init__(self, registry: Registry, debian: NewerDebian) -> None:
        self.registry = registry
        self.work = debian.directory
        self._debian = debian
        self.work.joinpath("password").write_text("secret")
        for name in ("acme", "other"):
            debian.output(
                *("skopeo", "generate-sigstore-key", "--output-prefix", name),
                *("--passphrase-file", "password"),
            )
        # Its home, where skopeo and podman find this by themselves.
        settings = self.work / ".config/containers/registries.d"
        settings.mkdir(parents=True)
        settings.joinpath("all.yaml").write_text(
            f"docker:\n  {registry.host}:\n    use-sigstore-attachments: true\n"
        )
        for name, identity in (("any", None), ("repository", {"type": "matchRepository"})):
            rule = {
                "type": "sigstoreSigned",
                "keyPath": str(self.work / "acme.pub"),
                **({} if identity is None else {"signedIdentity": identity}),
            }
            policy = {"default": [{"type": "reject"}], "transports": {"docker": {"": [rule]}}}
            debian.directory.joinpath(f"{name}.json").write_text(json.dumps(policy))

    def skopeo(self, source: str, target: str, *options: str, key: str = "acme") -> None:
        """Sign an image with skopeo, on its way from a tag to a tag."""
        self._debian.output(
            *("skopeo", "--insecure-policy", "copy", "--quiet"),
            *("--preserve-digests", "--sign-by-sigstore-private-key", f"{key}.private"),
            *("--sign-passphrase-file", "password", *_PLAIN, *options),
            *(f"docker://{self.registry.host}/{name}" for name in (source, target)),
        )

    @cached_property
    def has_cosign_3(self) -> bool:
        """Whether cosign writes bundles, which skopeo does not read, instead of the tag."""
        return "--use-signing-config" in self._debian.run("cosign", "sign", "--help").stdout

    def cosign(self, command: str, names: Sequence[str], *options: str) -> None:
        """Run a command of cosign that signs something about images, named by their digests."""
        # What to log where would be in a file that it fetches.
        more = ["--use-signing-config=false"] if self.has_cosign_3 else []
        self._debian.output(
            *("cosign", command, "--key", "acme.private", "--yes", "--tlog-upload=false"),
            *("--allow-http-registry", *more, *options),
            *(f"{self.registry.host}/{name}" for name in names),
            env=PASSWORD,
        )

    def move(self, source: str, target: str) -> None:
        """Copy a manifest with all it names to another tag, as who can write to it may do."""
        self._debian.output(
            *("skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", *_PLAIN),
            *(f"docker://{self.registry.host}/{name}" for name in (source, target)),
        )

    def is_accepted_by_skopeo(self, name: str, policy: str = "any") -> bool:
        """Whether skopeo copies an image under a policy that wants a signature by `acme`."""
        done = self._debian.run(
            *("skopeo", "--policy", f"{policy}.json", "copy", "--quiet", "--src-tls-verify=false"),
            *(f"docker://{self.registry.host}/{name}", f"dir:{name.replace('/', '-')}-{policy}"),
        )
        assert done.returncode == 0 or "Source image rejected" in done.stderr, done.stderr
        return done.returncode == 0

    def podman(self, *arguments: str) -> bool:
        """Whether podman, with a storage in the directory, does as it is told."""
        storage = [f"--root={self.work}/storage", "--storage-driver=vfs"]
        run = [f"--runroot={self.work}/run", "--cgroup-manager=cgroupfs"]
        done = self._debian.run("podman", *storage, *run, "--events-backend=none", *arguments)
        assert done.returncode == 0 or "Source image rejected" in done.stderr, done.stderr
        return done.returncode == 0

    def is_accepted(self, name: str, *keys: str, annotations: dict[str, str] | None = None) -> bool:
        """Whether an image is vouched for by any of the keys."""
        return self.refusal(name, *keys, annotations=annotations) is None

    def refusal(
        self, name: str, *keys: str, annotations: dict[str, str] | None = None
    ) -> str | None:
        """Why an image is not vouched for by any of the keys, or None where it is."""
        signers = tuple(
            KeySigner(
                file=f"{key}.pub",
                key=PublicKey.parse((self.work / f"{key}.pub").read_bytes()),
                annotations=annotations or {},
            )
            for key in keys or ("acme",)
        )
        reference = Reference.parse(f"{self.registry.host}/{name}")
        with connect(anonymous=True) as client:
            content = client.registries.manifest(reference)
            top = content.document
            entries = top.manifests if isinstance(top, Index) else ()
            digests = [content.digest, *(entry.digest for entry in entries)]
            try:
                verify(client.registries, reference, digests, Requirement(signers=signers))
            except NotSigned as error:
                return str(error)
        return None


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    directory = tmp_path_factory.mktemp("signatures")
    with run_registry(directory / "registry") as registry:
        yield Signers(registry, NewerDebian(directory / "work"))


@pytest.fixture(scope="module")
def tag(signers: Signers) -> str:
    """The tag of the signatures of `web:1`, which skopeo signed; `acme` signed `web:1` alone."""
    push = signers.registry.push
    digest = push("web:1", AMD64)
    push("web:2", NEXT)
    push("unsigned:1", AMD64)
    push("moved:1", AMD64)
    push("theirs:1", AMD64)
    signers.skopeo("web:1", "web:1")
    signers.skopeo("theirs:1", "theirs:1", key="other")
    return f"{digest.replace(':', '-')}.sig"


def test_what_skopeo_signs_is_accepted_and_refused_as_skopeo_does(
    signers: Signers, tag: str
) -> None:
    other = f"sha256-{NEXT.digest.removeprefix('sha256:')}.sig"
    signers.move(f"web:{tag}", f"moved:{tag}")
    signers.move(f"web:{tag}", f"web:{other}")
    signers.move("web:1", "web:again")
    table = {
        "web:1": None,
        f"web@{AMD64.digest}": None,
        "unsigned:1": "has no signature",
        "theirs:1": "has a signature by another key",
        "moved:1": "has a signature for another name",
        "web:2": "has a signature of another digest",
        "web:again": "has a signature for another name",
    }
    for name, reason in table.items():
        refusal = signers.refusal(name)
        assert signers.is_accepted_by_skopeo(name) == (reason is None), name
        assert (refusal is None) == (reason is None), (name, refusal)
        assert reason is None or reason in str(refusal), (name, refusal)
    assert signers.is_accepted("theirs:1", "acme", "other")


def test_the_signatures_of_an_index(signers: Signers) -> None:
    signers.registry.push("many:1", AMD64, ARM64)
    signers.skopeo("many:1", "many:1", "--all")
    assert signers.is_accepted("many:1")
    assert signers.is_accepted_by_skopeo("many:1")
    # An index alone vouches for its manifests here; skopeo and podman ask of the one they take.
    index = signers.registry.push("top:1", AMD64, ARM64)
    signers.cosign("sign", [f"top@{index}"])
    assert signers.is_accepted("top:1")
    assert not signers.is_accepted_by_skopeo("top:1", "repository")
    # And all manifests vouch for the index, where it is not signed.
    signers.registry.push("below:1", AMD64, ARM64)
    signers.cosign("sign", [f"below@{AMD64.digest}"])
    assert f"{ARM64.digest[:19]} has no signature" in str(signers.refusal("below:1"))
    signers.cosign("sign", [f"below@{ARM64.digest}"])
    assert signers.is_accepted("below:1")
    assert signers.is_accepted_by_skopeo("below:1", "repository") is not signers.has_cosign_3


def test_podman_signs_what_it_pushes_and_accepts_what_is_accepted_here(
    signers: Signers,
    tag: str,  # noqa: ARG001 - pushed with it
) -> None:
    host = signers.registry.host
    pull = ("pull", "-q", "--tls-verify=false", "--signature-policy=any.json")
    for name, is_accepted in (("unsigned:1", False), ("theirs:1", False), ("web:1", True)):
        assert signers.podman(*pull, f"{host}/{name}") is is_accepted
        assert signers.is_accepted(name) is is_accepted
    assert signers.podman(
        *("push", "-q", "--tls-verify=false", "--remove-signatures"),
        "--sign-by-sigstore-private-key=acme.private",
        *("--sign-passphrase-file=password", f"{host}/web:1", f"{host}/pushed:1"),
    )
    assert signers.is_accepted("pushed:1")
    assert "by another key" in str(signers.refusal("pushed:1", "other"))


def test_cosign_names_the_repository_alone(signers: Signers) -> None:
    digest = signers.registry.push("cosigned:1", AMD64)
    signers.cosign("sign", [f"cosigned@{digest}"], "-a", "env=prod")
    assert signers.is_accepted("cosigned:1")
    assert signers.is_accepted("cosigned:1", annotations={"env": "prod"})
    assert not signers.is_accepted("cosigned:1", annotations={"env": "test"})
    assert "by another key" in str(signers.refusal("cosigned:1", "other"))
    # skopeo asks for a tag in the signature, unless its policy says otherwise.
    assert not signers.is_accepted_by_skopeo("cosigned:1")
    assert signers.is_accepted_by_skopeo("cosigned:1", "repository") is not signers.has_cosign_3


def test_the_bundles_of_cosign(signers: Signers) -> None:
    digest = signers.registry.push("built:1", AMD64)
    predicate = {"buildDefinition": {}, "runDetails": {"builder": {"id": "https://acme.example"}}}
    (signers.work / "predicate.json").write_text(json.dumps(predicate))
    about = ("--new-bundle-format", "--predicate", "predicate.json", "--type")
    signers.cosign("attest", [f"built@{digest}"], *about, "spdxjson")
    assert "an attestation of https://spdx.dev" in str(signers.refusal("built:1"))
    signers.cosign("attest", [f"built@{digest}"], *about, "slsaprovenance1")
    assert signers.is_accepted("built:1")
    assert not signers.is_accepted("built:1", "other")
