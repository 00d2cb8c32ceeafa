"""The policy.json of a machine: where it is, and which of them need not be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.policies import ACCEPT, REJECT

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.machine_policy import policy_here
from nixfetch_docker.oci.reference import Reference

REDIS = Reference.parse("redis:7")


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or json.dumps({"default": REJECT}))
    return path


def place(home: Path | str, system: Path, **environment: str) -> str:
    """The file that refuses an image, or ""."""
    found = policy_here({"HOME": str(home), **environment}, system)
    if found is None:
        return ""
    with pytest.raises(NixfetchError) as caught:
        found.demand(REDIS)
    return str(caught.value).partition(": ")[0]


def test_the_users_own_goes_first(tmp_path: Path) -> None:
    own = write(tmp_path / ".config/containers/policy.json")
    system = write(tmp_path / "etc/policy.json")
    assert place(tmp_path, system) == str(own)
    own.unlink()
    assert place(tmp_path, system) == str(system)


def test_the_variable_for_configuration_is_not_read(tmp_path: Path) -> None:
    """containers/image does not read it for this file either."""
    write(tmp_path / "xdg/containers/policy.json")
    assert place(tmp_path, tmp_path / "none", XDG_CONFIG_HOME=str(tmp_path / "xdg")) == ""


@pytest.mark.parametrize("home", ["/dev/null", "/nonexistent", ""])
def test_there_may_be_none(home: str, tmp_path: Path) -> None:
    assert place(home, tmp_path / "none") == ""


@pytest.mark.parametrize(
    "policy",
    [
        {"default": ACCEPT},
        {"default": ACCEPT, "transports": {"docker-daemon": {"": ACCEPT}}},
    ],
)
def test_what_distributions_ship_asks_nothing(policy: object, tmp_path: Path) -> None:
    system = write(tmp_path / "policy.json", json.dumps(policy, indent=4))
    assert policy_here({"HOME": "/nonexistent"}, system) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"default": [{"type": "insecure AcceptAnything"}]}', id="another type"),
        pytest.param(
            '{"default": [{"type": "reject"}], "default": [{"type": "insecureAcceptAnything"}]}',
            id="a key twice",
        ),
        pytest.param("{}", id="no default"),
        pytest.param("[" * 100_000, id="nested"),
        pytest.param("\xff", id="not UTF-8"),
        pytest.param("", id="reject"),
    ],
)
def test_every_other_is_read_with_care(text: str, tmp_path: Path) -> None:
    system = write(tmp_path / "policy.json", text)
    if text == "\xff":
        system.write_bytes(b"\xff")
    assert place("/nonexistent", system) == str(system)


def test_a_directory_in_its_place_is_an_error_of_the_images(tmp_path: Path) -> None:
    assert place("/nonexistent", tmp_path) == str(tmp_path)
