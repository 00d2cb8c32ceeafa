"""No command shows a login that stands in one of its texts, or in images.toml."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from nixfetch_docker.cli import main
from nixfetch_docker.cli.command_parser import full_parser
from nixfetch_docker.cli.commands import listed
from nixfetch_docker.registry.retry import Patience

HEX = f"sha256:{'1' * 64}"
LOGINS = [
    "https://ann:PW@h.invalid/x",
    "//ann:PW@h.invalid/x",
    "https:/ann:PW@h.invalid/x",
    "ann:PW@h.invalid/x",
    "ann:PW%40h.invalid/x",
    "docker://ann:PW@h.invalid/x",
    "oci://ann:PW@h.invalid/x",
]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize(
    "arguments",
    [
        ["update"],
        ["lock"],
        ["add", "{}"],
        ["add", "redis", "--name", "{}"],
        ["inspect", "{}"],
        ["image", "{}", "-o", "-"],
        ["nix", "{}"],
        ["tags", "redis", "--registry", "{}"],
        ["update", "{}"],
        ["update", "--file", "{}"],
        ["import", "compose.yml"],
        ["fetch-blob", "{}", HEX, "-o", "out"],
        ["fetch-blob", "a.invalid/x", HEX, "-o", "out", "--registries", '{{"{}": {{}}}}'],
        [
            *("fetch-blob", "a.invalid/x", HEX, "-o", "out", "--registries"),
            '{{"a.invalid": {{"mirrors": ["{}"]}}}}',
        ],
    ],
    ids=" ".join,
)
def test_a_login_is_refused_and_not_shown(
    arguments: list[str],
    login: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "images.toml").write_text(f'[images.a]\nimage = "{login}"\n')
    (tmp_path / "compose.yml").write_text(f'services: {{ a: {{ image: "{login}" }} }}\n')
    monkeypatch.setattr(
        "sys.argv", ["nixfetch-docker", *(argument.format(login) for argument in arguments)]
    )
    try:
        status = main()
    except SystemExit as end:
        status = int(end.code or 0)
    said = capfd.readouterr()
    assert status in {1, 2}
    assert "PW" not in said.out + said.err
    assert said.err
    assert not (tmp_path / "images.lock.toml").exists()


def _actions(name: str) -> list[argparse.Action]:
    parser = full_parser()
    (commands,) = (one for one in parser._actions if one.dest == "command")  # noqa: SLF001
    return list(commands.choices[name]._actions)  # type: ignore[index] # noqa: SLF001


def _words() -> Iterator[list[str]]:
    """For each argument of each command, a command line with a login in its place."""
    for name in listed():
        actions = _actions(name)
        positional = [one for one in actions if not one.option_strings]
        usual = {one.dest: "127.0.0.1:1/x" for one in positional}
        # `diff` asks git, which these tests do not start.
        for place in positional if name != "diff" else []:
            yield [name, *({**usual, place.dest: "{}"}.values())]
        for option in actions:
            if option.option_strings and option.nargs is None:
                yield [name, *usual.values(), option.option_strings[0], "{}"]
                yield [name, *usual.values(), f"{option.option_strings[0]}={{}}"]
            elif option.option_strings:
                yield [name, f"{option.option_strings[0]}={{}}"]
        yield [name, "--no-such-option", "{}"]
        yield [name, "--no-such-option={}"]
        yield [name, *usual.values(), "{}", "{}"]
    yield ["{}"]
    yield ["fetch-blob", "127.0.0.1:1/x", "{}"]
    yield ["fetch-blob", "127.0.0.1:1/x", HEX, "--size", "{}"]
    yield ["layer", "127.0.0.1:1/x", "sha256:{}"]
    yield ["inspect", "127.0.0.1:1/x", "--platform", "linux/{}"]
    yield ["inspect", "127.0.0.1:1/x", "--platform", "{}/amd64"]


LONG = f"ann:{'PW' * 150}@h.invalid/x"


@pytest.mark.parametrize("words", list(_words()), ids=" ".join)
def test_no_argument_is_repeated_with_its_login(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("nixfetch_docker.registry.transport.Patience", partial(Patience, tries=1))
    (tmp_path / "images.toml").write_text("")
    for login in ("ann:PW@h.invalid/x", "https://PW@h.invalid/x", "ann:PW%40h.invalid", LONG):
        with suppress(SystemExit):
            main([word.format(login) for word in words])
        said = capfd.readouterr()
        assert "pw" not in (said.out + said.err).lower()


SETTINGS = [
    "[images.a]\nimage = {}",
    '[images.a]\nimage = "redis"\nversion = {}',
    '[images.a]\nimage = "redis"\nversion = "1"\nsuffix = {}',
    '[images.a]\nimage = "redis"\nversion = "1"\ntag-pattern = {}',
    '[images.a]\nimage = "redis"\nplatforms = [{}]',
    '[images.a]\nimage = "redis"\nfrozen = {}',
    '[images.a]\nimage = "redis"\n{} = 1',
    '[images.{}]\nimage = "redis"',
    "[defaults]\nplatforms = [{}]",
    "[defaults]\n{} = 1",
    "[registries.{}]\nplain-http = true",
    '[registries."a.invalid"]\nmirrors = [{}]',
    '[registries."a.invalid"]\nca-file = {}',
    '[registries."a.invalid"]\nplain-http = {}',
    '[registries."a.invalid"]\n{} = 1',
    "{} = 1",
    "[{}]",
    "[images.a]\nimage = {}{}",
    "[images.a] image = {}",
    '[images.a]\nimage = {} version = "1"',
    "[images.a]\nversion = '1'; image = {}",
    "[images.a]\nplatforms = [{}], frozen = true",
    "[images.a]\nimage = 'a'\nimage = {}",
    "[images.{}]\n[images.{}]",
    "a = {b = 1}\n[a.{}]",
    "images:\n  a: {}",
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("form", ['"{}"', "{}", "\u201c{}\u201d"], ids=["quoted", "bare", "curly"])
def test_no_setting_is_repeated_with_its_login(
    settings: str,
    form: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for login in (*LOGINS, LONG):
        (tmp_path / "images.toml").write_text(settings.replace("{}", form.format(login)))
        main(["show"])
        said = capfd.readouterr()
        assert "pw" not in (said.out + said.err).lower()
