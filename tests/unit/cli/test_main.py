"""Whatever happens, the program ends with a status and at most a line, never with a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.faults.answers import delay
from support.faults.registry import faults
from support.program import command

from nixfetch_docker.cli.commands import show, tags
from nixfetch_docker.cli.main import main
from nixfetch_docker.errors import NixfetchError, UsageError

Capture = pytest.CaptureFixture[str]

ADVICE = "set NIXFETCH_DEBUG=1 in the environment to see where, and report it"


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        pytest.param(KeyError("layers"), "KeyError: 'layers'", id="KeyError"),
        pytest.param(AssertionError(), "AssertionError", id="without a text"),
        pytest.param(RecursionError("maximum depth"), "something is nested too deeply"),
        pytest.param(MemoryError(), "there is not enough memory", id="MemoryError"),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "/a/b"),
            "FileNotFoundError: /a/b: No such file or directory",
            id="OSError with a path",
        ),
        pytest.param(
            OSError(5, "Input/output error"), "OSError: Input/output error", id="OSError without"
        ),
        pytest.param(
            ValueError("a\nb\x1b[31m https://ann:secret@a.b/c?X-Signature=1"),
            "ValueError: a b[31m https://a.b/c?…",
            id="foreign text",
        ),
        pytest.param(UnicodeEncodeError("ascii", "\udcff", 0, 1, "ordinal not in range"), None),
    ],
)
def test_an_error_that_nobody_foresaw_is_one_line_with_advice(
    error: Exception, what: str | None, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def run(_: object) -> int:
        raise error

    monkeypatch.delenv("NIXFETCH_DEBUG", raising=False)
    monkeypatch.setattr(show, "run", run)
    assert main(["show"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    if what is not None:
        assert err == f"nixfetch-docker: unexpected error ({what}); {ADVICE}\n"
    monkeypatch.setenv("NIXFETCH_DEBUG", "1")
    assert main(["show"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.partition("\n")[0]) == ("", "Traceback (most recent call last):")
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        pytest.param(NixfetchError("no", hint="try"), 1, "nixfetch-docker: no; try\n", id="error"),
        pytest.param(UsageError("no"), 2, "nixfetch-docker: no\n", id="usage"),
        pytest.param(SystemExit(3), 3, "", id="exit"),
        pytest.param(SystemExit(), 0, "", id="exit without a status"),
        pytest.param(BrokenPipeError(), 1, "", id="a reader that left"),
    ],
)
def test_an_error_has_its_status(
    error: BaseException,
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
) -> None:
    def run(_: object) -> int:
        raise error

    monkeypatch.setattr(show, "run", run)
    monkeypatch.setattr("nixfetch_docker.cli.console.drop_results", lambda: None)
    assert main(["show"]) == status
    assert capfd.readouterr() == ("", line)


# The streams of a process, as a shell would open them, by what they are opened on.
STREAMS = [
    pytest.param("os.close(1)", ["--help"], 0, "", id="help to a closed stdout"),
    pytest.param("os.close(2)", ["updaet"], 2, "", id="wrong usage to a closed stderr"),
    pytest.param("os.closerange(0, 3)", ["update"], 1, "", id="all closed"),
    pytest.param("full(1)", ["--help"], 1, "stdout: cannot be written", id="help to a full disk"),
    pytest.param("full(1)", ["completion", "fish"], 1, "stdout: cannot be written", id="full disk"),
    pytest.param("full(2)", ["updaet"], 2, "", id="wrong usage to a full disk"),
    pytest.param("full(2)", ["update"], 1, "", id="an error to a full disk"),
    pytest.param("gone(1)", ["--help"], 1, "", id="help to a reader that left"),
    pytest.param("gone(1)", ["completion", "fish"], 1, "", id="a reader that left"),
    pytest.param("gone(2)", ["updaet"], 2, "", id="wrong usage to a reader that left"),
    pytest.param("gone(1); os.dup2(1, 2)", ["update"], 1, "", id="both to a reader that left"),
    pytest.param(
        "os.mkdir('d'); os.chdir('d'); os.rmdir('../d')",
        ["update"],
        1,
        "images.toml: there is no such file",
        id="a working directory that is gone",
    ),
]
OPEN = """
import os
def full(number):
    os.dup2(os.open("/dev/full", os.O_WRONLY), number)
def gone(number):
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, number)
"""


@pytest.mark.parametrize(("streams", "words", "status", "said"), STREAMS)
def test_odd_streams_end_in_a_status_and_at_most_a_line(
    streams: str, words: list[str], status: int, said: str, tmp_path: Path
) -> None:
    # A new program, as Python opens its streams before any code runs.
    new = command(*words)
    setup = f"{OPEN}\n{streams}\nos.execv({new[0]!r}, {new!r})"
    done = subprocess.run(
        [sys.executable, "-c", setup],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
    )
    assert done.returncode == status, done.stderr
    assert done.stderr.count("\n") == bool(said)
    assert said in done.stderr


def test_what_the_encoding_of_stdout_lacks_is_escaped(tmp_path: Path) -> None:
    say = (
        "import nixfetch_docker.cli.commands.show as show\n"
        "from nixfetch_docker.cli import console\n"
        "show.run = lambda _: console.result('caf\\xe9 \\u2192 \\udcff') or 0"
    )
    done = subprocess.run(
        command("show", setup=say),
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"caf\\xe9 \\u2192 \\udcff\n"


@pytest.mark.parametrize("moment", ["parse", "start"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_the_command_runs_ends_the_program_without_a_word(
    number: signal.Signals, moment: str
) -> None:
    # Python calls an audit hook for every import.
    module = {"parse": "nixfetch_docker.lockfile.project", "start": "nixfetch_docker.cli.console"}
    setup = (
        "import os, _signal\n"
        "_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
        "def hook(event, arguments):\n"
        f"    if event == 'import' and arguments[0] == {module[moment]!r}:\n"
        f"        os.kill(os.getpid(), {number:d})\n"
        "sys.addaudithook(hook)"
    )
    done = subprocess.run(command("show", setup=setup), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-number, b"", b"")


def test_a_signal_that_a_library_makes_another_error_of_is_still_that_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def run(_: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        except BaseException as error:
            raise RuntimeError("Error calling __set_name__") from error
        return 0

    died: list[BaseException] = []
    monkeypatch.setattr(tags, "run", run)
    monkeypatch.setattr("nixfetch_docker.cli.process.die_by_signal", died.append)
    with pytest.raises(KeyboardInterrupt):
        main(["tags", "redis"])
    assert [getattr(error, "number", 0) for error in died] == [signal.SIGTERM]
    assert capsys.readouterr().err == (
        "nixfetch-docker: interrupted; no file was left half-written\n"
    )


def test_a_signal_in_a_finalizer_comes_again() -> None:
    finalizer = (
        "import os, signal, time\n"
        "from nixfetch_docker.cli import process\n"
        "process.raise_on_signals()\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        for _ in range(1000): pass\n"
        "Last()\n"
        "try:\n"
        "    while True: time.sleep(0.01)\n"
        "except KeyboardInterrupt as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", finalizer], capture_output=True, text=True, check=False, timeout=10
    )
    assert (done.stdout, done.stderr) == ("Terminated\n", "")


MOMENTS = 40
STEP_SECONDS = 0.005


def test_an_interrupt_at_any_moment_ends_the_program_without_a_traceback(tmp_path: Path) -> None:
    # The clock starts where the program's first line has run. The start of Python itself is before
    # that; an interrupt there shows a traceback of Python, whatever the program does.
    setup = (
        "import os, _signal\n"
        "_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
        "def hook(event, arguments):\n"
        "    if event == 'import' and arguments[0] == 'nixfetch_docker.cli.console':\n"
        "        os.write(1, b'.')\n"
        "sys.addaudithook(hook)"
    )

    def interrupt(moment: int) -> tuple[int, str]:
        with subprocess.Popen(
            command("update", setup=setup),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={"HOME": str(tmp_path)},
        ) as process:
            assert process.stdout is not None
            assert process.stdout.read(1) == b"."
            time.sleep(moment * STEP_SECONDS)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)
            return process.returncode, err.decode()

    with faults() as registry:
        registry.script("GET", "/manifests/1", delay(60), repeat=True)
        (tmp_path / "images.toml").write_text(f'[images.web]\nimage = "{registry.host}/web:1"\n')
        with ThreadPoolExecutor(4) as pool:
            ends = list(pool.map(interrupt, range(MOMENTS)))
    words = "nixfetch-docker: interrupted; no file was left half-written"
    assert {status for status, _ in ends} == {-signal.SIGINT}
    # Where the update had begun, a line says that the lock is as it was.
    said = {line for _, err in ends for line in err.splitlines()} - {words}
    assert {line.partition(":")[0] for line in said} <= {"images.lock.toml is as it was"}


@pytest.mark.parametrize("start", ["script", "module"])
def test_an_interrupt_that_is_blocked_while_python_starts_comes_without_a_traceback(
    start: str,
) -> None:
    line = command("--help") if start == "script" else [sys.executable, "-m", "nixfetch_docker"]
    # A child inherits the mask, as from `env --block-signal=INT`. What pytest does with SIGINT it
    # does not inherit, but for a SIGINT that pytest's own parent ignores.
    default = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, default)
    with process:
        process.send_signal(signal.SIGINT)
        assert process.communicate() == (b"", b"")
    assert process.returncode == -signal.SIGINT
