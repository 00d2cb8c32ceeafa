"""The manual page, and completion for shells, made of the command line's own declarations."""

from __future__ import annotations

import argparse
from collections.abc import Iterator


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """A script that completes commands and options; `shell` is bash, zsh or fish."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](parser)


def page(parser: argparse.ArgumentParser, version: str) -> str:
    """The manual page in roff (man-pages(7))."""
    name = parser.prog
    lines = [
        f'.TH {name.upper()} 1 "" "{name} {version}" "User Commands"',
        ".SH NAME",
        _roff(f"{name} - {_lower_first((parser.description or '').rstrip('.'))}"),
        ".SH SYNOPSIS",
        f".B {_roff(name)}",
        ".I COMMAND",
        "[\\fIOPTION\\fR]...",
        ".SH COMMANDS",
    ]
    for command, sub in _commands(parser):
        lines += [
            ".SS " + _roff(f"{command} {_synopsis(sub)}".strip()),
            _roff(sub.description or ""),
        ]
        for operand in _operands(sub):
            if operand.help is not None:
                lines += [".TP", f".I {_roff(_metavar(operand))}", _roff(_help(operand))]
        for option in _options(sub):
            lines += [".TP", f".B {_roff(_heading(option))}", _roff(_help(option))]
        if sub.epilog is not None:
            lines += [".PP", _roff(_capital(sub.epilog.replace("%(prog)s", sub.prog)))]
    lines += [
        ".SH EXIT STATUS",
        "0 done; 1 an error; 2 wrong usage; 3 with \\-\\-check: something would change.",
        ".SH FILES",
        ".TP",
        ".I images.toml",
        "The images asked for.",
        ".TP",
        ".I images.lock.toml",
        "What they are locked to.",
    ]
    return "\n".join(lines) + "\n"


def _bash(parser: argparse.ArgumentParser) -> str:
    cases = "".join(
        f"    {name}) words='{' '.join(_names(sub))}' ;;\n" for name, sub in _commands(parser)
    )
    commands = " ".join(name for name, _ in _commands(parser))
    return (
        "_nixfetch_docker() {\n"
        "  local words=\n"
        "  case ${COMP_WORDS[1]} in\n"
        f"{cases}"
        "  esac\n"
        f"  if [ \"$COMP_CWORD\" -eq 1 ]; then words='{commands} --help --version'; fi\n"
        '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")\n'
        "}\n"
        f"complete -o default -F _nixfetch_docker {parser.prog}\n"
    )


def _zsh(parser: argparse.ArgumentParser) -> str:
    commands = "".join(
        f"  {_quoted(f'{name}:{sub.description}')}\n" for name, sub in _commands(parser)
    )
    cases = ""
    for name, sub in _commands(parser):
        options = [
            _quoted(f"{flag}[{_zsh_help(option)}]{':value:_files' if _takes_value(option) else ''}")
            for option in _options(sub)
            for flag in option.option_strings
        ]
        cases += f"  {name}) _arguments {' '.join(options)} '*:name:_files' ;;\n"
    return (
        f"#compdef {parser.prog}\n"
        f"local -a commands\ncommands=(\n{commands})\n"
        "if (( CURRENT == 2 )); then\n  _describe command commands\n  return\nfi\n"
        "local name=$words[2]\n"
        "shift words\n(( CURRENT-- ))\n"
        f"case $name in\n{cases}esac\n"
    )


def _fish(parser: argparse.ArgumentParser) -> str:
    lines = []
    start = f"complete -c {parser.prog}"
    for name, sub in _commands(parser):
        about = _fish_quoted(sub.description or "")
        lines.append(f"{start} -n __fish_use_subcommand -f -a {name} -d {about}")
        for option in _options(sub):
            flags = [
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in option.option_strings
            ]
            value = " -r" if _takes_value(option) else ""
            lines.append(
                f"{start} -n '__fish_seen_subcommand_from {name}' {' '.join(flags)}{value} "
                f"-d {_fish_quoted(_help(option))}"
            )
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:  # noqa: SLF001 - argparse shows them nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.items()


def _options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [
        action
        for action in parser._actions  # noqa: SLF001
        if action.option_strings and action.help != argparse.SUPPRESS
    ]


def _operands(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if not action.option_strings]  # noqa: SLF001


def _synopsis(parser: argparse.ArgumentParser) -> str:
    operands = []
    for action in _operands(parser):
        name = _metavar(action)
        operands.append({"*": f"[{name}...]", "?": f"[{name}]"}.get(str(action.nargs), name))
    return " ".join(operands)


def _metavar(action: argparse.Action) -> str:
    return str(action.metavar or action.dest)


def _names(parser: argparse.ArgumentParser) -> list[str]:
    return [flag for option in _options(parser) for flag in option.option_strings]


def _heading(option: argparse.Action) -> str:
    value = f" {option.metavar or option.dest.upper()}" if _takes_value(option) else ""
    return ", ".join(option.option_strings) + value


def _help(option: argparse.Action) -> str:
    return (option.help or "").replace("%(default)s", str(option.default))


def _zsh_help(option: argparse.Action) -> str:
    text = _help(option)
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text


def _takes_value(option: argparse.Action) -> bool:
    return option.nargs != 0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(one if one.isascii() else f"\\[u{ord(one):04X}]" for one in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _quoted(text: str) -> str:
    inner = text.replace("'", "'\\''")
    return f"'{inner}'"


def _fish_quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inner}'"
