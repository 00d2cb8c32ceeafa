from __future__ import annotations

import io
import os
import stat
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from support import oci
from support.faults.registry import faults
from support.users import unprivileged

from nixfetch_docker.base.files import FileError
from nixfetch_docker.cli import output
from nixfetch_docker.cli.main import main
from nixfetch_docker.errors import UsageError


class Terminal(io.TextIOWrapper):
    """A stdout that says whether it is a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.written = io.BytesIO()
        super().__init__(self.written)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def stdout(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> Terminal:
    # No fixture: pytest sets stdout again between a test's set-up and its call.
    replacement = Terminal(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stdout", replacement)
    return replacement


@pytest.mark.parametrize("text", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_stdout_has_several_names(text: str) -> None:
    assert output.parse_path(text) == output.STDOUT


@pytest.mark.parametrize("text", ["web.tar", "./-", "/dev/stderr"])
def test_any_other_name_is_a_file(text: str) -> None:
    path = output.parse_path(text)
    assert path != output.STDOUT
    assert path.absolute() == Path(text).absolute()


def test_text_may_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = stdout(monkeypatch, is_terminal=True)
    output.write(b"text")
    assert terminal.written.getvalue() == b"text"


@pytest.mark.parametrize(
    ("is_terminal", "written"),
    [(True, rb"""{"a": "\x1b[31m\u202e\ufffd"}""" + b"\n"), (False, None)],
    ids=["on a terminal", "elsewhere"],
)
def test_a_document_controls_no_terminal_and_stays_elsewhere(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, written: bytes | None
) -> None:
    data = b"""{"a": "\x1b[31m\xe2\x80\xae\xff"}\n"""
    terminal = stdout(monkeypatch, is_terminal=is_terminal)
    output.write(data)
    shown = terminal.written.getvalue()
    assert shown == (data if written is None else written.replace(rb"\ufffd", "\ufffd".encode()))


def test_binary_output_may_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = stdout(monkeypatch, is_terminal=True)
    with pytest.raises(UsageError) as caught, output.opened(output.STDOUT) as out:
        out.write(b"\0")
    assert str(caught.value) == (
        "the output is binary, and stdout is a terminal; pipe it, or write a file with -o"
    )
    assert terminal.written.getvalue() == b""


def test_binary_output_may_go_to_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = stdout(monkeypatch, is_terminal=False)
    with output.opened(output.STDOUT) as out:
        out.write(b"\0")
    assert pipe.written.getvalue() == b"\0"


def test_a_file_is_replaced_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), output.opened(path) as out:
        out.writelines([b"new", None])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    output.write(b"new", path)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"new")]


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    output.write(b"text", link)
    assert link.is_symlink()
    assert link.is_char_device()


LONG = "a" * 300


@pytest.fixture
def _no_files_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, "/nonexistent")


@pytest.mark.parametrize("command", ["manifest", "config", "layer", "image", "image/", "nix"])
@pytest.mark.parametrize(
    ("output_name", "reason"),
    [
        pytest.param(LONG, "File name too long", id="a name of 300 bytes"),
        pytest.param(f"{LONG}/file", "File name too long", id="in a directory of that name"),
        pytest.param("closed/file", "Permission denied", id="in a directory not to be searched"),
        pytest.param("nowhere/file", "No such file or directory", id="in no directory"),
    ],
)
@pytest.mark.usefixtures("_no_files_of_the_user")
def test_a_file_that_cannot_be_written_is_an_error(
    output_name: str, reason: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0)
    name = command.rstrip("/")
    end = "/" if command.endswith("/") else ""
    # Who is not root cannot search the directory of root's tests either.
    user = unprivileged() if output_name.startswith("closed") else nullcontext()
    with faults() as registry, user:
        registry.add("web:1", oci.image(oci.layer({"a": b"1"})))
        words = [f"{registry.host}/web:1", *(["1"] if name == "layer" else [])]
        path = f"{tmp_path}/{output_name}{end}"
        assert main([name, *words, "--anonymous", "-o", path]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.endswith(f": cannot be written ({reason})\n")


def test_a_file_to_import_into_may_have_any_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nix = tmp_path / "a.nix"
    nix.write_text('{ image = "docker.io/library/redis:7"; }')
    assert main(["import", str(nix), "-o", str(tmp_path / LONG)]) == 1
    assert "unexpected" not in capsys.readouterr().err


def test_an_open_descriptor_is_written_through(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(b"before ")
        file.flush()
        for name in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}"):
            assert output.is_stream(Path(name))
            output.write(b"text ", Path(name))
        file.write(b"after")
    assert path.read_bytes() == b"before text text after"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_descriptor_that_is_not_open_is_an_error() -> None:
    with pytest.raises(FileError) as caught:
        output.write(b"text", Path("/dev/fd/999999"))
    assert str(caught.value) == "/dev/fd/999999: cannot be written (Bad file descriptor)"


def test_a_pipe_that_has_a_name_is_written_through(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        output.write(b"text", path)
        assert reader.read() == b"text"
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_what_goes_to_dev_null_is_gone() -> None:
    null = Path(os.devnull)
    assert output.is_stream(null)
    output.write(b"text", null)
    assert stat.S_ISCHR(null.stat().st_mode)


@pytest.mark.parametrize("name", ["new", "old", "directory", "missing/new"])
def test_a_file_is_no_stream(name: str, tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    (tmp_path / "directory").mkdir()
    assert not output.is_stream(tmp_path / name)
