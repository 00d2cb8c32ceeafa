"""The completion of the command line in a shell, which shtab makes of the parser.

The program does not depend on shtab (https://docs.iterative.ai/shtab/): the command `completion`
calls it where it is installed, as it is where nix/package.nix builds the scripts. shtab writes
scripts for fish from 1.9 on, which Debian 12 does not have. So the script for fish is a file,
completion.fish, which a test holds equal to the parser.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from importlib import resources

from .command_parser import full_parser
from .commands import listed

SHELLS = ("bash", "zsh", "fish")
# Those that images are often made for; an image may have others.
PLATFORMS = (
    "linux/386",
    "linux/amd64",
    "linux/arm/v6",
    "linux/arm/v7",
    "linux/arm64",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
)
_FILES = {"FILE", "PATH", "FILE|DIR|-"}
_IMAGE_NAMES = {"bash": "_nixfetch_docker_names", "zsh": "_nixfetch_docker_names"}


def script(shell: str) -> str:
    """The script that completes the command line in bash, zsh or fish.

    Raises `ModuleNotFoundError` where shtab is missing, which makes those for bash and zsh.
    """
    functions = resources.files(__package__).joinpath(f"completion.{shell}").read_text("utf-8")
    if shell == "fish":
        return functions
    import shtab

    return shtab.complete(parser(), shell, preamble=functions)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line, with the attributes by which shtab completes arguments."""
    whole = full_parser()
    for command in commands(whole).values():
        for argument in arguments(command):
            _complete(argument)
    for option in before_the_command(whole):
        _add(whole, option)
    return whole


def commands(whole: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands by their names."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in whole._actions:  # noqa: SLF001 - argparse has no other way to them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found |= action.choices
    return found


def arguments(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a command that its help shows."""
    for action in command._actions:  # noqa: SLF001 - argparse has no other way to them
        if action.help != argparse.SUPPRESS:
            yield action


def before_the_command(whole: argparse.ArgumentParser) -> list[argparse.Action]:
    """The options that people may also write before the command, each once.

    Those of `fetch-blob` are not for people. An option that commands describe in several ways is
    here as most of them have it.
    """
    taken = {name for action in arguments(whole) for name in action.option_strings}
    found: dict[str, list[argparse.Action]] = {}
    for name, command in commands(whole).items():
        for action in arguments(command) if name != "fetch-blob" else ():
            if action.option_strings and not taken & set(action.option_strings):
                long = next(one for one in action.option_strings if one.startswith("--"))
                found.setdefault(long, []).append(action)
    return list(map(_usual, found.values()))


def _usual(actions: Sequence[argparse.Action]) -> argparse.Action:
    helps = [action.help for action in actions]
    return max(actions, key=lambda action: helps.count(action.help))


def _add(whole: argparse.ArgumentParser, option: argparse.Action) -> None:
    """Add an option like that of a command to the program."""
    if option.nargs == 0:
        whole.add_argument(*option.option_strings, action="store_true", help=option.help)
        return
    added = whole.add_argument(
        *option.option_strings,
        help=option.help,
        metavar=option.metavar,
        default=option.default,
        choices=option.choices,
    )
    if hasattr(option, "complete"):
        added.complete = option.complete  # type: ignore[attr-defined]


def _complete(argument: argparse.Action) -> None:
    import shtab

    if argument.metavar in _FILES:
        argument.complete = shtab.FILE  # type: ignore[attr-defined]
    elif argument.metavar == "NAME" and not argument.option_strings:
        argument.complete = _IMAGE_NAMES  # type: ignore[attr-defined]
    elif argument.dest == "topic":
        argument.choices = listed()
    elif argument.dest == "platform":
        argument.choices = PLATFORMS
