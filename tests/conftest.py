"""Settings of all tests, and the promise that only end-to-end tests need more than Python."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No deadline: on a busy machine any example may take long, which says nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_END_TO_END = Path(__file__).parent / "end_to_end"
_started: list[str] = []


def _note_started(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        program, _, _, environment = arguments
        path = None if environment is None else environment.get("PATH")
        if found := shutil.which(os.fsdecode(program), path=path):
            _started.append(found)


# An audit hook sees every process that Python starts, through whichever function.
sys.addaudithook(_note_started)


@pytest.fixture(autouse=True)
def _starts_no_program_of_this_machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A test outside end_to_end/ starts Python, and scripts that it wrote itself."""
    _started.clear()
    yield
    if not request.path.is_relative_to(_END_TO_END):
        own = (sys.executable, str(tmp_path_factory.getbasetemp()))
        foreign = [program for program in _started if not program.startswith(own)]
        assert not foreign, f"{', '.join(foreign)} was started; move this test to end_to_end/"
