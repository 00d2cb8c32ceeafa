from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nixfetch_docker.base.files import FileError
from nixfetch_docker.nix import download_directory

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, "home/.cache/nixfetch-docker/prefetch", id="the default"),
        pytest.param({"XDG_CACHE_HOME": ""}, "home/.cache/nixfetch-docker/prefetch", id="empty"),
        pytest.param({"XDG_CACHE_HOME": "/c"}, "/c/nixfetch-docker/prefetch", id="set"),
    ],
)
def test_it_is_in_the_cache_directory_of_the_user(
    environment: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert download_directory.default_path(environment) == tmp_path / expected


def test_it_is_made_and_only_fresh_files_are_kept(tmp_path: Path) -> None:
    directory = tmp_path / "a/b"
    with download_directory.alone_in(directory, print):
        for name, days in (("old", 8), ("fresh", 6)):
            (directory / name).touch()
            os.utime(directory / name, (0, time.time() - days * DAY))
    with download_directory.alone_in(directory, print):
        assert [file.name for file in directory.iterdir()] == ["fresh"]


def test_a_place_where_no_directory_can_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FileError) as caught,
        download_directory.alone_in(tmp_path / "file/a", print),
    ):
        pass
    assert str(caught.value) == f"{tmp_path}/file/a: cannot be written (Not a directory)"
