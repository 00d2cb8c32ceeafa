"""No command shows a login that stands in one of its texts, or in images.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.cli import main

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
