"""The pages of `show`, in a terminal of 80 and of 40 columns, in golden/*.txt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import golden, terminal
from support.builders import locked_image, request

from nixfetch_docker.base.values import replace
from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.nix.store_path import blob_path
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest

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

PAGES = Path(__file__).parent / "golden"


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
    golden.check(PAGES / "show.txt", shown(project, columns=80))


def test_a_narrow_terminal_cuts_no_platform(project: Path) -> None:
    golden.check(PAGES / "show-at-40-columns.txt", shown(project, columns=40))


def test_one_image_with_what_was_asked_and_who_shares_its_layers(project: Path) -> None:
    golden.check(PAGES / "show-redis.txt", shown(project, "redis", columns=80))


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


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "also in i0"), (3, "also in i0, i1, i2"), (40, "also in i0, i1, i10 and 37 more")],
)
def test_a_layer_of_many_images_names_some(
    number: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    one = locked_image(request("redis:7", "linux/amd64"))
    images = {"redis": one, **{f"i{n}": one for n in range(number)}}
    Path("images.lock.toml").write_text(Lock(images=images).to_toml())
    Path("images.toml").write_text(
        "".join(
            f'[images.{name}]\nimage = "redis:7"\nplatforms = ["linux/amd64"]\n' for name in images
        )
    )
    assert main(["show", "redis"]) == 0
    layers = [line for line in capsys.readouterr().out.splitlines() if line.startswith("layer")]
    assert layers
    assert all(line.endswith(f"  {told}") and len(line) <= 80 for line in layers)
    assert main(["why", "redis", "--offline"]) == 0
    out = capsys.readouterr().out
    assert out.count("layers with i") == min(number, 10)
    assert ("and 30 more" in out) == (number == 40)


@pytest.mark.parametrize(
    ("number", "told"), [(2, "i0, i1 are"), (20, "i19 are"), (30, "i19 and 10 more are")]
)
def test_a_check_of_many_images_that_are_not_locked_names_some(
    number: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f'i{n}.image = "redis:7"\n' for n in range(number)]
    Path("images.toml").write_text(f"[images]\n{''.join(lines)}")
    assert main(["check"]) == 0
    assert f"{told} not locked yet; run" in capsys.readouterr().err
    names = [f"i{n}" for n in range(number)]
    assert main(["check", *names]) == 2
    assert f"{told} not locked yet; run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        pytest.param({}, "the image does not say", id="none"),
        pytest.param({"source": "https://lab.example/web"}, "https://lab.example/web", id="a URL"),
        pytest.param(
            {"source": "javascript:1", "created": "now"},
            "not shown, as these labels are no URL, revision or date: "
            "org.opencontainers.image.source, org.opencontainers.image.created",
            id="no URL and no date",
        ),
        pytest.param(
            {"source": "https://lab.example/web", "revision": "::1"},
            "https://lab.example/web",
            id="no revision",
        ),
    ],
)
def test_the_source_is_that_of_the_labels_in_the_store(
    labels: dict[str, str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NIX_STORE_DIR", str(tmp_path))
    full = {f"org.opencontainers.image.{name}": value for name, value in labels.items()}
    config = json.dumps({"config": {"Labels": full}}).encode()
    digest = Digest.of(config)
    Path(blob_path(str(tmp_path), digest)).write_bytes(config)
    one = locked_image(request("redis:7", "linux/amd64"))
    platforms = {
        name: replace(locked, config=Blob(digest=digest, size=len(config)))
        for name, locked in one.platforms.items()
    }
    images = {"redis": replace(one, platforms=platforms)}
    Path("images.lock.toml").write_text(Lock(images=images).to_toml())
    Path("images.toml").write_text(
        '[images.redis]\nimage = "redis:7"\nplatforms = ["linux/amd64"]\n'
    )
    assert main(["show", "redis"]) == 0
    assert f"source   {told}\n" in capsys.readouterr().out
