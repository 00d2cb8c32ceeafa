"""One input for one target, and what is wrong about what happens then."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nixfetch_docker
from nixfetch_docker.errors import NixfetchError

# The most seconds of CPU time for an input of at most 256 KiB.
SECONDS = 5.0
# The most characters of an error's text: a few places, a quoted value, a hint.
_LONGEST_ERROR = 4000
_ROOT = Path(nixfetch_docker.__file__).parent

Target = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What went wrong: a `kind` that is the same for the same fault, and its whole `text`."""

    kind: str
    text: str


def attempt(target: Target, data: bytes) -> Failure | None:
    """Run `target` on `data`: it may return, or raise one of the package's own errors."""
    started = time.process_time()
    try:
        # A warning would reach the terminal of whoever runs the command.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            target(data)
    except NixfetchError as error:
        if (fault := fault_of(error)) is not None:
            return Failure(kind=f"{fault} ({_place(error)})", text=traceback_of(error))
    except Exception as error:
        return Failure(kind=f"{type(error).__name__} ({_place(error)})", text=traceback_of(error))
    seconds = time.process_time() - started
    if seconds > SECONDS:
        return Failure(kind="too slow", text=f"it took {seconds:.1f} s of CPU time")
    return None


def fault_of(error: NixfetchError) -> str | None:
    """What is wrong with the text of an error: it is one printable line of bounded length."""
    text = str(error)
    if len(text) > _LONGEST_ERROR:
        return f"{type(error).__name__} of more than {_LONGEST_ERROR} characters"
    if not text.isprintable():
        return f"{type(error).__name__} that is not printable"
    return None


def traceback_of(error: BaseException) -> str:
    """The traceback, with long values cut."""
    lines = traceback.format_exception(error)
    return "".join(line if len(line) < 3000 else f"{line[:3000]}…\n" for line in lines)


def _place(error: BaseException) -> str:
    """The innermost place in the package, or else in the target, that an error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT)]
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}, {last.name}"
