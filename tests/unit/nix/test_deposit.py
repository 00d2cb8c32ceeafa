"""What waits for Nix, and what does not wait at all."""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from nixfetch_docker.nix import deposit
from nixfetch_docker.nix.deposit import Deposit
from nixfetch_docker.nix.store_path import blob_name
from nixfetch_docker.oci.digest import Digest

DATA = b'{"architecture": "amd64"}'
DIGEST = Digest.of(DATA)
OTHER = Digest.of(b"x\ny")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files, in which nothing is yet."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    return directory


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment with a Nix that writes down what it is given, and fails."""
    program = tmp_path / "bin/nix-store"
    program.parent.mkdir()
    program.write_text(f"""#!{sys.executable}
import os, stat, sys
files = {{name: open(name, "rb").read() for name in os.listdir()}}
with open({str(tmp_path / "seen")!r}, "a") as seen:
    print((sys.argv[1:], files, stat.S_IMODE(os.stat(".").st_mode)), file=seen)
sys.exit(1)
""")
    program.chmod(0o755)
    return {"PATH": str(program.parent)}


def seen(directory: Path) -> list[tuple[list[str], dict[str, bytes], int]]:
    """What each Nix was given: its arguments, the files around it, and the mode of their place."""
    return [eval(line) for line in (directory / "seen").read_text().splitlines()]  # noqa: S307


def test_nix_gets_all_blobs_at_once_and_no_file_stays(
    temporary: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Also where it fails. No other user can read the files."""
    others = [Digest.parse(f"sha512:{hashlib.sha512(data).hexdigest()}") for data in (b"a", b"")]
    with Deposit(environment, "/a store") as waiting:
        for digest, data in ((DIGEST, DATA), (others[0], b"a"), (OTHER, b"x\ny"), (others[1], b"")):
            waiting.put(digest, data)
        # No name, so that no kill leaves it.
        assert not list(temporary.iterdir())
        waiting.hand_over()
        waiting.settle(is_needed=True)
    assert not list(temporary.iterdir())
    files = {blob_name(DIGEST): DATA, blob_name(OTHER): b"x\ny"}
    longer = {blob_name(others[0]): b"a", blob_name(others[1]): b""}
    assert seen(tmp_path) == [
        (["--add-fixed", "sha256", *files, "--store", "/a store"], files | longer, 0o700),
        (["--add-fixed", "sha512", *longer, "--store", "/a store"], files | longer, 0o700),
    ]


def test_an_interrupted_run_leaves_nothing(
    temporary: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    waiting = Deposit(environment)
    with suppress(KeyboardInterrupt), waiting:
        waiting.put(DIGEST, DATA)
        raise KeyboardInterrupt
    # A thread that an interrupt has not ended yet.
    waiting.put(DIGEST, DATA)
    waiting.hand_over()
    waiting.settle(is_needed=True)
    assert not list(temporary.iterdir())
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no PATH"),
        pytest.param({"PATH": ""}, id="an empty PATH"),
        pytest.param({"PATH": "/nowhere"}, id="no Nix in PATH"),
    ],
)
def test_without_nix_nothing_is_written(environment: dict[str, str], temporary: Path) -> None:
    with Deposit(environment) as waiting:
        waiting.put(DIGEST, DATA)
        waiting.hand_over()
        waiting.settle(is_needed=True)
        assert not list(temporary.iterdir())


def test_no_process_starts_where_nothing_was_read(environment: dict[str, str]) -> None:
    with Deposit(environment) as waiting:
        waiting.hand_over()
        # Starting one would fail this test.
        waiting.settle(is_needed=True)


@pytest.mark.parametrize("limit", ["_FILES_LIMIT", "_BYTES_LIMIT"])
def test_more_than_a_command_line_or_a_disk_takes_is_left_out(
    limit: str,
    temporary: Path,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deposit, limit, 3)
    with Deposit(environment) as waiting:
        for number in range(5):
            data = str(number).encode()
            waiting.put(Digest.of(data), data)
        waiting.hand_over()
        waiting.settle(is_needed=True)
    [(_, files, _)] = seen(tmp_path)
    assert sorted(files.values()) == [b"0", b"1", b"2"]
    assert not list(temporary.iterdir())


def test_a_disk_that_takes_nothing_is_no_error(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    with Deposit(environment) as waiting:
        waiting.put(DIGEST, DATA)
        waiting.put(DIGEST, DATA)
        waiting.hand_over()
        waiting.settle()
    assert not (tmp_path / "seen").exists()
