"""The arguments of `digest REF` and `manifest REF` without options, read without the parser.

To import argparse and to declare the options of such a command takes a tenth of its time.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace

COMMANDS = ("digest", "manifest")


def parse(words: Sequence[str]) -> SimpleNamespace | None:
    """The arguments that follow the program's name, as the parser has them.

    None for any other command, and where there is more than a reference.
    """
    if len(words) != 2 or words[0] not in COMMANDS or words[1].startswith("-"):
        return None
    from importlib import import_module
    from pathlib import Path
    from types import SimpleNamespace

    name, reference = words
    found: dict[str, object] = {"command": name, "reference": reference}
    found |= dict.fromkeys(("quiet", "verbose", "anonymous", "password_stdin"), False)
    found |= dict.fromkeys(("username", "password", "token", "token_file", "credentials_file"))
    found |= dict.fromkeys(("registry", "file"))
    if name == "manifest":
        found |= {"platform": None, "raw": False, "output": Path("-")}
    run = import_module(f".commands.{name}", __package__).run
    return SimpleNamespace(**found, run=run)
