"""The command line: which command runs, with which arguments."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType

from .. import __version__
from ..errors import NixfetchError, UsageError
from . import console, options, process
from .commands import SUITE, add, check, completion, fetch_blob, prefetch, show, update


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 an error, 2 wrong usage."""
    process.open_closed_streams()
    process.end_orderly()
    arguments = _parser().parse_args(argv)
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
        with suppress(OSError):
            # The terminal may be gone.
            console.error("interrupted; no file was left half-written")
        process.die_of(interrupt)
    except BrokenPipeError:
        # The reader has seen enough (`| head`); there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=console.PROGRAM,
        description="Pin container images in images.lock.toml, and fetch them layer by layer.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, module: ModuleType, prefix: str = "") -> argparse.ArgumentParser:
        text: str = getattr(module, f"{prefix}HELP")
        made = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"example: {getattr(module, f'{prefix}EXAMPLE')}",
        )
        made.set_defaults(run=module.run)
        options.add_level(made)
        return made

    update.configure(command("update", update))
    update.configure_lock(command("lock", update, "LOCK_"))
    add.configure(command("add", add))
    show.configure(command("show", show))
    check.configure(command("check", check))
    prefetch.configure(command("prefetch", prefetch))
    fetch_blob.configure(command("fetch-blob", fetch_blob))
    for name, module in SUITE.items():
        module.configure(command(name, module))
    completion.configure(command("completion", completion), parser)
    completion.configure_manual(command("manual", completion, "MANUAL_"), parser)
    return parser
