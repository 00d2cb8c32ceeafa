"""Layers decompressed to tars: gzip, zstd or none, told apart by their first bytes.

https://www.rfc-editor.org/rfc/rfc1952 and https://www.rfc-editor.org/rfc/rfc8878
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from ..base import gzip
from ..base.parts import temporary_parent
from ..base.redact import quote
from ..errors import NixfetchError
from .compression import HEAD_BYTES, Compression

if TYPE_CHECKING:
    from ..registry.exchange import Piece

_PIECE_BYTES = 1024 * 1024
_PUSHED_BROKEN = "the layer was pushed like that; without --decompress it is written as it is"
_NO_ZSTD = "install zstd, or leave out --decompress"
# What these are where nobody asked for --decompress.
_HINTS = {_PUSHED_BROKEN: "the layer was pushed like that", _NO_ZSTD: "install zstd"}


class BrokenLayer(NixfetchError):
    """A layer that cannot be decompressed."""


class _Broken(Exception):
    """The same error inside this module.

    It is no `NixfetchError`, so that a download does not ask the registry for the layer again.
    """

    def __init__(self, what: str, hint: str = _PUSHED_BROKEN) -> None:
        super().__init__(what)
        self.hint = hint


class _Plain:
    """Writes data without compression; the base class of the decoders."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: Piece) -> None:
        """Decode the next part of the layer; raises `_Broken`."""
        self._out.write(data)

    def finish(self) -> None:
        """Raise `_Broken` where the end is missing."""

    def abandon(self) -> None:
        """Free all resources, at the end or after an error."""


class _Gzip(_Plain):
    def __init__(self, out: BinaryIO) -> None:
        super().__init__(out)
        self._stream = gzip.Gunzip()

    def write(self, data: Piece) -> None:
        try:
            for piece in self._stream.decompress(data):
                self._out.write(piece)
        except zlib.error as error:
            raise _Broken(f"its gzip is broken ({error})") from None

    def finish(self) -> None:
        if not self._stream.is_complete:
            raise _Broken("its gzip ends too early")


class _Zstd(_Plain):
    """Decompresses by the program zstd, as Python has none before 3.14."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(out)
        out.flush()
        self._errors = tempfile.TemporaryFile(dir=temporary_parent())  # noqa: SIM115 (abandon closes it)
        try:
            self._process = _zstd(subprocess.PIPE, out, self._errors)
        except _Broken:
            self._errors.close()
            raise

    def write(self, data: Piece) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._input.write(rest) :]
        except BrokenPipeError:
            self.finish()
            raise

    def finish(self) -> None:
        self._input.close()
        status = self._process.wait()
        if status == -signal.SIGPIPE:
            # The reader of its output has closed the pipe.
            raise BrokenPipeError
        _check(status, self._errors)

    def abandon(self) -> None:
        self._input.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 (it was asked for)
        return self._process.stdin


class Decompressor:
    """Writes a layer to a file, decompressed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._head = b""
        self._decoder: _Plain | None = None
        self._broken: _Broken | None = None

    def write(self, data: Piece) -> None:
        """Decompress the next part of the layer.

        Broken data raises at the end only: by then the layer is known to have the right digest.
        """
        if self._broken is not None:
            return
        if self._decoder is None:
            self._head += data
            if len(self._head) < HEAD_BYTES:
                return
            self._decoder, data = self._choose(), self._head
        try:
            self._decoder.write(data)
        except _Broken as broken:
            self._broken = broken

    def finish(self) -> None:
        """Write the rest; raises `_Broken` for broken data."""
        if self._broken is not None:
            raise self._broken
        if self._decoder is None:
            self._out.write(self._head)
        else:
            self._decoder.finish()

    def abandon(self) -> None:
        """Stop the decoder, at the end or after an error."""
        if self._decoder is not None:
            self._decoder.abandon()

    def _choose(self) -> _Plain:
        match Compression.of(self._head):
            case Compression.GZIP:
                return _Gzip(self._out)
            case Compression.ZSTD:
                return _Zstd(self._out)
            case Compression.NONE:
                return _Plain(self._out)


@contextmanager
def decompressed(out: BinaryIO) -> Iterator[Decompressor]:
    """A decompressor that writes into `out`, and is finished at the end of the block.

    Raises `BrokenLayer` for broken data, and where the program zstd is missing.
    """
    decompressor = Decompressor(out)
    try:
        yield decompressor
        decompressor.finish()
    except _Broken as error:
        raise BrokenLayer(str(error), hint=error.hint) from None
    finally:
        decompressor.abandon()


def plain_pieces(path: Path) -> Generator[bytes, None, None]:
    """The tar of a layer in a file, in pieces of at most 1 MiB.

    Raises `BrokenLayer` for broken data, and where the program zstd is missing.
    """
    with path.open("rb", buffering=0) as layer:
        head = layer.read(HEAD_BYTES)
        layer.seek(0)
        try:
            match Compression.of(head):
                case Compression.GZIP:
                    yield from _gunzipped(layer)
                case Compression.ZSTD:
                    yield from _from_zstd(layer)
                case Compression.NONE:
                    yield from _pieces(layer)
        except _Broken as error:
            raise BrokenLayer(str(error), hint=_HINTS.get(error.hint, error.hint)) from None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE_BYTES):
        yield piece


def _gunzipped(layer: IO[bytes]) -> Iterator[bytes]:
    stream = gzip.Gunzip()
    try:
        for piece in _pieces(layer):
            yield from stream.decompress(piece)
    except zlib.error as error:
        raise _Broken(f"its gzip is broken ({error})") from None
    if not stream.is_complete:
        raise _Broken("its gzip ends too early")


def _from_zstd(layer: IO[bytes]) -> Iterator[bytes]:
    with (
        tempfile.TemporaryFile(dir=temporary_parent()) as errors,
        _zstd(stdin=layer, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            assert process.stdout is not None  # noqa: S101 (it was asked for)
            yield from _pieces(process.stdout)
            _check(process.wait(), errors)
        finally:
            process.kill()


def _zstd(
    stdin: IO[bytes] | int, stdout: IO[bytes] | int, stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    """The program zstd, started; raises `_Broken` where there is none."""
    try:
        return subprocess.Popen(
            ["zstd", "--decompress", "--stdout", "--quiet"],  # noqa: S607 (the user's own)
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=0,
        )
    except OSError:
        raise _Broken(
            "it is compressed with zstd, and the program zstd was not found",
            hint=_NO_ZSTD,
        ) from None


def _check(status: int, errors: IO[bytes]) -> None:
    """Raise `_Broken` for an exit status of zstd that is none of success."""
    if status < 0:
        raise _Broken(f"zstd was ended by signal {-status}", hint="run the command again")
    if status:
        errors.seek(0)
        output = quote(errors.read(4096).decode(errors="replace"))
        if "Write error" in output:
            raise _Broken(f"zstd could not write ({output})", hint="is there room on the disk?")
        raise _Broken(f"its zstd is broken ({output})")
