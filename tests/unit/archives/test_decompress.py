from __future__ import annotations

import gzip
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.archives.decompress import decompressed
from nixfetch_docker.errors import NixfetchError

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
HINT = "the layer was pushed like that; without --decompress it is written as it is"


def decompress(pieces: Sequence[bytes]) -> bytes:
    with tempfile.TemporaryFile() as file:
        with decompressed(cast(BinaryIO, file)) as decompressor:
            for piece in pieces:
                decompressor.write(piece)
        file.seek(0)
        return file.read()


@given(st.binary(), st.integers(1, 20))
def test_gzip_in_any_pieces(data: bytes, size: int) -> None:
    packed = gzip.compress(data[:10]) + gzip.compress(data[10:])
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert decompress(pieces) == data


@pytest.mark.parametrize("data", [b"", b"a", b"abc", bytes(3_000_000)], ids=len)
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "none"])
def test_every_compression(data: bytes, pack: type[bytes]) -> None:
    packed = pack(data)
    assert decompress([packed[:1], packed[1:]]) == data


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        pytest.param(gzip.compress(b"a" * 99)[:-9], "its gzip ends too early", id="gzip cut"),
        pytest.param(
            b"\x1f\x8b" + bytes(20),
            "its gzip is broken (Error -3 while decompressing data: unknown compression method)",
            id="gzip",
        ),
    ],
)
def test_a_broken_layer_is_an_error(packed: bytes, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        decompress([packed])
    assert str(caught.value) == f"{message}; {HINT}"


def test_a_missing_program_zstd_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NixfetchError) as caught:
        decompress([ZSTD_MAGIC])
    assert str(caught.value) == (
        "it is compressed with zstd, and the program zstd was not found; "
        "install zstd, or leave out --decompress"
    )


@pytest.fixture
def install_zstd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a program zstd that runs these lines of Python first in PATH."""

    def install(lines: str) -> None:
        program = tmp_path / "zstd"
        program.write_text(f"#!{sys.executable}\nimport os, signal, sys\n{lines}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_zstd_is_decompressed_by_the_program_zstd(install_zstd: Callable[[str], None]) -> None:
    install_zstd("sys.stdout.buffer.write(sys.stdin.buffer.read()[4:])")
    data = bytes(range(256)) * 4000
    assert decompress([ZSTD_MAGIC[:2], ZSTD_MAGIC[2:], data[:9], data[9:]]) == data


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(
            "sys.stdin.buffer.read(); sys.exit('stdin: corrupted block')",
            f"its zstd is broken (stdin: corrupted block); {HINT}",
            id="broken data",
        ),
        pytest.param(
            "sys.stdin.buffer.read(); sys.exit('Write error: No space left on device')",
            "zstd could not write (Write error: No space left on device); "
            "is there room on the disk?",
            id="full disk",
        ),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            "zstd was ended by signal 9; run the command again",
            id="signal",
        ),
    ],
)
def test_an_error_of_the_program_zstd(
    lines: str, message: str, install_zstd: Callable[[str], None]
) -> None:
    install_zstd(lines)
    with pytest.raises(NixfetchError) as caught:
        decompress([ZSTD_MAGIC, bytes(1_000_000)])
    assert str(caught.value) == message


def test_a_closed_pipe_behind_the_program_zstd_is_no_broken_layer(
    install_zstd: Callable[[str], None],
) -> None:
    install_zstd("signal.signal(signal.SIGPIPE, 0); os.kill(os.getpid(), signal.SIGPIPE)")
    with pytest.raises(BrokenPipeError):
        decompress([ZSTD_MAGIC, bytes(1_000_000)])
