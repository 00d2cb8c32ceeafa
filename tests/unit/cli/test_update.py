"""`update` as a process: the lock is written first, then told, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import oci, program
from support.faults.answers import as_usual, delay, status
from support.faults.registry import FaultRegistry, faults

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

ONE = oci.image(oci.layer({"etc/one": b"1"}))
TWO = oci.image(oci.layer({"etc/two": b"2"}))


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        for name in ("one", "two", "three"):
            running.add(f"{name}:1", ONE)
        yield running


def write_images(directory: Path, registry: FaultRegistry, *names: str) -> None:
    lines = [f'[images.{name}]\nimage = "{registry.host}/{name}:1"\n' for name in names]
    (directory / "images.toml").write_text("".join(lines))


def locked(directory: Path) -> dict[str, str]:
    """The digest of every image in the lock."""
    lock = Lock.parse((directory / "images.lock.toml").read_text())
    return {name: str(image.digest) for name, image in lock.images.items()}


def wait_for(registry: FaultRegistry, path: str) -> None:
    deadline = time.monotonic() + 10
    while not any(path in line for line in registry.lines()):
        assert time.monotonic() < deadline, registry.lines()
        time.sleep(0.005)


def broken_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]], ids=["text", "json", "markdown"])
@pytest.mark.parametrize(
    ("open_stdout", "end"),
    [
        pytest.param(broken_pipe, (0, ""), id="a reader that left"),
        pytest.param(full_disk, (1, "stdout: cannot be written"), id="a full disk"),
    ],
)
def test_the_lock_is_written_where_stdout_takes_nothing(
    open_stdout: Callable[[], int],
    end: tuple[int, str],
    form: list[str],
    registry: FaultRegistry,
    tmp_path: Path,
) -> None:
    code, said = end
    write_images(tmp_path, registry, "one", "two")
    number = open_stdout()
    try:
        done = program.run(tmp_path, "update", *form, stdout=number)
    finally:
        os.close(number)
    assert done.returncode == code, done.stderr
    assert "images.lock.toml written: 2 added; " in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert locked(tmp_path).keys() == {"one", "two"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_resolved_is_locked_where_the_rest_is_interrupted(
    number: signal.Signals, registry: FaultRegistry, tmp_path: Path
) -> None:
    registry.script("GET", "/two/manifests/1", delay(60))
    write_images(tmp_path, registry, "one", "two", "three")
    with program.start(tmp_path, "update", "--jobs", "1") as process:
        wait_for(registry, "/two/")
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == -number
    assert out.startswith("one: added 1 ")
    assert ("two" in out, "three" in out) == (False, False)
    assert err.startswith("images.lock.toml written: 1 added, 2 not resolved; ")
    assert err.endswith("nixfetch-docker: interrupted; no file was left half-written\n")
    assert locked(tmp_path).keys() == {"one"}


def test_an_interrupt_before_anything_is_resolved_writes_no_lock(
    registry: FaultRegistry, tmp_path: Path
) -> None:
    registry.script("GET", "/one/manifests/1", delay(60))
    write_images(tmp_path, registry, "one")
    with program.start(tmp_path, "update") as process:
        wait_for(registry, "/one/")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (-signal.SIGTERM, "")
    assert not (tmp_path / "images.lock.toml").exists()


def test_a_signal_while_the_lock_is_written_comes_after_that(
    registry: FaultRegistry, tmp_path: Path
) -> None:
    setup = (
        "import os, signal\n"
        "from nixfetch_docker.lockfile.project import Project\n"
        "write = Project.change_lock\n"
        "def change_lock(*arguments, **named):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return write(*arguments, **named)\n"
        "Project.change_lock = change_lock"
    )
    write_images(tmp_path, registry, "one")
    done = program.run(tmp_path, "update", setup=setup)
    assert done.returncode == -signal.SIGTERM
    assert done.stdout.startswith("one: added 1 ")
    assert locked(tmp_path).keys() == {"one"}


def test_nothing_is_told_that_the_lock_does_not_hold(
    registry: FaultRegistry, tmp_path: Path
) -> None:
    setup = (
        "from nixfetch_docker.base import files\n"
        "def write(path, text):\n"
        "    raise files.FileError('cannot be written (No space left on device)')\n"
        "files.write = write"
    )
    write_images(tmp_path, registry, "one", "gone")
    done = program.run(tmp_path, "update", setup=setup)
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("nixfetch-docker: gone: ")
    assert second == "nixfetch-docker: cannot be written (No space left on device)"


def test_an_images_accident_does_not_take_the_others_with_it(
    registry: FaultRegistry, tmp_path: Path
) -> None:
    setup = (
        "from nixfetch_docker.lockfile.resolve import Resolver\n"
        "resolve = Resolver.resolve\n"
        "def fails(self, request, *more):\n"
        "    if '/two' in request.image:\n"
        "        return {}['layers']\n"
        "    return resolve(self, request, *more)\n"
        "Resolver.resolve = fails"
    )
    write_images(tmp_path, registry, "one", "two", "three")
    done = program.run(tmp_path, "update", setup=setup)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "nixfetch-docker: two: unexpected error (KeyError: 'layers'); "
        "set NIXFETCH_DEBUG=1 in the environment to see where, and report it"
    )
    assert locked(tmp_path).keys() == {"one", "three"}
    shown = program.run(tmp_path, "update", setup=setup, env={"NIXFETCH_DEBUG": "1"})
    assert "Traceback" in shown.stderr
    assert "KeyError: 'layers'" in shown.stderr
    assert shown.returncode == 1


def test_changes_alone_are_told_in_the_order_of_the_file(
    registry: FaultRegistry, tmp_path: Path
) -> None:
    write_images(tmp_path, registry, "two", "three", "one")
    # The first image is resolved last.
    registry.script("GET", "/two/manifests/1", delay(0.05), as_usual)
    done = program.run(tmp_path, "update")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["two:", "added"],
        ["three:", "added"],
        ["one:", "added"],
    ]
    registry.add("three:1", TWO)
    write_images(tmp_path, registry, "two", "three")
    done = program.run(tmp_path, "update")
    short = [ONE.digest[:19], TWO.digest[:19]]
    assert done.stdout == (
        f"three: updated 1 {short[0]} -> {short[1]}\n"
        f"       linux/amd64: 1 of 1 layer new, {TWO.size} B to fetch\n"
        "one:   removed\n"
    )
    assert program.run(tmp_path, "update").stdout == ""
    shown = program.run(tmp_path, "update", "--verbose").stdout
    assert shown == f"two:   unchanged 1 {short[0]}\nthree: unchanged 1 {short[1]}\n"


def test_what_is_asked_by_name_is_done_by_name(registry: FaultRegistry, tmp_path: Path) -> None:
    write_images(tmp_path, registry, "one", "two", "three")
    program.run(tmp_path, "update")
    registry.add("one:1", TWO)
    registry.add("two:1", TWO)
    write_images(tmp_path, registry, "one", "two")
    done = program.run(tmp_path, "update", "one")
    assert done.returncode == 0
    assert locked(tmp_path) == {"one": TWO.digest, "two": ONE.digest, "three": ONE.digest}
    assert done.stdout.startswith("one: updated ")
    assert (
        "images.toml has no image 'three' any more; run `nixfetch-docker lock` to remove it from "
        "the lock\n"
    ) in done.stderr
    program.run(tmp_path, "lock")
    assert locked(tmp_path).keys() == {"one", "two"}


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_registry_that_fails_costs_the_others_nothing(
    jobs: str, registry: FaultRegistry, tmp_path: Path
) -> None:
    registry.script("GET", "/two/manifests/1", status(404), repeat=True)
    write_images(tmp_path, registry, "one", "two", "three")
    done = program.run(tmp_path, "update", "--jobs", jobs)
    assert done.returncode == 1
    assert locked(tmp_path).keys() == {"one", "three"}
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["one", "three"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        *(
            pytest.param(
                [command, *option],
                f"{option[0]} is for --prefetch; pass both, or neither",
                id=f"{command} {option[0]}",
            )
            for command in ("update", "lock")
            for option in (["--store", "a"], ["--all-platforms"], ["--platform", "linux/arm64"])
        ),
        *(
            pytest.param(
                ["update", "--check", option],
                f"--check writes nothing, so there is nothing to {option}",
                id=f"--check {option}",
            )
            for option in ("--commit", "--prefetch")
        ),
        *(
            pytest.param(
                ["update", "--prefetch", form],
                f"the lines of --prefetch would stand behind the text of {form}; "
                "run `nixfetch-docker prefetch` afterwards",
                id=f"--prefetch {form}",
            )
            for form in ("--json", "--markdown")
        ),
        pytest.param(
            ["import", "a.nix", "--follow-tags", "--anonymous"],
            "--follow-tags asks no registry, so no login is used; leave out --anonymous",
            id="import --follow-tags",
        ),
        pytest.param(
            ["import", "a.nix", "--unpin", "--anonymous"],
            "--unpin asks no registry, so no login is used; leave out --anonymous",
            id="import --unpin",
        ),
        pytest.param(
            ["import", "a.nix", "--check", "-o", "new.toml"],
            "--check writes nothing; leave out --output",
            id="import --check -o",
        ),
        *(
            pytest.param(
                ["import", "a.nix", *words],
                f"{words[0]} belongs to --check; leave it out, or add that",
                id=f"import {words[0]}",
            )
            for words in (["--json"], ["--file", "images.toml"])
        ),
    ],
)
def test_an_option_that_would_be_ignored_is_wrong_usage(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr() == ("", f"nixfetch-docker: {message}\n")
