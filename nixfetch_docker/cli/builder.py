"""The arguments of `fetch-blob` as a derivation passes them, read without the parser.

A build starts one process for each blob, and the parser of all commands would take a tenth of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace

COMMAND = "fetch-blob"
_PATHS = ("--output", "--ca-file")
_VALUED = (*_PATHS, "--registries", "--size")
_LONGEST = 20
_FLAG = "--manifest"


def parse(words: Sequence[str]) -> SimpleNamespace | None:
    """The arguments that follow the program's name, as the parser has them.

    None for any other command, and for every word that the parser may read differently.
    """
    if not words or words[0] != COMMAND:
        return None
    from pathlib import Path
    from types import SimpleNamespace

    from .commands import fetch_blob

    found: dict[str, object] = {"manifest": False, "ca_file": None, "size": None, "output": None}
    found |= {"registries": "{}", "quiet": False, "verbose": False, "run": fetch_blob.run}
    names: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word == _FLAG:
            found["manifest"] = True
        elif word in _VALUED:
            value = next(rest, "-")
            if value.startswith("-"):
                return None
            found[word.removeprefix("--").replace("-", "_")] = (
                Path(value) if word in _PATHS else value
            )
        elif word.startswith("-"):
            return None
        else:
            names.append(word)
    size = found["size"]
    if isinstance(size, str):
        if not (size.isascii() and size.isdigit() and len(size) < _LONGEST):
            return None
        found["size"] = int(size)
    if len(names) != 2 or found["output"] is None:
        return None
    return SimpleNamespace(repository=names[0], digest=names[1], **found)
