"""Images in modules that Nix files import, and that nobody named."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

from ...base.redact import quote
from ...errors import NixfetchError
from ..found.image import Findings, NotImportable
from .images import find_in_nix

# Files that are read for one run. A system of several machines has some dozens.
_MOST = 200


class UnnamedModules:
    """Tells modules with images that are imported by Nix files, and that nobody named.

    `named` are the paths of the files that are read anyway. `text_of` returns the text of another
    file; it raises `FileNotFoundError` and `NixfetchError`. Each file is read and told once.
    """

    def __init__(self, named: Collection[Path], text_of: Callable[[Path], str]) -> None:
        self._known = set(map(_whole, named))
        self._text_of = text_of
        self._count = 0

    def tell(self, findings: Findings, directory: Path) -> Findings:
        """What is said of the modules of `findings`, and of those that they import.

        Their paths begin at `directory`.
        """
        told = Findings()
        waiting = [(module, directory) for module in findings.modules]
        while waiting:
            module, home = waiting.pop(0)
            path = Path(os.path.normpath(home / module.path))
            places = _places(path)
            if not self._known.isdisjoint(map(_whole, places)):
                continue
            self._known.add(_whole(path))
            if self._count == _MOST:
                many = NotImportable(
                    f"it imports more than {_MOST} files, and the others were not read",
                    hint="name those that have containers",
                )
                told.problems.append(many.at(module.place))
                break
            self._count += 1
            try:
                place, text = self._read(places)
                inside = find_in_nix(text.removeprefix("\ufeff")).at(quote(str(place)))
            except FileNotFoundError:
                told.left_out.append(
                    f"{module.place}: it imports {quote(str(path))}, which is not there, so its "
                    "images are not known"
                )
                continue
            except NixfetchError as error:
                told.problems.append(_unread(path, error).at(module.place))
                continue
            self._known.add(_whole(place))
            if not (inside.images or inside.problems):
                told.left_out.extend(inside.left_out)
            else:
                unnamed = NotImportable(
                    f"it imports {quote(str(place))}, which mentions images and was not named",
                    hint="name it too",
                )
                told.problems.append(unnamed.at(module.place))
            waiting += [(one, place.parent) for one in inside.modules]
        return told

    def _read(self, places: tuple[Path, ...]) -> tuple[Path, str]:
        """The first of several files that is there, and its text."""
        first: Exception | None = None
        for place in places:
            try:
                return place, self._text_of(place)
            except FileNotFoundError as error:
                first = first or error
            except NixfetchError as error:
                # A directory cannot be read, and a file in it can.
                first = first or error
                if place != places[0]:
                    raise
        raise first or FileNotFoundError


def _unread(path: Path, error: NixfetchError) -> NixfetchError:
    """The error about a module, placed at its path."""
    return error if str(path) in error.places else error.at(quote(str(path)))


def _places(path: Path) -> tuple[Path, ...]:
    """Where the text of a module may be: in a file, or in that of a directory."""
    return (path,) if path.suffix == ".nix" else (path, path / "default.nix")


def _whole(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))
