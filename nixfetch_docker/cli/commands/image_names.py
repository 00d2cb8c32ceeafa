"""`image-names`: the names in images.toml, for the completion of a command line."""

from __future__ import annotations

import argparse
import os
import shlex
from contextlib import suppress
from pathlib import Path

from .. import console, options


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `image-names`."""
    parser.add_argument("line", metavar="LINE", help="the command line as far as it is typed")


def run(arguments: argparse.Namespace) -> int:
    """Print the names in the order of the file. Prints no error, which would disturb the typing."""
    from ...base import files, toml
    from ...errors import NixfetchError
    from ...lockfile.image_name import parse_image_name

    path = images_file(arguments.line)
    if not path.is_file():  # a pipe or a terminal would have to be waited for
        return 0
    with suppress(NixfetchError, OSError):
        document = toml.parse(files.read(path))
        for name, _ in document.table_or_empty("images").subtables(parse_image_name):
            console.result(name)
    return 0


def images_file(line: str) -> Path:
    """The images.toml that a command line means: its `--file`, or else the nearest one."""
    from ...lockfile.search import find_images

    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    options.add_file(parser)
    try:
        path: Path | None = parser.parse_known_args(_words(line))[0].file
    except argparse.ArgumentError:  # `--file` is the last word
        path = None
    if path is None:
        return find_images()
    return Path(os.path.expanduser(path))  # noqa: PTH111 - raises nothing for an unknown user


def _words(line: str) -> list[str]:
    """The words after the program's name, without those of a command before it."""
    try:
        words = shlex.split(line)
    except ValueError:  # a quotation is still open
        words = line.split()
    starts = [index for index, word in enumerate(words) if Path(word).name == console.PROGRAM]
    return words[starts[-1] + 1 :] if starts else words
