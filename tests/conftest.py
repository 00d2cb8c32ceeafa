"""Settings of all tests, and a check that only end-to-end tests start programs."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No deadline: on a busy machine, any example may take long.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Of `make mutants`: the same examples for every mutant and every run, and few.
settings.register_profile(
    "mutants", settings.get_profile("patient"), max_examples=25, derandomize=True
)
settings.load_profile("patient")

# `nohup` and a shell that starts a job in the background let some signals be ignored, and programs
# inherit that. With a handler that does nothing, these tests ignore them too, but the programs that
# they start do not.
for _number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

_END_TO_END = Path(__file__).parent / "end_to_end"
_started: list[str] = []


def _note_started(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        program, _, _, environment = arguments
        path = None if environment is None else environment.get("PATH")
        if found := shutil.which(os.fsdecode(program), path=path):
            _started.append(found)


# Python calls an audit hook for every process that it starts, by any function.
sys.addaudithook(_note_started)


@pytest.fixture(autouse=True)
def _starts_no_program_of_this_machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Fail a test outside end_to_end/ that starts more than Python and its own scripts.

    It finds no others by its PATH: what uses Nix only where it is there finds none.
    """
    _started.clear()
    is_apart = not request.path.is_relative_to(_END_TO_END)
    with pytest.MonkeyPatch.context() as patch:
        if is_apart:
            patch.setenv("PATH", str(Path(sys.executable).parent))
        yield
    if is_apart:
        own = (sys.executable, str(tmp_path_factory.getbasetemp()))
        foreign = [program for program in _started if not program.startswith(own)]
        assert not foreign, f"{', '.join(foreign)} was started; move this test to end_to_end/"
