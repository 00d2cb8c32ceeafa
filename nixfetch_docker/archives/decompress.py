"""Layers as the tars that they are, whatever they were compressed with."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from ..base import gzip
from ..base.redact import quote
from ..errors import NixfetchError

_ZSTD = b"\x28\xb5\x2f\xfd"
_PUSHED_SO = "the layer was pushed like that; without --decompress it comes as it is"


class BrokenLayer(NixfetchError):
    """A layer that cannot be decompressed."""


class _Broken(Exception):
    """The same while it comes, which is nothing that a registry could be asked again for."""

    def __init__(self, what: str, hint: str = _PUSHED_SO) -> None:
        super().__init__(what)
        self.hint = hint


class _Plain:
    """What is not compressed; and what the others begin from."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        """Take some of it."""
        self._out.write(data)

    def finish(self) -> None:
        """Make sure that it was all."""

    def abandon(self) -> None:
        """Leave nothing behind, finished or not."""


class _Gzip(_Plain):
    def __init__(self, out: BinaryIO) -> None:
        super().__init__(out)
        self._stream = gzip.Gunzip()

    def write(self, data: bytes) -> None:
        try:
            for piece in self._stream.decompress(data):
                self._out.write(piece)
        except zlib.error as error:
            raise _Broken(f"its gzip is broken ({error})") from None

    def finish(self) -> None:
        if not self._stream.is_complete:
            raise _Broken("its gzip ends too early")


class _Zstd(_Plain):
    """By the program: Python has no zstd before 3.14."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(out)
        out.flush()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (abandon closes it)
        try:
            self._process = subprocess.Popen(
                ["zstd", "--decompress", "--stdout", "--quiet"],  # noqa: S607 (the user's own)
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=self._errors,
                bufsize=0,
            )
        except OSError:
            self._errors.close()
            raise _Broken(
                "it is compressed with zstd, and there is no program zstd",
                hint="install zstd, or leave out --decompress",
            ) from None

    def write(self, data: bytes) -> None:
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
            # The reader of its output has seen enough.
            raise BrokenPipeError
        if status < 0:
            raise _Broken(f"zstd was ended by signal {-status}", hint="run it again")
        if status:
            self._errors.seek(0)
            said = quote(self._errors.read(4096).decode(errors="replace"))
            if "Write error" in said:
                raise _Broken(f"zstd could not write ({said})", hint="is there room for it?")
            raise _Broken(f"its zstd is broken ({said})")

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
    """Writes what it is given to a file, decompressed; its first bytes tell what it is."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._head = b""
        self._decoder: _Plain | None = None
        self._broken: _Broken | None = None

    def write(self, data: bytes) -> None:
        """Take some of the layer.

        What is broken in it is told at the end, when it is known to be what was asked for.
        """
        if self._broken is not None:
            return
        if self._decoder is None:
            self._head += data
            if len(self._head) < len(_ZSTD):
                return
            self._decoder, data = self._choose(), self._head
        try:
            self._decoder.write(data)
        except _Broken as broken:
            self._broken = broken

    def finish(self) -> None:
        """Write the last of it."""
        if self._broken is not None:
            raise self._broken
        if self._decoder is None:
            self._out.write(self._head)
        else:
            self._decoder.finish()

    def abandon(self) -> None:
        """Leave no program behind."""
        if self._decoder is not None:
            self._decoder.abandon()

    def _choose(self) -> _Plain:
        if self._head.startswith(gzip.MAGIC):
            return _Gzip(self._out)
        return _Zstd(self._out) if self._head.startswith(_ZSTD) else _Plain(self._out)


@contextmanager
def decompressed(out: BinaryIO) -> Iterator[Decompressor]:
    """A decompressor into `out`, finished at the end of the block.

    Raises `BrokenLayer` for what is broken, also where there is no program for it.
    """
    decompressor = Decompressor(out)
    try:
        yield decompressor
        decompressor.finish()
    except _Broken as error:
        raise BrokenLayer(str(error), hint=error.hint) from None
    finally:
        decompressor.abandon()
