"""Options for a login that is used for one run of a command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..errors import UsageError, placed
from . import options

if TYPE_CHECKING:
    import argparse

    from ..logins.login import Login


def add_login(group: argparse._ArgumentGroup) -> None:
    """Declare the options for a login, of which one may be passed."""
    from argparse import SUPPRESS, Action

    class Refused(Action):
        """An option that is refused: other users of the machine could see its value in `ps`."""

        def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
            parser.error(
                "other users could see a password in the command line; pass --password-stdin"
            )

    group.add_argument(
        "--username",
        "-u",
        metavar="NAME",
        help="log in under this name; a terminal is asked for its password",
    )
    group.add_argument(
        "--password-stdin", action="store_true", help="read the password for it from stdin"
    )
    group.add_argument("--password", "-p", nargs="?", action=Refused, help=SUPPRESS)
    group.add_argument(
        "--token",
        metavar="TOKEN",
        help="a Bearer token; other users of this machine can see it in a list of processes, "
        "unlike a --token-file",
    )
    group.add_argument(
        "--token-file",
        type=options.path_or_stdio,
        metavar="FILE",
        help="a file with a Bearer token; - is stdin",
    )
    group.add_argument(
        "--credentials-file",
        type=options.path_or_stdio,
        metavar="FILE",
        help="a file with the lines USERNAME=… and PASSWORD=…, or BEARER_TOKEN=…; - is stdin",
    )


def given(arguments: argparse.Namespace) -> list[str]:
    """The options for a login that were passed; raises `UsageError` for two that contradict."""
    passed = {
        "--anonymous": arguments.anonymous,
        "--username": arguments.username is not None,
        "--token": arguments.token is not None,
        "--token-file": arguments.token_file is not None,
        "--credentials-file": arguments.credentials_file is not None,
    }
    named = [option for option, is_passed in passed.items() if is_passed]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} are two ways to log in; pass one")
    # A program that is started without a stdin has None there.
    can_ask = arguments.username is not None and bool(sys.stdin) and sys.stdin.isatty()
    if (arguments.username is not None) != arguments.password_stdin and not can_ask:
        raise UsageError("--username and --password-stdin go together; pass both")
    return named


def read(arguments: argparse.Namespace) -> Login | None:
    """The login that the options give, or None. Raises `NixfetchError` without secrets."""
    if not given(arguments) or arguments.anonymous:
        return None
    from ..logins.login import from_credentials_file, from_password, from_token

    if arguments.username is not None:
        is_piped = arguments.password_stdin
        password = _read(options.STDIO) if is_piped else _ask(arguments.username)
        return from_password(arguments.username, password)
    if arguments.token is not None:
        return from_token(arguments.token, "--token")
    is_token = arguments.token_file is not None
    path: Path = arguments.token_file if is_token else arguments.credentials_file
    place = "stdin" if path == options.STDIO else str(path)
    with placed(place):
        text = _read(path)
        return from_token(text, place) if is_token else from_credentials_file(text, place)


def _ask(username: str) -> str:
    """The password that a person types at the terminal, which does not show it.

    Raises `UsageError` where none is typed, or the terminal would show it.
    """
    import warnings
    from getpass import GetPassWarning, getpass

    from ..base.redact import quote

    with warnings.catch_warnings():
        # Where the terminal cannot hide it, getpass would warn and go on.
        warnings.simplefilter("error", GetPassWarning)
        try:
            password = getpass(f"Password for {quote(username)}: ", stream=sys.stderr)
        except EOFError:
            sys.stderr.write("\n")  # The prompt's line is still open.
            password = ""
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            raise
        except GetPassWarning:
            raise UsageError(
                "this terminal cannot hide a password", hint="pass --password-stdin"
            ) from None
    if not password:
        raise UsageError("no password was typed", hint="type it, or pass --password-stdin")
    return password


def _read(path: Path) -> str:
    from ..base import files

    if path != options.STDIO:
        try:
            return files.read(path, is_named=True)
        except FileNotFoundError:
            raise files.FileError(
                "there is no such file", hint="name the file of a login"
            ) from None
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise files.FileError("it is not UTF-8", hint="pass the login as text") from None
