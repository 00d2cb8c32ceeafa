"""Other compose files, which those of a project name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...base import strict_json
from ...base.redact import literal, quote
from ...base.table import InvalidField
from ...errors import NixfetchError
from ..found.image import NotImportable, absent
from ..yaml_files.documents import RESOLVE, documents
from .surroundings import Surroundings

_DEEPEST = 50
_MOST_FILES = 200
_REMOTE = ("http://", "https://", "ssh://", "git://", "oci://", "git@", "github.com/")


class Files:
    """Reads other compose files, each once, and not more than are usual."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._included: list[Path] = []
        self._documents: dict[Path, Any] = {}
        self._count = 0

    @contextmanager
    def included(self, paths: Sequence[Path]) -> Iterator[list[tuple[str, Any]]]:
        """The files of a project that another one includes, each a label and its value.

        What is read inside of this is included by them. Raises `NixfetchError`.
        """
        if any(path in self._included for path in paths):
            raise NotImportable("it includes itself", hint="remove one of the includes")
        if len(self._included) > _DEEPEST:
            raise NotImportable(f"files include each other more than {_DEEPEST} deep", hint=RESOLVE)
        self._included.extend(paths)
        try:
            yield [(quote(str(path)), self.document(path)) for path in paths]
        finally:
            del self._included[-len(paths) :]

    def document(self, path: Path) -> Any:
        """The value of a file; raises `NixfetchError` with its path."""
        refuse_remote(str(path))
        self._count += 1
        if self._count > _MOST_FILES:
            raise NotImportable(f"more than {_MOST_FILES} files are included", hint=RESOLVE)
        if self._surroundings.read is None:
            raise NotImportable("it is in another file", hint=RESOLVE).at(quote(str(path)))
        try:
            if path not in self._documents:
                text = self._surroundings.text_of(path)
                is_json = path.suffix.lower() == ".json"
                read = strict_json.parse(text) if is_json else only(documents(text))
                self._documents[path] = read
        except NixfetchError as error:
            raise error.at(quote(str(path))) from None
        except FileNotFoundError:
            raise absent(path) from None
        return self._documents[path]


def refuse_remote(path: str) -> None:
    """Raise `NotImportable` for a path that is an address."""
    if path.startswith(_REMOTE):
        raise NotImportable(f"{literal(path)} is not on this machine", hint=RESOLVE)


def only(values: Sequence[Any]) -> Any:
    """The value of the one document of a compose file; raises `InvalidField` for several."""
    if len(values) > 1:
        raise InvalidField(f"expected one document of YAML, found {len(values)}").at("the document")
    return values[0] if values else None
