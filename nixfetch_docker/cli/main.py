"""The program: runs one command, and turns errors and signals into exit statuses.

The top of this module imports nothing, as Python answers an interrupt of an import by a traceback.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with the arguments `argv`, by default those of this process.

    Returns the exit status: 0 for success, 1 for an error, 2 for wrong usage, 3 where `--check`
    found changes. An error that the program did not foresee is one line too. With `NIXFETCH_DEBUG`
    in the environment, an error shows its traceback. A signal ends the process by that signal.
    """
    _end_at_once_by_interrupts()
    from . import console, process

    if argv is None:
        process.collect_rarely()
    try:
        process.open_closed_streams()
        process.escape_what_stdout_cannot_say()
        status = _run(argv)
        # From here on nothing is to be cleaned up. Python waits for threads, without a word.
        process.end_at_once_by_signals()
        if argv is None:
            process.collect_no_more()
        return status if console.flush_result() else status or 1
    except KeyboardInterrupt as interrupt:
        process.die_by_signal(interrupt)
        raise


def _end_at_once_by_interrupts() -> None:
    """Let SIGINT end the process without a word, until the command begins to run.

    Where the parent ignores it, it stays ignored. Where the parent blocks it, so that no interrupt
    of Python's own start shows a traceback, it comes from here on, and one that came before now.
    """
    # The module `signal` would import others first, which takes milliseconds.
    from _signal import (  # type: ignore[import-not-found]
        SIG_DFL,
        SIG_UNBLOCK,
        SIGINT,
        default_int_handler,
        getsignal,
        pthread_sigmask,
        signal,
    )

    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, [SIGINT])


def _run(argv: Sequence[str] | None) -> int:
    """The exit status of the command; its errors are printed. Raises `KeyboardInterrupt`."""
    import os
    import sys

    from ..errors import NixfetchError, UsageError
    from . import builder, console, process, reference_alone

    words = sys.argv[1:] if argv is None else argv
    console.hide_logins_of(words)
    try:
        arguments: Any = builder.parse(words) or reference_alone.parse(words)
        if arguments is None:
            from .parser import parse

            arguments = parse(words)
        process.raise_on_signals()
        console.set_level(quiet=arguments.quiet, verbose=arguments.verbose)
        return int(arguments.run(arguments))
    except SystemExit as exited:  # argparse printed a help or an error
        return exited.code if isinstance(exited.code, int) else int(exited.code is not None)
    except KeyboardInterrupt:
        console.interrupted()
        raise
    except BrokenPipeError:
        console.drop_results()  # the reader stopped early, as `head` does
        return 1
    except Exception as error:
        # A library may make any other error of a signal that interrupts it.
        if interrupt := process.received_interrupt():
            console.interrupted()
            raise interrupt from error
        if isinstance(error, UsageError):
            console.error(error)
            return 2
        if os.environ.get("NIXFETCH_DEBUG"):
            console.traceback(error)
            return 1
        if not isinstance(error, NixfetchError):
            from ..base.accident import accident

            error = accident(error)
        console.error(error)
        return 1
