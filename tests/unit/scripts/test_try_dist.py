"""What scripts/try_dist.py refuses before it installs anything."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from try_dist import Unfit, check

PAGE = "nixfetch_docker-0.2.0.data/data/share/man/man1/nixfetch-docker.1"
SDIST = "nixfetch_docker-0.2.0.tar.gz"
WHEEL = "nixfetch_docker-0.2.0-py3-none-any.whl"


def write(directory: Path, *names: str, page: str = PAGE) -> None:
    for name in names:
        if name.endswith(".whl"):
            with zipfile.ZipFile(directory / name, "w") as wheel:
                wheel.writestr(page, "")
        else:
            (directory / name).touch()


def test_the_files_of_a_tag_are_taken(tmp_path: Path) -> None:
    write(tmp_path, WHEEL, SDIST)
    assert [file.name for file in check(tmp_path, "v0.2.0")] == [WHEEL, SDIST]
    assert [file.name for file in check(tmp_path, None)] == [WHEEL, SDIST]


@pytest.mark.parametrize(
    ("names", "tag", "fault"),
    [
        pytest.param([WHEEL], None, "1 wheels and 0 sdists", id="no sdist"),
        pytest.param([SDIST], None, "0 wheels and 1 sdists", id="no wheel"),
        pytest.param(
            [WHEEL, SDIST, WHEEL.replace("2.0", "1.0")], None, "2 wheels", id="an old wheel"
        ),
        pytest.param([WHEEL, SDIST], "v0.3.0", "the tag v0.3.0", id="another version"),
        pytest.param([WHEEL, SDIST], "v0.2", "the tag v0.2 ", id="a part of a version"),
        pytest.param(
            [WHEEL.replace("any", "linux_x86_64"), SDIST], "v0.2.0", "linux_x86_64", id="a system"
        ),
    ],
)
def test_others_are_refused(names: list[str], tag: str | None, fault: str, tmp_path: Path) -> None:
    write(tmp_path, *names)
    with pytest.raises(Unfit, match=fault):
        check(tmp_path, tag)


def test_a_release_has_the_manual_page(tmp_path: Path) -> None:
    write(tmp_path, WHEEL, SDIST, page="nixfetch_docker/__init__.py")
    check(tmp_path, None)
    with pytest.raises(Unfit, match="no manual page"):
        check(tmp_path, "v0.2.0")
