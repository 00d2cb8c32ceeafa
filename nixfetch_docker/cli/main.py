"""The program: runs one command, and turns errors and signals into exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from ..errors import NixfetchError, UsageError
from . import console, process
from .parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with the arguments `argv`, by default those of this process.

    Returns the exit status: 0 for success, 1 for an error, 2 for wrong usage, 3 where `--check`
    found changes. With `NIXFETCH_DEBUG` in the environment, an error shows its traceback.
    """
    process.open_closed_streams()
    process.raise_on_signals()
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        console.set_level(quiet=arguments.quiet, verbose=arguments.verbose)
        status: int = arguments.run(arguments)
    except UsageError as error:
        console.error(error)
        return 2
    except NixfetchError as error:
        if os.environ.get("NIXFETCH_DEBUG"):
            raise
        console.error(error)
        return 1
    except KeyboardInterrupt as interrupt:
        with suppress(OSError):  # the terminal may be gone
            console.error("interrupted; no file was left half-written")
        process.die_by_signal(interrupt)
    except BrokenPipeError:
        # The reader stopped early, as `head` does. Python flushes stdout once more at exit, which
        # must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
