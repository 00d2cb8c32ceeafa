"""Who is to vouch for an image: the keys `signed-by` and `signed-by-all` of images.toml."""

from __future__ import annotations

from typing import Self, TypeAlias

from ..base import toml_writer
from ..base.table import InvalidField, Table
from ..base.values import dataclass
from ..endpoints.settings import RegistrySettings, parse_path
from ..errors import placed

_ANY, _ALL = "signed-by", "signed-by-all"
KEYS = (_ANY, _ALL)
_KEY_ITEM = ("key", "annotations")
_IDENTITY_ITEM = ("identity", "issuer", "trusted-root")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyItem:
    """The owner of a public key, whose file is named relative to images.toml.

    A signature must have the `annotations`, which are sorted. An item that `is_table` was written
    as one, also where the file alone would do.
    """

    file: str
    annotations: tuple[tuple[str, str], ...] | None = None
    is_table: bool = False

    @property
    def name(self) -> str:
        """The text by which the lock names the signer."""
        return self.file

    def to_toml(self) -> str:
        """The item as it was written."""
        if not self.is_table:
            return toml_writer.string(self.file)
        values = [("key", toml_writer.string(self.file))]
        if self.annotations is not None:
            pairs = [(name, toml_writer.string(value)) for name, value in self.annotations]
            values.append(("annotations", toml_writer.inline_table(pairs) if pairs else "{}"))
        return toml_writer.inline_table(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityItem:
    """An identity for which an `issuer` vouches in a certificate.

    `trusted_root` is the file of the root of trust, named relative to images.toml; None for that
    of the public instance of sigstore.
    """

    identity: str
    issuer: str
    trusted_root: str | None = None

    @property
    def name(self) -> str:
        """The text by which the lock names the signer."""
        return self.identity

    def to_toml(self) -> str:
        """The item as it was written."""
        values = {"identity": self.identity, "issuer": self.issuer}
        if self.trusted_root is not None:
            values["trusted-root"] = self.trusted_root
        return toml_writer.inline_table(
            (name, toml_writer.string(text)) for name, text in values.items()
        )


Item: TypeAlias = KeyItem | IdentityItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """The demand that any of the `items` vouches for an image or, with `every`, each of them.

    Without an item, it says that nobody needs to.
    """

    items: tuple[Item, ...]
    every: bool = False

    @classmethod
    def from_table(cls, table: Table) -> Self | None:
        """Read `signed-by` or `signed-by-all`; None where there is neither.

        Raises `InvalidField` and the errors of the values.
        """
        key = next((key for key in (_ALL, _ANY) if key in table), None)
        if key is None:
            return None
        if key == _ALL and _ANY in table:
            raise InvalidField(
                f"{_ANY!r} stands beside it", hint="write either: any of them, or all of them"
            ).at(table.where(_ALL))
        items = tuple(_item(item, where) for where, item in table.items(key))
        if key == _ALL and not items:
            raise InvalidField(
                "it names nobody", hint=f"write {_ANY} = [] to ask for no signature"
            ).at(table.where(_ALL))
        first: dict[Item, int] = {}
        for position, item in enumerate(items):
            if first.setdefault(item, position) != position:
                raise InvalidField("this is there twice", hint="remove one of the two").at(
                    f"{table.where(key)}[{position}]"
                )
        return cls(items=items, every=key == _ALL)

    @property
    def key(self) -> str:
        """The key under which it stands."""
        return _ALL if self.every else _ANY

    def to_toml(self) -> tuple[str, str]:
        """The key with its value, in TOML."""
        return self.key, f"[{', '.join(item.to_toml() for item in self.items)}]"


def parse_name(text: str) -> str:
    """Read an identity, its issuer or the name of an annotation; raises `InvalidField`."""
    if not text or "\0" in text:
        what = "it has the character U+0000" if text else "it is empty"
        raise InvalidField(what, hint="write it as it is in the signature")
    return text


def parse_key_file(text: str) -> str:
    """Read the name of the file of a public key; raises `InvalidField`."""
    parse_path(text)
    return text


def read_item(table: Table) -> Item:
    """Read an item that is a table; raises `InvalidField` and the errors of the values."""
    table.only(*_KEY_ITEM, *_IDENTITY_ITEM)
    own, others = (_KEY_ITEM, _IDENTITY_ITEM) if "key" in table else (_IDENTITY_ITEM, _KEY_ITEM)
    strange = next((key for key in others if key in table), None)
    if strange is not None:
        raise InvalidField(
            f"it does not belong to {own[0]!r}",
            hint="an item has a key and perhaps annotations, or an identity and its issuer",
        ).at(table.where(strange))
    if "key" in table:
        return KeyItem(
            file=table.parse("key", parse_key_file),
            annotations=_annotations(table.table("annotations"))
            if "annotations" in table
            else None,
            is_table=True,
        )
    return IdentityItem(
        identity=table.parse("identity", parse_name, hint='write key = "FILE" for a key'),
        issuer=table.parse("issuer", parse_name, hint="write who vouches for the identity"),
        trusted_root=(
            table.parse("trusted-root", parse_key_file) if "trusted-root" in table else None
        ),
    )


def read_registry(table: Table) -> tuple[RegistrySettings, SignedBy | None]:
    """Read the table of a registry: its settings, and who is to vouch for its images.

    Raises `InvalidField` and the errors of the values.
    """
    settings = {key: value for key, value in table.values.items() if key not in KEYS}
    return RegistrySettings.from_table(Table(settings, table.path)), SignedBy.from_table(table)


def _annotations(table: Table) -> tuple[tuple[str, str], ...]:
    for name in table.values:
        with placed(table.where(name)):
            parse_name(name)
    return tuple(sorted((name, table.require(name, str)) for name in table.values))


def _item(item: str | Table, where: str) -> Item:
    if isinstance(item, Table):
        return read_item(item)
    with placed(where):
        return KeyItem(file=parse_key_file(item))
