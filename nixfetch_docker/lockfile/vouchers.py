"""The lock's record of who vouched for an image, and the same in words and for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..base import toml_writer
from ..base.regex import regex
from ..base.table import InvalidField, Table
from ..base.units import first
from ..oci.digest import Digest

if TYPE_CHECKING:
    from ..signatures.voucher import Voucher

KEY = "signed-by"
_FINGERPRINT = regex("[0-9a-f]{64}")
_HEX = 64
_SHOWN = 5


def read_vouchers(table: Table, digests: Collection[Digest]) -> tuple[Voucher, ...]:
    """The vouchers at `signed-by` of an image's entry in the lock; none where there is no such key.

    `digests` are those of the image. Raises `InvalidField` and the errors of the values.
    """
    if KEY not in table:
        return ()
    # By hash: a lock that somebody sends may have many.
    found: set[Voucher] = set()
    for entry in table.tables(KEY):
        voucher = _read(entry)
        if voucher.digest not in digests:
            raise InvalidField("this is no digest of the image").at(entry.where("digest"))
        if voucher in found:
            raise InvalidField("this is there twice").at(entry.path)
        found.add(voucher)
    if not found:
        raise InvalidField("it names nobody").at(table.where(KEY))
    return in_order(found)


def in_order(vouchers: Iterable[Voucher]) -> tuple[Voucher, ...]:
    """The vouchers in the order of the lock, each once: keys first, then identities, by name."""
    return tuple(
        sorted(
            set(vouchers),
            key=lambda one: (
                one.issuer is not None,
                one.signer,
                one.issuer or "",
                one.fingerprint or "",
                one.annotations,
                str(one.digest),
            ),
        )
    )


def to_toml(vouchers: Iterable[Voucher]) -> str:
    """The lines of the lock, one for each voucher."""
    lines = [f"  {toml_writer.inline_table(_entries(one))},\n" for one in vouchers]
    return "".join([f"{KEY} = [\n", *lines, "]\n"]) if lines else ""


def document(vouchers: Iterable[Voucher]) -> dict[str, Any]:
    """The vouchers for programs under their key, which is missing where there are none.

    The schemas in docs/reference describe them.
    """
    found = [_document(one) for one in vouchers]
    return {"signedBy": found} if found else {}


def signed_text(vouchers: Sequence[Voucher]) -> str:
    """Who signed, in words: `signed by keys/acme.pub`; "" where nobody is recorded."""
    names = list(dict.fromkeys(map(str, vouchers)))
    return f"signed by {first(names, _SHOWN)}" if names else ""


def _read(table: Table) -> Voucher:
    """A voucher of a key or of an identity."""
    # The room is for who demands signatures.
    from ..signatures.voucher import Voucher

    if "identity" in table:
        table.only("identity", "issuer", "fingerprint", "digest")
        return Voucher(
            signer=table.parse("identity", _text),
            issuer=table.parse("issuer", _text),
            fingerprint=(
                table.parse("fingerprint", _fingerprint) if "fingerprint" in table else None
            ),
            digest=table.parse("digest", Digest.parse),
        )
    table.only("key", "fingerprint", "annotations", "digest")
    annotations = table.table_or_empty("annotations")
    return Voucher(
        signer=table.parse("key", _text),
        fingerprint=table.parse("fingerprint", _fingerprint),
        annotations=tuple(
            sorted((name, annotations.require(name, str)) for name in annotations.values)
        ),
        digest=table.parse("digest", Digest.parse),
    )


def _text(text: str) -> str:
    if not text:
        raise InvalidField("it is empty")
    return text


def _fingerprint(text: str) -> str:
    if len(text) != _HEX or not _FINGERPRINT.fullmatch(text):
        raise InvalidField("it is no SHA-256 in lower-case hexadecimal digits")
    return text


def _entries(voucher: Voucher) -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in _document(voucher).items():
        if isinstance(value, dict):
            pairs = [(name, toml_writer.string(text)) for name, text in value.items()]
            entries.append((key, toml_writer.inline_table(pairs)))
        else:
            entries.append((key, toml_writer.string(value)))
    return entries


def _document(voucher: Voucher) -> dict[str, Any]:
    digest = {"digest": str(voucher.digest)}
    if voucher.issuer is not None:
        root = {"fingerprint": voucher.fingerprint} if voucher.fingerprint is not None else {}
        return {"identity": voucher.signer, "issuer": voucher.issuer, **root, **digest}
    more = {"annotations": dict(voucher.annotations)} if voucher.annotations else {}
    return {"key": voucher.signer, "fingerprint": voucher.fingerprint, **more, **digest}
