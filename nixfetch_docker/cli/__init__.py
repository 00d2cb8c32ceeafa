"""The command line: arguments, console, and one module a command in `commands/`.

Its face is `main`, which `__main__` and the installed program call. No other room imports this
one, which may import all others.
"""

from .main import main

__all__ = ["main"]
