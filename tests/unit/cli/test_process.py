"""The process, seen from the process that started it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

IMPORT = "import os, signal, sys, time\nfrom nixfetch_docker.cli import process\n"
WAIT = """
process.raise_on_signals()
try:
    print("ready", flush=True)
    # A pause without end would miss a signal that comes between this line and the pause.
    while True:
        time.sleep(0.01)
except KeyboardInterrupt as interrupt:
    print(type(interrupt).__name__, flush=True)
    process.die_by_signal(interrupt)
"""


def start(program: str, setup: str = "") -> subprocess.Popen[str]:
    # Python itself makes SIGINT a KeyboardInterrupt, unless the parent has it ignored.
    default = "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT + default + setup + program],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "raised"),
    [
        pytest.param(signal.SIGINT, "KeyboardInterrupt", id="SIGINT"),
        pytest.param(signal.SIGTERM, "Terminated", id="SIGTERM"),
        pytest.param(signal.SIGHUP, "Terminated", id="SIGHUP"),
    ],
)
def test_a_signal_ends_the_program_after_its_cleanup(number: signal.Signals, raised: str) -> None:
    with start(WAIT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.read() == f"{raised}\n"
    assert process.returncode == -number


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    program = "process.raise_on_signals(); os.kill(os.getpid(), signal.SIGHUP); print('alive')"
    with start(program, "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n") as process:
        assert process.communicate()[0] == "alive\n"
    assert process.returncode == 0


@pytest.mark.parametrize("number", [0, 1, 2], ids=["stdin", "stdout", "stderr"])
def test_a_closed_stream_is_not_taken_by_the_next_file(number: int) -> None:
    program = (
        f"import os\nos.close({number})\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-c', {IMPORT!r} + '''\n"
        "process.open_closed_streams()\n"
        "opened = os.open(os.devnull, os.O_RDONLY)\n"
        "print('to stdout'); print('to stderr', file=sys.stderr)\n"
        "assert sys.stdin.read() == ''\n"
        "os._exit(opened)\n''' ])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode > 2, done.stderr


def test_a_signal_in_a_finalizer_at_the_very_end_ends_the_program_by_it() -> None:
    program = (
        "process.raise_on_signals()\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        for _ in range(1000): pass\n"
        "Last()\n"
        "process.end_at_once_by_signals()\n"
        "print('alive')"
    )
    with start(program) as process:
        assert process.communicate()[0] == ""
    assert process.returncode == -signal.SIGTERM


# A cleanup that does not end.
ENDLESS = """
        while True:
            try:
                time.sleep(0.01)
            except KeyboardInterrupt:
                pass
"""
CLEANUP = """
import threading
process.AGAIN_IN_CLEANUP_SECONDS = 0.5
process.raise_on_signals()
held = threading.Lock()
held.acquire()
try:
    try:
        os.kill(os.getpid(), signal.{name})
        time.sleep(10)
    finally:
        {cleanup}
except KeyboardInterrupt as interrupt:
    print("cleaned up", flush=True)
    process.die_by_signal(interrupt)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("cleanup", "said"),
    [
        pytest.param("held.acquire()", "cleaned up\n", id="a lock"),
        pytest.param(
            "with process.holding_signals(): held.acquire()", "cleaned up\n", id="a held signal"
        ),
        pytest.param(ENDLESS, "", id="without end"),
    ],
)
def test_a_signal_ends_a_cleanup_that_waits_for_ever(
    cleanup: str, said: str, number: signal.Signals
) -> None:
    with start(CLEANUP.format(name=number.name, cleanup=cleanup)) as process:
        try:
            assert process.communicate(timeout=20)[0] == said
        finally:
            process.kill()
    assert process.returncode == -number


def test_a_signal_does_not_come_again_in_the_next_run_of_the_same_process() -> None:
    program = (
        "process.AGAIN_IN_CLEANUP_SECONDS = 0.05\n"
        "process.raise_on_signals()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(10)\n"
        "except KeyboardInterrupt:\n"
        "    process.raise_on_signals()\n"
        "time.sleep(0.2)\n"
        "print('alive')"
    )
    with start(program) as process:
        assert process.communicate()[0] == "alive\n"
    assert process.returncode == 0
