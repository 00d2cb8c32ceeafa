"""The pages of `show`, in a terminal of 80 and of 40 columns, in golden/*.txt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import golden, terminal
from support.builders import fleet_lock, locked_image, request

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


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    layers: dict[str, dict[str, int]] = {
        "api": {"base": 60_000_000, "python": 20_000_000, "api": 5_000_000, "conf": 90},
        "job": {"base": 60_000_000, "python": 20_000_000, "job": 900_000, "run": 800_000},
        "web": {"base": 60_000_000, "nginx": 30_000_000, "web": 9_000_000},
        "tiny": {"tiny": 2_000_000},
        "small": {f"small {number % 2 or number}": 400 for number in range(9)},
    }
    lock = fleet_lock(layers)
    (tmp_path / "images.lock.toml").write_text(lock.to_toml())
    entries = (
        f"[images.{name}]\nimage = {image.request.image!r}\nplatforms = ['linux/amd64']\n"
        for name, image in lock.images.items()
    )
    (tmp_path / "images.toml").write_text("".join(entries) + "[images.new]\nimage = 'busybox'\n")
    return tmp_path


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_a_bar_for_each_image(fleet: Path, columns: int) -> None:
    status, page = terminal.run(
        "show", "--layers", cwd=fleet, columns=columns, env={"NO_COLOR": "1"}
    )
    assert status == 0
    golden.check(PAGES / f"show-layers-at-{columns}-columns.txt", page)
    assert max(map(len, page.splitlines()[:-1])) <= columns


def test_colours_tell_the_same_as_signs(fleet: Path) -> None:
    status, sent = terminal.run("show", "web", "--layers", cwd=fleet)
    assert status == 0
    assert "\x1b[38;5;16;48;5;117mA" in sent
    assert "\x1b[38;5;16;48;5;250m." in sent
    status, plain = terminal.run("show", "web", "--layers", cwd=fleet, env={"NO_COLOR": "1"})
    assert "\x1b" not in plain
    assert "AAAAAAAAAA 60.0 MB AAAAAAAAA" in plain


def test_the_legend_names_the_images_of_each_group_of_one_image_among_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lock = fleet_lock(
        {f"{kind}{n:02}": {f"layer {n}": 5_000 - n} for n in range(27) for kind in "ab"}
    )
    Path("images.lock.toml").write_text(lock.to_toml())
    Path("images.toml").touch()
    assert main(["show", "a26", "--layers"]) == 0
    assert "A 5.0 kB in 1 layer of a26, b26\n" in capsys.readouterr().out
    assert main(["show", "a26", "--html", "-"]) == 0
    page = capsys.readouterr().out
    assert "5.0 kB in 1 layer: a26, b26" in page
    assert ">A</text>" in page
    assert main(["show", "--layers"]) == 0
    assert "* 5.0 kB in layers of 1 other group of images\n" in capsys.readouterr().out


def test_no_name_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "a-long-name" * 11
    lock = fleet_lock({name: {"base": 5_000}, "web": {"base": 5_000}})
    Path("images.lock.toml").write_text(lock.to_toml())
    Path("images.toml").touch()
    assert main(["show", "--layers"]) == 0
    assert capsys.readouterr().out.count(name) == 2


def test_bars_in_a_pipe_have_80_columns_and_signs(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(fleet)
    monkeypatch.delenv("COLUMNS", raising=False)
    assert main(["show", "--layers"]) == 0
    assert capsys.readouterr().out == (PAGES / "show-layers-at-80-columns.txt").read_text().replace(
        "new is not locked yet: run `nixfetch-docker lock`\n", ""
    )


HISTORY = "--history is for the layers of one NAME, without --json, --layers and --html"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--history"], HISTORY),
        (["web", "--history", "--layers"], HISTORY),
        (["web", "--history", "--html", "-"], HISTORY),
        (["web", "--history", "--json"], HISTORY),
        (["--layers", "--json"], "not allowed with argument"),
        (["--layers", "--html", "-"], "not allowed with argument"),
        (["--since", "HEAD"], "--since is for the page of --html; `nixfetch-docker diff REV`"),
        (["--layers", "--since", "HEAD"], "--since is for the page of --html"),
        (["--html", "-", "--anonymous"], "--anonymous is for --history"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    words: list[str],
    told: str,
    fleet: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(fleet)
    assert status_of("show", *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def status_of(*words: str) -> object:
    """The exit status, also where argparse ends the program."""
    try:
        return main(list(words))
    except SystemExit as done:
        return done.code


def test_the_page_goes_to_a_file_or_to_stdout(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(fleet)
    assert main(["show", "--html", "page.html"]) == 0
    assert main(["show", "--html", "-"]) == 0
    page = Path("page.html").read_bytes()
    assert capfdbinary.readouterr().out == page
    assert page.startswith(b"<!doctype html>\n")
    assert page.endswith(b"</html>\n")
    assert main(["show", "web", "--html", "page.html"]) == 0
    assert Path("page.html").read_bytes() != page


@pytest.mark.parametrize("words", [["none"], ["web", "--since", "-x"]])
def test_where_it_fails_the_page_is_as_it_was(
    words: list[str], fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fleet)
    monkeypatch.setenv("PATH", str(fleet))  # where no git is
    Path("page.html").write_text("as it was")
    assert status_of("show", *words, "--html", "page.html") != 0
    assert Path("page.html").read_text() == "as it was"


@pytest.mark.parametrize("name", ["images.toml", "images.lock.toml", "link", "./images.toml"])
def test_the_page_replaces_neither_file_of_the_project(
    name: str,
    fleet: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(fleet)
    Path("link").symlink_to("images.lock.toml")
    before = [path.read_text() for path in sorted(fleet.glob("images*"))]
    assert main(["show", "--html", name]) == 2
    assert "is a file of the project; name another for the page" in capsys.readouterr().err
    assert [path.read_text() for path in sorted(fleet.glob("images*"))] == before


LABEL = "<script>alert(1)</script>"


@pytest.mark.parametrize("source", ["javascript:alert(1)", LABEL, f"https://a.example/{LABEL}"])
def test_a_label_in_the_store_is_no_markup_on_the_page(
    source: str, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fleet)
    monkeypatch.setenv("NIX_STORE_DIR", str(fleet))
    config = json.dumps(
        {"config": {"Labels": {"org.opencontainers.image.source": source}}}
    ).encode()
    put_config(fleet, config)
    assert main(["show", "redis", "--html", "page.html"]) == 0
    page = Path("page.html").read_text()
    assert "its labels are no URL" in page
    assert "<script" not in page
    assert "javascript:" not in page


def put_config(directory: Path, config: bytes) -> None:
    """Lock `redis` with this config, which the store has."""
    digest = Digest.of(config)
    Path(blob_path(str(directory), digest)).write_bytes(config)
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
    put_config(tmp_path, config)
    assert main(["show", "redis"]) == 0
    assert f"source   {told}\n" in capsys.readouterr().out
