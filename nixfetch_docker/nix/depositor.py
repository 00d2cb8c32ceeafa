"""The process that a `Deposit` leaves behind: it has Nix add the blobs of a file on stdin.

It is a script of the standard library alone, and of what loads quickly. The files that Nix reads
exist only while it runs, so that a kill of the command at any moment leaves none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO

ALGORITHMS = ("sha256", "sha512")


def main(arguments: Sequence[str]) -> None:
    """Add the blobs to the store. `arguments`: a directory for files, `nix-store`, its options."""
    parent, nix, *options = arguments
    directory = os.path.join(parent, f"nixfetch-docker-{os.getpid()}")  # noqa: PTH118
    os.mkdir(directory, 0o700)  # noqa: PTH102
    try:
        names = list(_write(sys.stdin.buffer, directory))
        os.chdir(directory)
        for algorithm in ALGORITHMS:
            some = [name for name in names if name.startswith(f"{algorithm}-")]
            if some:
                command = [nix, "--add-fixed", algorithm, *some, *options]
                os.waitpid(os.posix_spawn(nix, command, os.environ), 0)
    finally:
        for name in os.listdir(directory):  # noqa: PTH208
            os.unlink(os.path.join(directory, name))  # noqa: PTH108, PTH118
        os.rmdir(directory)  # noqa: PTH106


def _write(blobs: BinaryIO, directory: str) -> Iterator[str]:
    """Write each blob to a file of its name; yield the names. Each has a line: name and size."""
    while line := blobs.readline():
        name, size = line.decode().split()
        with open(os.path.join(directory, name), "wb") as file:  # noqa: PTH118, PTH123
            file.write(blobs.read(int(size)))
        yield name


if __name__ == "__main__":
    main(sys.argv[1:])
