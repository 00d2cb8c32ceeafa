"""The programs that people sign images with, and what they and this program accept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from support.newer_debian import NewerDebian
from support.registry import Registry
from support.signing import SigningKey

from nixfetch_docker.oci.manifest import Index
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.registry.client import connect
from nixfetch_docker.signatures.policy_file import PolicyError, PolicyFile
from nixfetch_docker.signatures.public_key import PublicKey
from nixfetch_docker.signatures.signer import KeySigner, Requirement
from nixfetch_docker.signatures.verification import NotSigned, verify

_PASSWORD = {"COSIGN_PASSWORD": "secret"}
_PLAIN = ("--src-tls-verify=false", "--dest-tls-verify=false")


class Signers:
    """skopeo, podman and cosign of the newer Debian with the keys `acme` and `other`."""

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
        for name, rules in self._policies().items():
            policy = {"default": [{"type": "reject"}], "transports": {"docker": {"": rules}}}
            self.work.joinpath(f"{name}.json").write_text(json.dumps(policy))

    def _policies(self) -> dict[str, list[dict[str, Any]]]:
        """The rules of each policy.json, by its name."""
        host = self.registry.host
        keys = [str(self.work / f"{name}.pub") for name in ("acme", "other")]

        def signed_by(key: str, kind: str = "", **more: str) -> dict[str, Any]:
            rule = {"type": "sigstoreSigned", "keyPath": key}
            return {**rule, "signedIdentity": {"type": kind, **more}} if kind else rule

        acme = keys[0]
        remapped = {"prefix": f"{host}/moved", "signedPrefix": f"{host}/web"}
        return {
            "acme": [signed_by(acme)],
            "either": [{"type": "sigstoreSigned", "keyPaths": keys}],
            "both": [signed_by(key) for key in keys],
            "exact": [signed_by(acme, "matchExact")],
            "repository": [signed_by(acme, "matchRepository")],
            "remapped": [signed_by(acme, "remapIdentity", **remapped)],
            "web": [signed_by(acme, "exactRepository", dockerRepository=f"{host}/web")],
            "web1": [signed_by(acme, "exactReference", dockerReference=f"{host}/web:1")],
            "anything": [{"type": "insecureAcceptAnything"}],
            "nothing": [{"type": "reject"}],
        }

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

    def give(self, name: str, key: SigningKey) -> None:
        """Give cosign a key of its own under a name, as `acme` and `other` are."""
        plain = self.work / f"{name}.pem"
        plain.write_bytes(key.traditional_pem)
        arguments = ("--key", plain.name, "--output-key-prefix", name)
        self._debian.output("cosign", "import-key-pair", *arguments, env=_PASSWORD)
        (self.work / f"{name}.key").rename(self.work / f"{name}.private")

    def cosign(self, command: str, names: Sequence[str], *options: str, key: str = "acme") -> None:
        """Run a command of cosign that signs something about images, named by their digests."""
        # What to log where would be in a file that it fetches.
        more = ["--use-signing-config=false"] if self.has_cosign_3 else []
        self._debian.output(
            *("cosign", command, "--key", f"{key}.private", "--yes", "--tlog-upload=false"),
            *("--allow-http-registry", *more, *options),
            *(f"{self.registry.host}/{name}" for name in names),
            env=_PASSWORD,
        )

    def move(self, source: str, target: str) -> None:
        """Copy a manifest with all it names to another tag, as who can write to it may do."""
        self._debian.output(
            *("skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", *_PLAIN),
            *(f"docker://{self.registry.host}/{name}" for name in (source, target)),
        )

    def is_accepted_by_skopeo(self, name: str, policy: str = "acme") -> bool:
        """Whether skopeo copies an image under a policy.json."""
        target = f"dir:{name.replace('/', '-').replace(':', '-')}-{policy}"
        done = self._debian.run(
            *("skopeo", "--policy", f"{policy}.json", "copy", "--quiet", "--src-tls-verify=false"),
            *(f"docker://{self.registry.host}/{name}", target),
        )
        assert done.returncode == 0 or "Source image rejected" in done.stderr, done.stderr
        return done.returncode == 0

    def is_accepted_by_policy(self, name: str, policy: str = "acme") -> bool:
        """Whether an image is accepted here under the same policy.json."""
        reference = Reference.parse(f"{self.registry.host}/{name}")
        file = PolicyFile(self.work / f"{policy}.json", is_named=True)
        try:
            for requirement in file.demand(reference):
                _verify(reference, requirement)
        except (NotSigned, PolicyError):
            return False
        return True

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
        try:
            _verify(reference, Requirement(signers=signers))
        except NotSigned as error:
            return str(error)
        return None


def _verify(reference: Reference, requirement: Requirement) -> None:
    with connect(anonymous=True) as client:
        content = client.registries.manifest(reference)
        top = content.document
        entries = top.manifests if isinstance(top, Index) else ()
        digests = [content.digest, *(entry.digest for entry in entries)]
        verify(client.registries, reference, digests, requirement)
