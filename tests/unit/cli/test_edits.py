"""`init`, `remove`, `freeze` and `unfreeze`: both files afterwards, to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from support import terminal
from support.builders import locked_image, request

from nixfetch_docker.cli.commands.init import TEXT
from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.project import LockFile, Project

WHOLE = '# mine\n[images.redis] # the cache\nimage = "redis:7"  # as it is\n'
WEB = '\n# the site\n[images.web]\nimage = "ghcr.io/acme/web:2"\n'
PINS = {"redis": request("redis:7"), "web": request("ghcr.io/acme/web:2")}
Both = tuple[bytes, bytes]


def write(directory: Path, text: str, pins: Iterable[str] = PINS) -> None:
    (directory / "images.toml").write_bytes(text.encode())
    lock = Lock(images={name: locked_image(PINS[name], content=name) for name in pins})
    (directory / "images.lock.toml").write_text(lock.to_toml())


def both(directory: Path) -> Both:
    return (directory / "images.toml").read_bytes(), (directory / "images.lock.toml").read_bytes()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, WHOLE + WEB)
    return tmp_path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("form", "left"),
    [
        pytest.param(WHOLE + WEB, WHOLE + "\n# the site\n", id="tables"),
        pytest.param(
            '[images]\nweb.image = "ghcr.io/acme/web:2"\nredis = { image = "redis:7" } # one\n',
            '[images]\nredis = { image = "redis:7" } # one\n',
            id="dotted keys",
        ),
    ],
)
def test_remove_drops_one_image_from_both_files(
    form: str, left: str, end: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, form.replace("\n", end))
    redis = locked_image(PINS["redis"], content="redis")
    assert main(["remove", "web"]) == 0
    assert both(project) == (
        left.replace("\n", end).encode(),
        Lock(images={"redis": redis}).to_toml().encode(),
    )
    assert capsys.readouterr() == ("web: removed\n", "")


@pytest.mark.parametrize(
    ("text", "pins", "said"),
    [
        pytest.param(WHOLE, ["redis", "web"], "web: removed\n", id="in the lock alone"),
        pytest.param(
            WHOLE + WEB, ["redis"], "web: removed (it was not locked)\n", id="not locked yet"
        ),
    ],
)
def test_remove_takes_what_one_file_has(
    text: str, pins: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, text, pins)
    assert main(["remove", "web", "web"]) == 0
    assert capsys.readouterr().out == said
    assert b"web" not in both(project)[1]
    assert "web" not in Images.parse(both(project)[0].decode()).requests


def test_an_image_that_was_never_locked_gets_no_lock_by_its_removal(project: Path) -> None:
    (project / "images.lock.toml").unlink()
    assert main(["remove", "web"]) == 0
    assert sorted(path.name for path in project.iterdir()) == ["images.toml"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WHOLE + WEB, id="tables"),
        pytest.param((WHOLE + WEB).replace("\n", "\r\n"), id="lines of Windows"),
        pytest.param(
            '[images]\nredis = { image = "redis:7" } # x\nweb.image = "ghcr.io/acme/web:2"',
            id="inline, and no last line break",
        ),
    ],
)
@pytest.mark.parametrize("names", [["redis"], ["web"], ["web", "redis"]], ids=" ".join)
def test_freeze_and_back_leaves_both_files_as_they_were(
    names: list[str], text: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, text)
    before = both(project)
    assert main(["freeze", *names]) == 0
    images, lock = (part.decode() for part in both(project))
    requests, pins = Images.parse(images).requests, Lock.parse(lock).images
    assert {name for name, one in requests.items() if one.frozen} == set(names)
    assert {name: pin.request for name, pin in pins.items()} == requests
    assert sorted(capsys.readouterr().out.splitlines()) == [
        f"{name}: frozen at {pins[name].tag} {pins[name].digest.short}" for name in sorted(names)
    ]
    frozen = both(project)
    assert main(["freeze", *names]) == 0
    assert both(project) == frozen
    assert capsys.readouterr().err == "nothing was changed\n"
    assert main(["unfreeze", *names]) == 0
    assert both(project) == before
    assert capsys.readouterr().out.count(": not frozen\n") == len(names)


def test_freeze_ends_what_a_run_before_left_half_done(project: Path) -> None:
    write(project, f"{WHOLE}frozen = true\n{WEB}")
    assert main(["freeze", "redis"]) == 0
    assert b'request = { image = "redis:7", frozen = true }' in both(project)[1]


REFUSED = [
    pytest.param(["remove", "rediss"], "'rediss'; did you mean redis?", id="name"),
    pytest.param(["freeze", "weeb"], "no image is named 'weeb'; did you mean web?", id="freeze"),
    pytest.param(["unfreeze", "x"], "choose from redis, web, new, stale", id="unfreeze"),
    pytest.param(["remove", "redis", "gone"], "no image is named 'gone'", id="one of two"),
    pytest.param(["freeze", "new"], "new is not locked yet", id="no pin to keep"),
    pytest.param(["freeze", "stale"], "stale is locked for another entry", id="another pin"),
    pytest.param(["init"], "images.toml is there already", id="init"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_wrong_usage_leaves_both_files_as_they_were(
    words: list[str], message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = WHOLE + WEB + '[images.new]\nimage = "busybox"\n[images.stale]\nimage = "redis:8"\n'
    (project / "images.toml").write_text(text)
    pins = {name: locked_image(one, content=name) for name, one in PINS.items()}
    lock = Lock(images={**pins, "stale": pins["redis"]})
    (project / "images.lock.toml").write_text(lock.to_toml())
    before = both(project)
    assert main(words) == 2
    assert both(project) == before
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.parametrize("name", ["images.toml", "images.lock.toml"])
@pytest.mark.parametrize("words", [["remove", "web"], ["freeze", "web"], ["unfreeze", "web"]])
def test_a_file_that_cannot_be_read_leaves_both_as_they_were(
    words: list[str], name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / name).write_text("[images\n")
    before = both(project)
    assert main(words) == 1
    assert both(project) == before
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("name", ["images.toml", "hosts.toml"])
def test_init_writes_a_file_that_add_can_go_on_with(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "images.toml").unlink()
    option = [] if name == "images.toml" else ["--file", name]
    assert main(["init", *option]) == 0
    assert capsys.readouterr() == (f"{name}: written\n", "")
    assert Images.parse((project / name).read_text()).requests == {}
    assert main(["init", *option]) == 2


def test_the_examples_of_init_are_what_the_program_reads() -> None:
    images = Images.parse(re.sub(r"^#(?=[a-z\[])", "", TEXT, flags=re.MULTILINE))
    assert list(images.requests) == ["redis", "web"]
    assert list(images.registries) == ["registry.lab:5000"]
    assert max(map(len, TEXT.splitlines()[1:])) <= 100


def test_init_names_the_file_above_that_it_takes_the_place_of(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".git").mkdir()
    (project / "host").mkdir()
    monkeypatch.chdir(project / "host")
    assert main(["init"]) == 0
    assert "in place of ../images.toml" in capsys.readouterr().err


def test_init_says_on_a_terminal_what_to_do_next(project: Path) -> None:
    (project / "images.toml").unlink()
    status, sent = terminal.run("init", cwd=project)
    assert (status, sent) == (
        0,
        "images.toml: written\nnext: nixfetch-docker add redis:7.4-alpine\n",
    )


@pytest.mark.parametrize("command", ["remove", "freeze", "unfreeze"])
def test_what_another_program_writes_meanwhile_stays(
    command: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = WHOLE + WEB + "frozen = true\n" * (command == "unfreeze")
    write(project, text)
    read_lock = Project.read_lock

    def changed_meanwhile(self: Project) -> LockFile:
        self.images_path.write_text(text + "# another's\n")
        return read_lock(self)

    monkeypatch.setattr(Project, "read_lock", changed_meanwhile)
    before = both(project)
    assert main([command, "web"]) == 1
    assert "images.toml: it was changed meanwhile; run the command again" in capsys.readouterr().err
    assert both(project) == (before[0] + b"# another's\n", before[1])
