"""The page of all commands: their parsers' arguments, and what the manual page says of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from nixfetch_docker.cli import completion
from nixfetch_docker.cli.command_parser import command_parser
from nixfetch_docker.cli.commands import COMMANDS, GROUPS, listed
from nixfetch_docker.cli.console import PROGRAM

from . import manual, markdown

_HEAD = f"""\
# Commands
{markdown.NOTE}

`{PROGRAM} COMMAND [OPTION…] [ARGUMENT…]`. Options may stand before the command, too. Results go to stdout, notes and
errors to stderr. What a status means: [Exit status](exit-status.md). What the environment changes:
[Environment and files](environment.md).

"""

# In what state tests run the example of a command, or why they do not.
_STATES = {
    "init": ["given: an empty directory"],
    "add": ["given: an empty directory"],
    "unfreeze": ["given: a locked project", "given: `nixfetch-docker freeze redis`"],
    "config": ["excerpt: needs the program jq"],
    "attestation": ["excerpt: needs an image with an SBOM beside it"],
    "import": [
        "given: an empty directory",
        "given: `echo '{ }' > default.nix`",
        """given: `echo '{"services": {"web": {"image": "redis:7.4-alpine"}}}' > compose.json`""",
    ],
    "fetch-blob": ["excerpt: the digest is left out"],
}
_USUAL = ["given: a locked project"]


def page() -> str:
    """The text of the page."""
    parsers = {name: command_parser(name) for name in listed()}
    return "".join([_HEAD, _every(parsers), *(_group(group, parsers) for group in GROUPS)])


def _every(parsers: dict[str, argparse.ArgumentParser]) -> str:
    """The options that all commands have, alike."""
    lines = [f"- {_option(action)}\n" for action in _common(parsers)]
    return "".join(["## Options of every command\n\n", *lines, "\n"])


def _common(parsers: dict[str, argparse.ArgumentParser]) -> Iterator[argparse.Action]:
    every = [
        {tuple(action.option_strings) for action in completion.arguments(parser)}
        for parser in parsers.values()
    ]
    for action in completion.arguments(next(iter(parsers.values()))):
        if action.option_strings and all(tuple(action.option_strings) in one for one in every):
            yield action


def _group(group: str, parsers: dict[str, argparse.ArgumentParser]) -> str:
    common = {tuple(action.option_strings) for action in _common(parsers)}
    found = [
        _command(name, parser, common)
        for name, parser in parsers.items()
        if COMMANDS[name].group == group
    ]
    return "".join([f"## {group}\n\n", *found])


def _command(name: str, parser: argparse.ArgumentParser, common: set[tuple[str, ...]]) -> str:
    command = COMMANDS[name]
    arguments = list(completion.arguments(parser))
    operands = [action for action in arguments if not action.option_strings]
    options = [
        action
        for action in arguments
        if action.option_strings and tuple(action.option_strings) not in common
    ]
    usage = " ".join([PROGRAM, name, *(["[OPTION…]"] if options else []), *map(_operand, operands)])
    parts = [f"### {name}\n\n", f"{manual.commands()[name]}\n\n"]
    parts += [markdown.fence("text", usage), "\n"]
    described = [
        *(f"- {markdown.code(_metavar(one))}: {_meaning(one)}\n" for one in operands if one.help),
        *(f"- {_option(action, parser)}\n" for action in options),
    ]
    parts += [*described, "\n"] if described else []
    example = command.example.replace("%(prog)s", f"{PROGRAM} {name}")
    marks = "".join(f"<!-- {mark} -->\n" for mark in _STATES.get(name, _USUAL))
    parts += ["Example:\n\n", marks, markdown.fence("console", f"$ {example}"), "\n"]
    return "".join(parts)


def _metavar(action: argparse.Action) -> str:
    metavar = action.metavar or action.dest.upper()
    return " ".join(metavar) if isinstance(metavar, tuple) else metavar


def _operand(action: argparse.Action) -> str:
    metavar = _metavar(action)
    forms = {"?": f"[{metavar}]", "*": f"[{metavar}…]", "+": f"{metavar}…"}
    return forms.get(str(action.nargs), metavar)


def _option(action: argparse.Action, parser: argparse.ArgumentParser | None = None) -> str:
    """An option of a list: its names, its value, what it does."""
    value = "" if action.nargs == 0 else f" {_metavar(action)}"
    names = ", ".join(markdown.code(f"{name}{value}") for name in _long_first(action))
    required = "required; " if action.required else ""
    others = "" if parser is None else _others(action, parser)
    return f"{names}: {required}{_meaning(action)}{others}"


def _long_first(action: argparse.Action) -> list[str]:
    return sorted(action.option_strings, key=len, reverse=True)


def _meaning(action: argparse.Action) -> str:
    text = (action.help or "") % {**vars(action), "prog": PROGRAM}
    if action.choices is not None and action.metavar is None:
        text += f"; one of {', '.join(map(str, action.choices))}"
    text = markdown.escaped(text)
    return text if text.endswith(".") else f"{text}."


def _others(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    """The options that cannot stand beside this one."""
    names = [
        markdown.code(other.option_strings[0])
        for group in parser._mutually_exclusive_groups  # noqa: SLF001 - argparse has no other way
        if action in group._group_actions  # noqa: SLF001
        for other in group._group_actions  # noqa: SLF001
        if other is not action and other.option_strings
    ]
    return f" Not with {' or '.join(names)}." if names else ""
