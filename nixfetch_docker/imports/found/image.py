"""The images that were found in a file, and the errors about those that cannot be imported."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from ...base.redact import quote
from ...base.values import dataclass, field, replace
from ...errors import NixfetchError
from ...oci.digest import Digest
from ...oci.platform import Platform
from ...oci.reference import Reference

# What to do about an image that is told.
ADD_IT = "add the image to images.toml yourself"


class NotImportable(NixfetchError):
    """An image that cannot be taken over into images.toml.

    `image` is its name, or "" where the file does not say it. `is_local` says that it is made on
    this machine, so that it belongs to no images.toml.
    """

    def __init__(
        self, what: str, *, hint: str = "", image: str = "", is_local: bool = False
    ) -> None:
        super().__init__(what, hint=hint)
        self.image = image
        self.is_local = is_local


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """An image that a file names.

    `place` is the position in the file, for messages. `name` is the name that the file gives it.
    `config` is the digest of its config, where the file pins that instead of a manifest;
    `manifest` is the path of another file with its manifest, or "".
    `plain_http` says that the file reaches its registry by HTTP without TLS. `remark` is a
    sentence for the user, or "". `is_tag_assumed` says that the tag is the default one of what
    pulls the image, and that the file does not name it.
    """

    place: str
    name: str
    reference: Reference
    platform: Platform | None = None
    config: Digest | None = None
    manifest: str = ""
    plain_http: bool = False
    remark: str = ""
    is_tag_assumed: bool = False

    def pinned(self, digest: Digest, platform: Platform | None) -> Self:
        """The same image, pinned by its manifest's digest instead of its config's."""
        reference = replace(self.reference, digest=digest)
        return replace(self, reference=reference, platform=platform, config=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A name of images.toml that a file has at `place`, such as that of a container's `locked`.

    Where it is not `is_certain`, it may also be the name of something else.
    """

    place: str
    name: str
    is_certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """Another file that a Nix file imports at `place`, by its `path` from there."""

    place: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The images that files name, and the errors about those that cannot be imported.

    `left_out` has a sentence, with its place, for each part of a file that names no image. `uses`
    are of files that have an images.toml already. `modules` were not read.
    """

    images: list[FoundImage] = field(default_factory=list)
    problems: list[NixfetchError] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Append the findings of another file."""
        self.images.extend(other.images)
        self.problems.extend(other.problems)
        self.left_out.extend(other.left_out)
        self.uses.extend(other.uses)
        self.modules.extend(other.modules)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found, and nothing is told."""
        return not (self.images or self.problems or self.left_out)

    def at(self, place: str) -> Self:
        """The same, with a place around those of everything that was found."""
        return replace(
            self,
            images=[replace(one, place=_joined(place, one.place)) for one in self.images],
            problems=[error.at(place) for error in self.problems],
            left_out=[f"{place}: {text}" for text in self.left_out],
            uses=[replace(one, place=_joined(place, one.place)) for one in self.uses],
            modules=[replace(one, place=_joined(place, one.place)) for one in self.modules],
        )


def _joined(place: str, inner: str) -> str:
    return ": ".join(filter(None, [place, inner]))


def parse_pulled(text: str) -> Reference:
    """Read a reference as docker or podman pull it, with the tag `latest` where it has none.

    Raises `NotImportable` for a name that no registry has, and `InvalidReference`.
    """
    reference = Reference.parse(text).tagged
    if reference.registry == "localhost":
        raise NotImportable(
            f"{reference} is podman's name for an image that was built on this machine",
            hint="push it to a registry, or build it with Nix",
            image=text,
            is_local=True,
        )
    return reference


def absent(path: Path) -> NotImportable:
    """The error about a file that a person or another file names, and that is not there."""
    return NotImportable("there is no such file", hint="check its name").at(quote(str(path)))
