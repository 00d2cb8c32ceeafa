"""The words of the command line: which command they name, and what they ask for without one.

The arguments of that command are read by `command_parser`: the help and the version need no
argparse.
"""

from __future__ import annotations

from . import console
from .commands import COMMANDS, listed
from .help import overview, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import NoReturn

# The options that take a value, of all commands; before a command, --version is the program's own.
VALUED = {
    *("--ca-file", "--compose-json", "--credentials-file", "--digest", "--env-file", "--file"),
    *("--html", "--jobs", "--manifest", "--name", "--output", "--platform", "--policy"),
    *("--registries", "--registry", "--since", "--size", "--store", "--token", "--token-file"),
    *("--type", "--username", "-f", "-j", "-o", "-u"),
}

# Commands as docker, git, apt and other managers of packages name them, and what they are here.
OF_OTHERS = {
    **dict.fromkeys(("images", "list", "ls", "ps", "status"), "show"),
    **dict.fromkeys(("del", "delete", "drop", "rm", "rmi", "uninstall"), "remove"),
    **dict.fromkeys(("install", "new", "pin"), "add"),
    **dict.fromkeys(("bump", "refresh", "upgrade"), "update"),
    **dict.fromkeys(("download", "fetch", "pull"), "prefetch"),
    **dict.fromkeys(("create", "setup"), "init"),
    **dict.fromkeys(("changelog", "changes", "log"), "diff"),
    **dict.fromkeys(("blame", "explain"), "why"),
    **dict.fromkeys(("export", "load", "save"), "image"),
    **dict.fromkeys(("describe", "info"), "inspect"),
    **dict.fromkeys(("search", "versions"), "tags"),
    **dict.fromkeys(("hold", "keep"), "freeze"),
    "test": "check",
    "history": "show --history",
    "outdated": "update --check",
    "sync": "lock",
    "unhold": "unfreeze",
    "unpin": "unfreeze",
    "version": "--version",
}

# What other programs do by a command, and here is done otherwise.
ELSEWHERE = {
    **dict.fromkeys(("login", "logout"), "logins are those of `docker login` and `podman login`"),
    **dict.fromkeys(
        ("revert", "rollback", "undo"),
        "`git restore images.toml images.lock.toml` takes back what is not committed",
    ),
    "edit": "images.toml is for you to edit; then run `nixfetch-docker lock`",
    "build": "`nix build` builds images, as the README shows",
    "run": "podman and docker run images; `image REF -o - | podman load` brings them one",
    "push": "skopeo and podman push images; this program only fetches them",
}


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments that follow the program's name, and `run` of the command that they name.

    Options may come before the command. Imports the module of that command and of no other. Prints
    a help, the version or an error of usage and raises `SystemExit` where the words ask for that.
    """
    before, after = _split(words)
    if not after:
        _without_command(before)
    name, *others = after
    if "-V" in before or before[-1:] == ["--version"]:
        _without_command(before)
    if name not in COMMANDS:
        _refuse_options(before)
        _refuse_command(name)
    from .command_parser import command_parser

    arguments = command_parser(name).parse_args([*before, *others])
    arguments.command = name
    return arguments


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options before the command, and the command with all that follows it."""
    position = 0
    while position < len(words) and words[position].startswith("-"):
        if words[position] == "--":
            return list(words[:position]), list(words[position + 1 :])
        has_value = words[position] in VALUED or _is_version_with_value(words[position:])
        position += 2 if has_value else 1
    return list(words[:position]), list(words[position:])


def _is_version_with_value(words: Sequence[str]) -> bool:
    """Whether these words begin with the --version of a command, and not of the program."""
    option, value, name = [*words[:3], "", ""][:3]
    return option == "--version" and value not in COMMANDS and name in COMMANDS


def _without_command(options: Sequence[str]) -> NoReturn:
    """Print the help or the version that the options ask for, or the help as an error."""
    if {"-V", "--version"} & set(options):
        console.help_text(f"{version()}\n")
        raise SystemExit(0)
    if {"-h", "--help"} & set(options):
        console.help_text(overview())
        raise SystemExit(0)
    _refuse_options(options)
    console.usage(overview())
    if options:
        console.error("no command is named; write one before or behind the options")
    raise SystemExit(2)


def _refuse_options(options: Sequence[str]) -> None:
    """Print the error of usage for options before a command that no command has, if any."""
    from ..base.nearest import with_question
    from ..base.redact import quote
    from .command_parser import long_options

    known = long_options() if options else []
    for word in options:
        option = word.partition("=")[0]
        if option.startswith("--") and option not in known:
            error = f"there is no option {quote(option)}"
            console.error(with_question(error, option, known))
            console.usage(f"`{console.PROGRAM} help` lists the commands.\n")
            raise SystemExit(2)


def _refuse_command(name: str) -> NoReturn:
    from ..base.nearest import nearest, with_question
    from ..base.redact import quote

    error = f"there is no command {quote(repr(name))}"
    others = [*OF_OTHERS, *ELSEWHERE]
    other = name if name in others else nearest(name, [*listed(), *others], likeness=0.75)
    if other in ELSEWHERE:
        console.error(f"{error}; {ELSEWHERE[other]}")
    elif other in OF_OTHERS:
        console.error(f"{error}; did you mean {OF_OTHERS[other]}?")
    else:
        console.error(with_question(error, name, listed()))
    console.usage(f"`{console.PROGRAM} help` lists the commands.\n")
    raise SystemExit(2)
