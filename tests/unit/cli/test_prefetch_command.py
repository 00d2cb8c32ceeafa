"""`prefetch` on what is locked, with a Nix store that is a list of paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.builders import locked_image, request
from support.fake_nix import fake_nix

from nixfetch_docker.base.units import size
from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.nix.store_path import blob_path
from nixfetch_docker.oci.platform import Platform

HERE = str(Platform.of_machine(os.uname().machine))
AWAY = "linux/s390x"
IMAGES = {
    "both": locked_image(request("both:1", HERE, AWAY), content="both"),
    "here": locked_image(request("here:1", HERE), content="here"),
    "away": locked_image(request("away:1", AWAY), content="away"),
    "far": locked_image(request("far:1", AWAY), content="far"),
}
IMAGES_TOML = "".join(
    f'[images.{name}]\nimage = "{name}:1"\nplatforms = {[*map(str, image.platforms)]}\n'
    for name, image in IMAGES.items()
)

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "images.toml").write_text(IMAGES_TOML)
    (tmp_path / "images.lock.toml").write_text(Lock(images=IMAGES).to_toml())
    programs = fake_nix(tmp_path / "nix")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return programs


def put_all(nix: Path) -> None:
    """Put all blobs into the store."""
    blobs = (
        blob
        for image in IMAGES.values()
        for locked in image.platforms.values()
        for blob in locked.blobs()
    )
    (nix / "valid").write_text(" ".join(blob_path("/nix/store", blob.digest) for blob in blobs))


PASSED_BY = (
    f"away, far are passed by: they are locked for {AWAY}, and this machine is {HERE}; "
    "`--all-platforms` takes all\n"
)


def test_images_for_other_machines_are_passed_by(nix: Path, capsys: Capture) -> None:
    put_all(nix)
    assert main(["prefetch"]) == 0
    assert capsys.readouterr() == (
        f"both: {HERE} is there\nhere: {HERE} is there\n",
        PASSED_BY,
    )


def test_where_all_are_for_other_machines_nothing_is_done(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "images.toml").write_text(
        f'[images.far]\nimage = "far:1"\nplatforms = ["{AWAY}"]\n'
    )
    assert main(["prefetch", "--dry-run"]) == 0
    assert capsys.readouterr() == (
        "total: nothing to fetch; 0 blobs, 0 B in the store\n",
        f"far is passed by: it is locked for {AWAY}, and this machine is {HERE}; "
        "`--all-platforms` takes all\n",
    )


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param(["away"], ["away"], id="by name"),
        pytest.param(["here", "away", "far"], ["away", "far"], id="some of several names"),
        pytest.param(["--platform", AWAY], ["here"], id="by platform"),
    ],
)
def test_what_is_asked_for_and_not_locked_is_an_error(
    words: list[str], names: list[str], nix: Path, capsys: Capture
) -> None:
    put_all(nix)
    assert main(["prefetch", *words]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == names
    assert all(
        "fetch one of these with `--platform`, or write platforms = [" in one for one in lines
    )


def test_all_platforms_pass_nothing_by(nix: Path, capsys: Capture) -> None:
    put_all(nix)
    assert main(["prefetch", "--all-platforms"]) == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (5, "")


def test_the_total_of_a_dry_run_counts_shared_layers_once(nix: Path, capsys: Capture) -> None:
    assert main(["prefetch", "--dry-run", "both", "here"]) == 0
    *lines, total = capsys.readouterr().out.splitlines()
    missing = {
        blob
        for name in ("both", "here")
        for blob in IMAGES[name].platforms[Platform.parse(HERE)].blobs()
    }
    amount = f"{len(missing)} blobs, {size(sum(blob.size for blob in missing))}"
    assert total == f"total: {amount} to fetch, each once; 0 blobs, 0 B in the store"
    assert sum(int(line.split()[4]) for line in lines) == len(missing) + 1, "one is in both"
    put_all(nix)
    assert main(["prefetch", "--dry-run", "both", "here"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"total: nothing to fetch; {amount} in the store"
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(["prefetch", "--dry-run", "--jobs", "4"], "--jobs", id="jobs"),
        pytest.param(["prefetch", "-j8", "--dry-run"], "--jobs", id="jobs as by default"),
        pytest.param(["prefetch", "--anonymous", "--dry-run"], "--anonymous", id="anonymous"),
        pytest.param(
            ["prefetch", "--platform", HERE, "--all-platforms"], "not allowed with", id="platforms"
        ),
        pytest.param(
            ["layer", "redis", f"sha256:{'0' * 64}", "--platform", HERE],
            "pass --platform with a number alone",
            id="layer by its digest",
        ),
    ],
)
def test_an_option_that_is_ignored_is_wrong_usage(
    words: list[str], error: str, capsys: Capture
) -> None:
    try:
        status = main(words)
    except SystemExit as exited:
        status = exited.code  # type: ignore[assignment]
    assert status == 2
    assert error in capsys.readouterr().err


def test_three_reasons_why_images_are_not_fetched_are_told_apart(
    nix: Path, tmp_path: Path, capsys: Capture
) -> None:
    """As an evaluation by Nix tells them."""
    put_all(nix)
    toml = IMAGES_TOML.replace('"here:1"', '"here:2"').replace(
        f'image = "far:1"\nplatforms = {[AWAY]}', 'image = "far"\nversion = "^2"\nfrozen = false'
    )
    (tmp_path / "images.toml").write_text(f'{toml}[images.new]\nimage = "new:1"\n')
    assert main(["prefetch"]) == 1
    update = "run `nixfetch-docker update` (or `nix run .#update-images`)"
    otherwise = "otherwise than images.lock.toml has it"
    assert capsys.readouterr().err.splitlines()[:3] == [
        f"nixfetch-docker: images.toml asks for the image 'far' {otherwise}: frozen from nothing "
        'to false, image from "far:1" to "far", platforms from ["linux/s390x"] to nothing, '
        f'version from nothing to "^2"; {update}',
        f"nixfetch-docker: images.toml asks for the image 'here' {otherwise}: "
        f'image from "here:1" to "here:2"; {update}',
        "nixfetch-docker: images.toml asks for an image 'new' that images.lock.toml does not have; "
        f"{update}",
    ]
    (tmp_path / "images.lock.toml").unlink()
    assert main(["prefetch"]) == 1
    assert capsys.readouterr().err == (
        f"nixfetch-docker: images.lock.toml does not exist; {update} to write it\n"
    )


@pytest.mark.parametrize("command", ["prefetch", "show", "check"])
def test_a_project_without_images_is_told_what_to_do(
    command: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "images.toml").write_text("# none yet\n")
    (tmp_path / "images.lock.toml").unlink()
    assert main([command]) == 0
    assert capsys.readouterr().err == (
        "images.toml has no image yet; `nixfetch-docker add REFERENCE` adds one\n"
    )
