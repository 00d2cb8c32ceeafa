"""The requirements of policy.json: what a signature of an image must be.

https://github.com/containers/image/blob/v5.34.2/docs/containers-policy.json.5.md#policy-requirements
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Self

from ..base.redact import literal
from ..base.table import InvalidField, Table
from ..base.values import dataclass
from .bundle import decode_base64
from .signed_identity import SignedIdentity
from .strict_object import only, typed

_KEYS = ("keyPath", "keyPaths", "keyData", "keyDatas")
_REKOR = (
    *("rekorPublicKeyPath", "rekorPublicKeyPaths"),
    *("rekorPublicKeyData", "rekorPublicKeyDatas"),
)
_GPG_KEY_TYPES = ("GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs")


class Type(Enum):
    """The requirements of policy.json, as it calls them."""

    ACCEPT = "insecureAcceptAnything"
    REJECT = "reject"
    SIGNED_BY = "signedBy"
    SIGNED_BASE_LAYER = "signedBaseLayer"
    SIGSTORE_SIGNED = "sigstoreSigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """A public key of a policy: the `path` of its file, or else its bytes, in PEM.

    `where` is the dotted path of the value.
    """

    where: str
    path: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRequirement:
    """A requirement of a policy, at the dotted path `where`.

    Of `Type.SIGSTORE_SIGNED`: a signature by any of `keys`, with a name that `identity` accepts.
    `unsupported` says what of it nixfetch-docker cannot check, if anything.
    """

    type: Type
    where: str
    keys: tuple[KeySource, ...] = ()
    identity: SignedIdentity = SignedIdentity()
    unsupported: str = ""

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read a requirement; raises `NixfetchError`."""
        type_ = typed(table, Type, "requirement")
        if type_ is Type.SIGSTORE_SIGNED:
            return cls(
                type=type_,
                where=table.path,
                keys=_keys(table),
                identity=_identity(table),
                unsupported=_check_sigstore(table),
            )
        unsupported = ""
        if type_ is Type.SIGNED_BY:
            only(table, "type", "keyType", *_KEYS[:3], "signedIdentity")
            _check_gpg(table)
            _identity(table)
            unsupported = "a signature by GPG (signedBy)"
        elif type_ is Type.SIGNED_BASE_LAYER:
            only(table, "type", "baseLayerIdentity")
            SignedIdentity.from_table(table.table("baseLayerIdentity"))
            unsupported = "a signed base layer (signedBaseLayer), which no program checks"
        else:
            only(table, "type")
        return cls(type=type_, where=table.path, unsupported=unsupported)


def _check_sigstore(table: Table) -> str:
    """What of a sigstoreSigned cannot be checked here, or ""; raises `InvalidField`."""
    only(table, "type", *_KEYS, "fulcio", "pki", *_REKOR, "signedIdentity")
    sources = _given(table, (*_KEYS, "fulcio", "pki"))
    logs = _given(table, _REKOR)
    if len(sources) != 1:
        raise InvalidField(
            f"expected one of {', '.join(_KEYS)}, fulcio and pki, found "
            f"{' and '.join(sources) or 'none'}"
        ).at(table.path)
    for key in _REKOR:
        _keys_at(table, key)
    if len(logs) > 1:
        raise InvalidField(f"expected one of {', '.join(_REKOR)}, found {len(logs)}").at(table.path)
    if "fulcio" in table:
        _check_fulcio(table.table("fulcio"))
        if not logs:
            raise InvalidField(
                "a fulcio needs the public key of a rekor", hint=f"write {_REKOR[0]}"
            ).at(table.path)
        return "a certificate of a Fulcio (fulcio)"
    if "pki" in table:
        _check_pki(table.table("pki"))
        if logs:
            raise InvalidField("a pki has no rekor", hint="remove one of the two").at(
                table.where(logs[0])
            )
        return "a certificate of a PKI (pki)"
    return f"an entry in a transparency log ({logs[0]})" if logs else ""


def _identity(table: Table) -> SignedIdentity:
    if "signedIdentity" not in table:
        return SignedIdentity()
    return SignedIdentity.from_table(table.table("signedIdentity"))


def _given(table: Table, keys: Iterable[str]) -> list[str]:
    """Those of the keys that are there. The empty path of one key counts as none."""
    return [
        key
        for key in keys
        if key in table and not (key.endswith("Path") and table.get(key, str) == "")
    ]


def _keys(table: Table) -> tuple[KeySource, ...]:
    return tuple(source for key in _KEYS for source in _keys_at(table, key))


def _keys_at(table: Table, key: str) -> list[KeySource]:
    """The keys at a key of the table, which has one or several.

    The empty path of one key is none. Among several it names no file, as for podman.
    """
    where = table.where(key)
    if key not in table:
        return []
    if not key.endswith("s"):
        text = table.require(key, str)
        texts = [(where, text)] if text or "Data" in key else []
    else:
        texts = [(f"{where}[{place}]", text) for place, text in enumerate(table.strings(key) or ())]
        if not texts:
            raise InvalidField("it names no key").at(where)
    if "Data" in key:
        return [KeySource(where=place, data=_decode(text, place)) for place, text in texts]
    return [KeySource(where=place, path=text) for place, text in texts]


def _check_gpg(table: Table) -> None:
    """Raise where a signedBy is none that containers/image takes."""
    key_type = table.require("keyType", str)
    if key_type not in _GPG_KEY_TYPES:
        raise InvalidField(
            f"{literal(key_type)} is not a type of keys",
            hint=f"known are {', '.join(_GPG_KEY_TYPES)}",
        ).at(table.where("keyType"))
    if len([key for key in _KEYS[:3] if key in table]) != 1:
        raise InvalidField(f"expected one of {', '.join(_KEYS[:3])}").at(table.path)
    if table.get("keyPath", str) == "":
        raise InvalidField("the path is empty").at(table.where("keyPath"))
    table.strings("keyPaths")
    if "keyData" in table:
        _decode(table.require("keyData", str), table.where("keyData"))


def _check_fulcio(table: Table) -> None:
    only(table, "caPath", "caData", "oidcIssuer", "subjectEmail")
    _check_one_of(table, "caPath", "caData")
    for key in ("oidcIssuer", "subjectEmail"):
        if not table.require(key, str):
            raise InvalidField("it is empty").at(table.where(key))


def _check_pki(table: Table) -> None:
    roots = ("caRootsPath", "caRootsData")
    intermediates = ("caIntermediatesPath", "caIntermediatesData")
    subjects = ("subjectEmail", "subjectHostname")
    only(table, *roots, *intermediates, *subjects)
    _check_one_of(table, *roots)
    if any(key in table for key in intermediates):
        _check_one_of(table, *intermediates)
    texts = [table.get(key, str) for key in subjects]
    if not any(texts):
        raise InvalidField(f"expected one of {' and '.join(subjects)}").at(table.path)


def _check_one_of(table: Table, path: str, data: str) -> None:
    is_path = bool(table.get(path, str))
    text = table.get(data, str)
    if is_path == (text is not None):
        raise InvalidField(f"expected one of {path} and {data}").at(table.path)
    if text is not None:
        _decode(text, table.where(data))


def _decode(text: str, where: str) -> bytes:
    found = decode_base64(text.replace("\n", "").replace("\r", ""))
    if found is None:
        raise InvalidField("this is not base64", hint="write what `base64 -w0` prints").at(where)
    return found
