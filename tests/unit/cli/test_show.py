"""The pages of `show`, in a terminal of 80 and of 40 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import terminal
from support.builders import locked_image, request

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

LONG = "the-image-that-renders-dashboards"
REQUESTS = {
    "redis": request("redis:7.4.1-alpine3.20", "linux/amd64", "linux/arm64", "linux/arm/v7"),
    LONG: request("ghcr.io/acme/web:v1.2.3-ls207-development", "linux/amd64"),
}
IMAGES_TOML = f"""\
[images]
new.image = "busybox"
{LONG} = {{ image = "ghcr.io/acme/web:v1.2.3-ls207-development", platforms = ["linux/amd64"] }}
redis.image = "redis:8"
"""

AT_80_COLUMNS = """\

 IMAGE               TAG                 PLATFORM       LAYERS   SIZE    SHARED
 ──────────────────────────────────────────────────────────────────────────────
 new                 not locked
 the-image-that-re   v1.2.3-ls207-deve   linux/amd64    2        158 B   4 B
 nders-dashboards    lopment
 redis               7.4.1-alpine3.20    linux/amd64    2        74 B    4 B
                                         linux/arm/v7   2        77 B    0 B
                                         linux/arm64    2        74 B    0 B

linux/amd64: 2 images, 232 B; 228 B with shared layers once
linux/arm/v7: 1 image, 77 B; 77 B with shared layers once
linux/arm64: 1 image, 74 B; 74 B with shared layers once
new is not locked yet: run `nixfetch-docker lock`
redis is locked for another entry than the one in images.toml: run `nixfetch-docker lock`
"""

AT_40_COLUMNS = """\
new  not locked
the-image-that-renders-dashboards  v1.2.3-ls207-development
  linux/amd64  158 B
redis  7.4.1-alpine3.20
  linux/amd64  74 B
  linux/arm/v7  77 B
  linux/arm64  74 B
linux/amd64: 2 images, 232 B; 228 B with shared layers once
linux/arm/v7: 1 image, 77 B; 77 B with shared layers once
linux/arm64: 1 image, 74 B; 74 B with shared layers once
new is not locked yet: run `nixfetch-docker lock`
redis is locked for another entry than the one in images.toml: run `nixfetch-docker lock`
"""

ONE_IMAGE = """\
reference   docker.io/library/redis:7.4.1-alpine3.20
asked       image = "redis:7.4.1-alpine3.20"
            platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"]
digest      sha256:2c6b5c9a935bdc8bfaee02feefdaf9fd678d02d19f3d195a547700387506e0ba

linux/amd64, 74 B
manifest    sha256:673d39c812ea1fac04e4297437731761d8361ae257f03c363db26422913c37f4
config      sha256:9256e3d44e6be9758b709dcba43598ffcef5b6db7a7d656266bf3c746990c4d4  23 B
layer 1     sha256:cae662172fd4   4 B  also in the-image-that-renders-dashboards
layer 2     sha256:3cd7cdbbada9  22 B

linux/arm/v7, 77 B
manifest    sha256:0a0dccef6794ceb5902444c16f2f6f34be0dcf52ef94ce970ed27083d7fa9e30
config      sha256:eed04ebe8b2efdfcca5e0552830fba640d1834dc10ae11a814aedc22c2022f5b  24 B
layer 1     sha256:cae662172fd4   4 B  also in the-image-that-renders-dashboards
layer 2     sha256:3d5226ee0c5a  23 B

linux/arm64, 74 B
manifest    sha256:9908b47c77bf7349228a4ecdef2bf5c3c21b075b69ade00b3415d1ee14ab8c51
config      sha256:f2c4e498b323d6871910484a68bc78dc4e9289aafe26fe343544a8f66140cbbd  23 B
layer 1     sha256:cae662172fd4   4 B  also in the-image-that-renders-dashboards
layer 2     sha256:49715c059c68  22 B
redis is locked for another entry than the one in images.toml: run `nixfetch-docker lock`
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    lock = Lock(images={name: locked_image(one, content=name) for name, one in REQUESTS.items()})
    (tmp_path / "images.toml").write_text(IMAGES_TOML)
    (tmp_path / "images.lock.toml").write_text(lock.to_toml())
    return tmp_path


def shown(project: Path, *words: str, columns: int) -> str:
    status, sent = terminal.run("show", *words, cwd=project, columns=columns)
    assert status == 0
    return terminal.without_colours(sent)


def test_a_row_an_image_and_a_total_a_platform(project: Path) -> None:
    assert shown(project, columns=80) == AT_80_COLUMNS


def test_a_narrow_terminal_cuts_no_platform(project: Path) -> None:
    assert shown(project, columns=40) == AT_40_COLUMNS


def test_one_image_with_what_was_asked_and_who_shares_its_layers(project: Path) -> None:
    assert shown(project, "redis", columns=80) == ONE_IMAGE


def test_in_a_pipe_every_image_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert main(["show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[:4]] == [
        ["IMAGE", "TAG", "PLATFORM"],
        ["new", "not", "locked"],
        [LONG, "v1.2.3-ls207-development", "linux/amd64"],
        ["redis", "7.4.1-alpine3.20", "linux/amd64,linux/arm/v7,linux/arm64"],
    ]


def test_an_image_that_is_not_locked_yet_is_wrong_usage(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert main(["show", "new"]) == 2
    assert capsys.readouterr() == (
        "",
        "nixfetch-docker: new is not locked yet; run `nixfetch-docker lock` to pin it\n",
    )


def test_the_file_is_found_in_a_directory_above_and_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".git").mkdir()
    below = project / "hosts" / "web"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert main(["show", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "using ../../images.toml\n"
    assert list(json.loads(out)["images"]) == ["redis", LONG]
    assert main(["image-names", "nixfetch-docker show "]) == 0
    assert capsys.readouterr() == (f"new\n{LONG}\nredis\n", "")
