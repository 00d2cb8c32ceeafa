"""Containers that other projects' modules declare: quadlet-nix's and Home Manager's.

They are evaluated with what stands in for those projects, and with their own sources where
QUADLET_NIX and HOME_MANAGER name these, beside NIXPKGS_LIB.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.busybox import printing
from support.command import Project
from support.declared import LOCKED, expression
from support.nix import REPOSITORY, Nix, error, evaluate, try_evaluate
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

QUADLET = "virtualisation.quadlet.containers.site"
PODMAN = "services.podman.containers.site"


@dataclass(frozen=True)
class Way:
    """A way to declare the container `site`."""

    option: str
    module: str
    text: str
    arguments: str = ""
    # Where the option has arguments of podman, and where it asks for updates.
    podman_arguments: str = f"{QUADLET}.containerConfig.podmanArgs"
    auto_update: str = f"{QUADLET}.containerConfig.autoUpdate"
    pull: str = f"{QUADLET}.containerConfig.pull"
    before: str = f"{QUADLET}.serviceConfig.ExecStartPre"
    enable: str = ""

    def expression(self, configuration: str, value: str, file: Path = LOCKED) -> str:
        modules = (
            REPOSITORY / "nix" / self.module,
            f"{{ virtualisation.dockerImages.file = {file}; {self.enable} }}",
            f"{{ {configuration} }}",
        )
        return expression(value, *modules, arguments=self.arguments)

    def evaluate(self, configuration: str, value: str) -> Any:
        return evaluate(self.expression(configuration, value))


def _ways() -> list[Any]:
    nixos = Way(
        QUADLET,
        "nixos/quadlet.nix",
        'config.environment.etc."containers/systemd/site.container".text',
    )
    home = Way(
        QUADLET,
        "home/quadlet.nix",
        'config.xdg.configFile."containers/systemd/site.container".text',
        "isHome = true;",
    )
    podman = Way(
        PODMAN,
        "home/module.nix",
        "(builtins.head config.services.podman.internal.quadletDefinitions).source",
        "isHome = true;",
        f"{PODMAN}.extraPodmanArgs",
        f"{PODMAN}.autoUpdate",
        f"{PODMAN}.extraConfig.Container.Pull",
        f"{PODMAN}.extraConfig.Service.ExecStartPre",
        "services.podman.enable = true;",
    )
    ways = {"quadlet": nixos, "quadlet in home": home, "podman in home": podman}
    found = [pytest.param(way, id=name) for name, way in ways.items()]
    for variable, names in (
        ("QUADLET_NIX", ("quadlet", "quadlet in home")),
        ("HOME_MANAGER", ("podman in home",)),
    ):
        if (source := os.environ.get(variable)) and "NIXPKGS_LIB" in os.environ:
            argument = f"{variable.lower().replace('_', '-')} = {source};"
            for name in names:
                way = ways[name]
                real = Way(**(vars(way) | {"arguments": f"{way.arguments} {argument}"}))
                found.append(pytest.param(real, id=f"{name}, with {variable}"))
    return found


@pytest.fixture(params=_ways())
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param
    return made


def test_one_word_sets_the_image_its_load_and_that_nothing_is_pulled(way: Way) -> None:
    locked = f'{way.option}.locked = "redis";'
    assert way.evaluate(locked, "failed ++ config.warnings") == []
    lines = way.evaluate(locked, way.text).splitlines()
    assert "Image=docker.io/library/redis:7.4-alpine" in lines
    assert "Pull=never" in lines
    (load,) = [line for line in lines if line.startswith("ExecStartPre=")]
    assert load.startswith("ExecStartPre=/nix/store/")
    assert load.endswith("-podman-load/bin/podman-load")


def test_a_container_that_is_not_locked_is_as_it_was(way: Way) -> None:
    image = "image" if way.option == PODMAN else "containerConfig.image"
    text = way.evaluate(f'{way.option}.{image} = "redis";', way.text)
    assert "Image=redis" in text.splitlines()
    assert "Pull=" not in text
    assert "ExecStartPre" not in text


def test_the_load_comes_before_what_else_the_unit_starts_with(way: Way) -> None:
    text = way.evaluate(
        f'{way.option}.locked = "redis"; {way.before} = [ "/bin/check" ];', way.text
    )
    before = [line for line in text.splitlines() if line.startswith("ExecStartPre=")]
    assert [Path(line).name for line in before] == ["podman-load", "check"]


def test_another_image_is_another_unit(way: Way) -> None:
    texts = {
        way.evaluate(f'{way.option}.locked = "{name}";', way.text) for name in ("redis", "web")
    }
    assert len(texts) == 2


def test_a_name_that_is_not_there_is_said(way: Way) -> None:
    done = try_evaluate(way.expression(f'{way.option}.locked = "radis";', "failed"))
    # A module whose own assertions look at the image fails there, with the same text.
    assert (
        f"{way.option}.locked names the image 'radis', which images.toml does not have; "
    ) in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments", ['[ "--pull=newer" ]', '[ "--pull" "always" ]', '[ "--init --pull=always" ]']
)
def test_an_argument_that_pulls_is_refused(arguments: str, way: Way) -> None:
    configuration = f'{way.option}.locked = "redis"; {way.podman_arguments} = {arguments};'
    (said,) = way.evaluate(configuration, "failed")
    assert "which pulls another image than the locked one" in said
    assert said.startswith(f"{way.option} has `locked`, and ")


def test_an_argument_that_pulls_nothing_is_not(way: Way) -> None:
    arguments = '[ "--pull=never" "--init" ]'
    configuration = f'{way.option}.locked = "redis"; {way.podman_arguments} = {arguments};'
    assert way.evaluate(configuration, "failed") == []


@pytest.mark.parametrize(("policy", "warns"), [("registry", True), ("local", False)])
def test_updates_by_podman_are_warned_of(policy: str, warns: bool, way: Way) -> None:
    configuration = f'{way.option}.locked = "redis"; {way.auto_update} = "{policy}";'
    warnings = way.evaluate(configuration, "config.warnings")
    assert len(warnings) == warns
    assert all('autoUpdate = "registry"' in warning for warning in warnings)


def test_a_policy_that_contradicts_the_lock_is_refused(way: Way) -> None:
    configuration = f'{way.option}.locked = "redis"; {way.pull} = "always";'
    done = try_evaluate(way.expression(configuration, way.text))
    assert done.returncode != 0, done.stdout
    assert f"The option `{way.pull}' has conflicting definition values" in done.stderr


def test_raw_text_in_place_of_all_options_is_refused(way: Way) -> None:
    if way.option == PODMAN:
        done = try_evaluate(way.expression(f'{way.option}.rawConfig = "";', way.text))
        assert "rawConfig' does not exist" in error(done.stderr)
        return
    configuration = f'{way.option} = {{ locked = "redis"; rawConfig = "[Container]"; }};'
    (said,) = way.evaluate(configuration, "failed")
    assert said == (
        f"{way.option} has `locked`, and also rawConfig, which takes the place of all other "
        "options; remove one"
    )


def test_the_unit_loads_the_image_and_podman_runs_it(
    way: Way, registry: Registry, project: Project, nix: Nix, podman: Podman
) -> None:
    registry.push("acme/web:1.0", printing("out of a quadlet"))
    name = f"{registry.host}/acme/web:1.0"
    project.update(f'[images.web]\nimage = "{name}"')
    # The unit has a PATH of its own; there, the podman of this test is that of the configuration.
    package = (
        f'virtualisation.podman.package = "{podman.path.parent}";'
        if way.module.startswith("nixos")
        else f'home.profileDirectory = "{podman.path.parent}";'
    )
    if way.option == PODMAN:
        package = f'services.podman.package = "{podman.path.parent}";'
    text = f'pkgs.writeText "quadlet" ({way.text})'
    built_of = way.expression(f'{way.option}.locked = "web"; {package}', text, project.images)
    built = Path(output(["nix-build", "--no-out-link", "-E", built_of], env=nix.env).strip())
    (load,) = [
        line.removeprefix("ExecStartPre=")
        for line in built.read_text().splitlines()
        if line.startswith("ExecStartPre=")
    ]
    env = {"HOME": "/root"}
    first = run(["unshare", "--net", load], env=env)
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines()[-1].startswith(f"loaded {name}")
    assert podman.run(name) == "out of a quadlet"
    second = run(["unshare", "--net", load], env=env)
    assert second.returncode == 0, second.stderr
    assert "loaded" not in second.stderr


def test_the_containers_of_a_user_have_a_storage_of_their_own() -> None:
    way = Way(QUADLET, "nixos/quadlet.nix", "")
    configuration = f'{QUADLET} = {{ locked = "redis"; rootlessConfig.uid = 1000; }};'
    configuration += "users.users.alice.uid = 1000;"
    loads = way.evaluate(configuration, "config.virtualisation.dockerImages.loads")
    assert loads == [
        {
            "engine": "podman",
            "name": "redis",
            "option": f"{QUADLET}.locked",
            "unit": "site.service",
            "user": "alice",
        }
    ]
