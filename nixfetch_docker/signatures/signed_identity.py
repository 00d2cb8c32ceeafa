"""`signedIdentity` of policy.json: the names that a signature may have for an image.

https://github.com/containers/image/blob/v5.34.2/docs/containers-policy.json.5.md#sigstoresigned
"""

from __future__ import annotations

from enum import Enum
from typing import Self

from ..base.redact import literal
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from ..oci.reference import Reference
from .strict_object import only, typed

# A host, or a host and a path: what a prefix of remapIdentity may be. containers/image takes no
# address of IPv6 there.
_LABEL = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PREFIX = regex(rf"{_HOST}(?:/{_COMPONENT})*")


class Kind(Enum):
    """The rules by which a signature's name is compared, as policy.json calls them."""

    MATCH_EXACT = "matchExact"
    MATCH_REPO_DIGEST_OR_EXACT = "matchRepoDigestOrExact"
    MATCH_REPOSITORY = "matchRepository"
    EXACT_REFERENCE = "exactReference"
    EXACT_REPOSITORY = "exactRepository"
    REMAP_IDENTITY = "remapIdentity"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIdentity:
    """A rule for the name in a signature.

    `given` is the name that the rule itself has, `prefix` and `signed_prefix` are those of
    `remapIdentity`.
    """

    kind: Kind = Kind.MATCH_REPO_DIGEST_OR_EXACT
    given: Reference | None = None
    prefix: str = ""
    signed_prefix: str = ""

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a rule; raises `InvalidField` and `InvalidReference`."""
        kind = typed(table, Kind, "rule for names")
        if kind is Kind.EXACT_REFERENCE:
            only(table, "type", "dockerReference")
            given = table.parse("dockerReference", Reference.parse)
            if given == given.name:
                raise InvalidField("it has neither a tag nor a digest", hint="add one").at(
                    table.where("dockerReference")
                )
            return cls(kind=kind, given=given)
        if kind is Kind.EXACT_REPOSITORY:
            only(table, "type", "dockerRepository")
            return cls(kind=kind, given=table.parse("dockerRepository", Reference.parse).name)
        if kind is Kind.REMAP_IDENTITY:
            only(table, "type", "prefix", "signedPrefix")
            return cls(
                kind=kind,
                prefix=table.parse("prefix", _parse_prefix),
                signed_prefix=table.parse("signedPrefix", _parse_prefix),
            )
        only(table, "type")
        return cls(kind=kind)

    def accepts(self, asked: Reference, name: Reference | None) -> bool:
        """Whether a signature with this name is one for the image `asked`.

        Of an `asked` with both a tag and a digest the digest counts, as for podman. A signature
        without a name is one for none.
        """
        if name is None:
            return False
        if asked.digest is not None:
            asked = replace(asked, tag=None)
        if self.kind in {Kind.MATCH_REPOSITORY, Kind.EXACT_REPOSITORY}:
            return name.name == (self.given or asked.name)
        if name == name.name:
            # All other rules want a tag or a digest; cosign itself writes none.
            return False
        if self.kind in {Kind.MATCH_EXACT, Kind.EXACT_REFERENCE}:
            return name == (self.given or asked)
        wanted = self._remapped(asked)
        if wanted is None or wanted.tag is not None:
            return name == wanted
        # The digest itself is compared elsewhere: it is that of the payload.
        return name.name == wanted.name

    def _remapped(self, asked: Reference) -> Reference | None:
        """`asked` with the one prefix for the other, or None where that is no full name."""
        text = str(asked.name)
        if text != self.prefix and not text.startswith(f"{self.prefix}/"):
            return asked
        remapped = f"{self.signed_prefix}{text[len(self.prefix) :]}"
        try:
            found = Reference.parse(remapped)
        except NixfetchError:
            return None
        if str(found) != remapped:
            return None
        return replace(found, tag=asked.tag, digest=asked.digest)


def _parse_prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise InvalidField(
            f"{literal(text)} is not the beginning of an image's name",
            hint="write a host, or a host and a path, as in example.org/mirror",
        )
    return text
