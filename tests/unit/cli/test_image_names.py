from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixfetch_docker.cli.commands.image_names import images_file
from nixfetch_docker.cli.main import main

HERE = Path("images.toml")


@pytest.mark.parametrize(
    ("line", "file"),
    [
        pytest.param("nixfetch-docker show ", HERE, id="no file named"),
        pytest.param("nixfetch-docker show --file a/b.toml ", Path("a/b.toml"), id="--file"),
        pytest.param("nixfetch-docker show -f b.toml r", Path("b.toml"), id="-f"),
        pytest.param("nixfetch-docker show --file=b.toml ", Path("b.toml"), id="one word"),
        pytest.param("nixfetch-docker show -f 'a b.toml' ", Path("a b.toml"), id="quoted"),
        pytest.param("nixfetch-docker show -f b.toml 'r", Path("b.toml"), id="quotation open"),
        pytest.param("nixfetch-docker show -f ~/b.toml ", Path.home() / "b.toml", id="home"),
        pytest.param("nixfetch-docker show -f ~no-one/b ", Path("~no-one/b"), id="no such user"),
        pytest.param("nixfetch-docker show --file", HERE, id="value not typed yet"),
        pytest.param("nixfetch-docker show --jobs 2 -q ", HERE, id="other options"),
        pytest.param("tar -f a.tar; nixfetch-docker show ", HERE, id="another command before"),
        pytest.param("./bin/nixfetch-docker show -f b.toml ", Path("b.toml"), id="path"),
        pytest.param("nd show -f b.toml ", Path("b.toml"), id="alias"),
    ],
)
def test_the_file_is_the_one_that_the_line_names(line: str, file: Path) -> None:
    assert images_file(line) == file


def names(text: str | None, directory: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The names that are printed for an images.toml with this text, or for none."""
    if text is not None:
        (directory / "images.toml").write_text(text)
    assert main(["image-names", f"nixfetch-docker show -f {directory}/images.toml "]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '[images.web]\nimage = "a"\n[images.redis]\n', ["web", "redis"], id="in their order"
        ),
        pytest.param('[images]\n"a.b" = { image = "a" }\n', ["a.b"], id="quoted and inline"),
        pytest.param('images.web.image = "a"', ["web"], id="dotted"),
        pytest.param('[images."$(reboot)"]\nimage = "a"\n', [], id="a name that a shell expands"),
        pytest.param("[images", [], id="no TOML"),
        pytest.param("images = 1", [], id="no table"),
        pytest.param("", [], id="empty"),
        pytest.param(None, [], id="no file"),
    ],
)
def test_the_names_are_printed_and_no_error(
    text: str | None, expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names(text, tmp_path, capsys) == expected


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "images.toml")
    assert names(None, tmp_path, capsys) == []


def test_little_is_imported_as_a_person_waits_for_the_names() -> None:
    program = (
        "import sys\n"
        "from nixfetch_docker.cli.main import main\n"
        "main(['image-names', 'nixfetch-docker show '])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, check=True, text=True
    )
    imported = set(done.stderr.split())
    assert not imported & {"asyncio", "httpx", "rich", "shtab", "ssl", "subprocess"}
    rooms = {name.split(".")[1] for name in imported if name.startswith("nixfetch_docker.")}
    assert rooms == {"base", "cli", "errors", "lockfile"}
