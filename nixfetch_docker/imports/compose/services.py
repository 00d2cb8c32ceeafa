"""The services that compose files define, with what they extend.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from ...base.redact import literal, quote
from ...base.table import Table
from ...base.values import dataclass, field
from ...errors import NixfetchError
from ..found.image import Findings, NotImportable
from ..yaml_files.tags import Override, is_reset
from .files import Files
from .mentions import image_mentions
from .texts import Texts
from .values import Service, Value, services_of

_KEYS = ("image", "platform", "build")
_DEEPEST = 50

# The files and the names of services that extend each other.
Chain: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A compose file: its name for messages, the directory of its paths, and its services."""

    label: str
    directory: Path
    services: Table
    done: dict[str, Service] = field(default_factory=dict)


class ServiceReader:
    """Reads the services of the files of one project; what is left out is told in `findings`."""

    def __init__(self, texts: Texts, files: Files, findings: Findings) -> None:
        self._texts = texts
        self._files = files
        self._findings = findings
        self._others: dict[Path, File] = {}

    def service(self, file: File, name: str, chain: Chain = ()) -> Service:
        """A service of a file, with what it extends; raises `NixfetchError`.

        `chain` has those that extend it.
        """
        if name in file.done:
            return file.done[name]
        table = file.services.table(name)
        if (file.label, name) in chain:
            raise NotImportable("it extends itself", hint="compose refuses that").at(table.path)
        if len(chain) > _DEEPEST:
            raise NotImportable(f"it extends more than {_DEEPEST} others").at(table.path)
        values: dict[str, Value] = {}
        extends = table.values.get("extends")
        if extends is not None and not is_reset(extends):
            try:
                base = self._extended(file, extends, (*chain, (file.label, name)))
            except NixfetchError as error:
                # Of a chain, the first and the last are named.
                raise error if chain else error.at(table.where("extends")) from None
            values.update(base.values)
        place = ": ".join(filter(None, [file.label, table.path]))
        for key in _KEYS:
            if (value := table.values.get(key)) is not None:
                where = ": ".join(filter(None, [file.label, table.where(key)]))
                try:
                    values[key] = self._texts.value(value, where)
                except NixfetchError as error:
                    raise error.at(table.where(key)) from None
        self._findings.problems.extend(at(one, file.label) for one in image_mentions(table))
        file.done[name] = Service(place, values, isinstance(table.values, Override))
        return file.done[name]

    def _extended(self, file: File, extends: Any, chain: Chain) -> Service:
        table = Table.of({"service": extends} if isinstance(extends, str) else extends)
        name = self._texts.text(str(table.values.get("service")))
        if table.values.get("file") is None:
            other = file
        else:
            path = self._texts.path(table.values["file"], file.directory)
            if path not in self._others:
                whole = table_of(quote(str(path)), self._files.document(path))
                self._others[path] = File(quote(str(path)), path.parent, services_of(whole))
            other = self._others[path]
        if name not in other.services.values:
            raise NotImportable(f"{other.label or 'this file'} has no service {literal(name)}")
        try:
            return self.service(other, name, chain)
        except NixfetchError as error:
            raise at(error, other.label if other is not file else "") from None


def table_of(label: str, document: Any) -> Table:
    """The table that a file has; raises `InvalidField`, which names the file."""
    try:
        return Table.of(document)
    except NixfetchError as error:
        raise at(error, label) from None


def at(error: NixfetchError, label: str) -> NixfetchError:
    """An error in a file with a label, or in the only one that is read, which has ""."""
    return error.at(label) if label else error
