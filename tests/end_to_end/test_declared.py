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
from support.declared import LOCKED, copy, expression
from support.nix import REPOSITORY, Nix, error, evaluate, try_evaluate
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

QUADLET = "virtualisation.quadlet.containers.site"
PODMAN = "services.podman.containers.site"

# Home Manager generates the units of these texts, and restarts those that changed.
_HOME_UNITS = """
    builtins.listToAttrs (map (one: {
      name = builtins.substring 7 (-1) one.serviceName;
      value = one.source;
    }) config.services.podman.internal.quadletDefinitions)
"""


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
    # By what a switch to another configuration knows, of each container, whether it is another.
    restarted: str = "config.systemd.services"
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
        restarted="config.systemd.user.services",
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
        _HOME_UNITS,
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


def test_a_new_lock_restarts_just_the_container_whose_image_changed(
    way: Way, tmp_path: Path
) -> None:
    one, other = copy(tmp_path / "a", "cache", "queue"), copy(tmp_path / "b", "cache", "queue")
    # Another manifest under the same tag, as `update` locks it.
    head, mark, queue = other.with_suffix(".lock.toml").read_text().partition("[images.queue]")
    other.with_suffix(".lock.toml").write_text(head + mark + queue.replace("6666", "6667"))

    def switched(file: Path) -> Any:
        option = way.option.removesuffix(".site")
        containers = f'{option} = {{ site.locked = "cache"; second.locked = "queue"; }};'
        return evaluate(way.expression(containers, way.restarted, file))

    before, after = switched(one), switched(other)
    assert before["site"] == after["site"]
    assert before["second"] != after["second"]


def test_a_name_that_is_not_there_is_said(way: Way) -> None:
    done = try_evaluate(way.expression(f'{way.option}.locked = "radis";', "failed"))
    # A module whose own assertions look at the image fails there, with the same text.
    assert (
        f"{way.option}.locked names the image 'radis', which images.toml does not have; "
        "did you mean 'redis'? it has redis, web"
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


AUTO_UPDATE = "io.containers.autoupdate=registry"


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        ('{ "io.containers.autoupdate" = "registry"; }', AUTO_UPDATE),
        ('{ "com.centurylinklabs.watchtower.enable" = "true"; }', "watchtower.enable=true"),
        ('{ "traefik.enable" = "true"; }', None),
    ],
)
def test_a_label_of_an_updater_is_warned_of(labels: str, asked: str | None, way: Way) -> None:
    option = "labels" if way.option == PODMAN else "containerConfig.labels"
    configuration = f'{way.option} = {{ locked = "redis"; {option} = {labels}; }};'
    warnings = way.evaluate(configuration, "config.warnings")
    assert len(warnings) == (asked is not None)
    for warning in warnings:
        assert warning.startswith(f"{way.option} has `locked`, and the label ")
        assert f"{asked}, by which " in warning


def test_a_label_in_a_list_or_an_argument_is_warned_of_too(way: Way) -> None:
    forms = [f'{way.podman_arguments} = [ "--init --label={AUTO_UPDATE}" ];']
    if way.option == PODMAN:
        forms += [
            f'{way.option}.extraConfig.Container.Label = [ "{AUTO_UPDATE}" "a=b" ];',
            f'{way.option}.extraConfig.Container.Label."io.containers.autoupdate" = "registry";',
            f'{way.option}.extraConfig.Container.PodmanArgs = "--label {AUTO_UPDATE}";',
        ]
    else:
        forms.append(f'{way.option}.containerConfig.labels = [ "{AUTO_UPDATE}" "a=b" ];')
    for form in forms:
        (warning,) = way.evaluate(f'{way.option}.locked = "redis"; {form}', "config.warnings")
        assert f"the label {AUTO_UPDATE}, by which podman auto-update" in warning


def test_what_takes_the_place_of_the_options_of_home_manager_is_seen() -> None:
    (way,) = [param.values[0] for param in _ways() if param.id == "podman in home"]
    container = f"{PODMAN}.extraConfig.Container"

    def found(section: str, value: str) -> Any:
        return way.evaluate(f'{PODMAN}.locked = "redis"; {container}.{section};', value)

    assert found('Image = "docker.io/library/redis:7"', "failed") == [
        f"{PODMAN} has `locked`, and also extraConfig.Container.Image, which takes the place of "
        "the locked image; remove one"
    ]
    (pulls,) = found('PodmanArgs = [ "--pull=newer" ]', "failed")
    assert "--pull=newer, which pulls another image" in pulls
    (updated,) = found('AutoUpdate = "registry"', "config.warnings")
    assert 'autoUpdate = "registry"' in updated


def test_another_policy_by_force_is_warned_of(way: Way) -> None:
    configuration = f'{way.option}.locked = "redis";'
    force = f'{{ lib, ... }}: {{ {way.pull} = lib.mkForce "always"; }}'
    expression = way.expression(f"imports = [ ({force}) ]; {configuration}", "config.warnings")
    assert evaluate(expression) == [
        f'{way.option} has `locked`, and pull = "always" by force, with which the engine may pull '
        "another image than the locked one"
    ]


def test_a_module_of_another_project_that_is_missing_is_told(way: Way) -> None:
    alone = Way(
        **(vars(way) | {"arguments": f"{way.arguments} hasProjects = false;", "enable": ""})
    )
    project = "Home Manager" if way.option == PODMAN else "quadlet-nix"
    option = way.option.removesuffix(".site")
    containers = f"config.{option}"
    assert alone.evaluate("", f"[ failed {containers} ]") == [[], {}]
    done = try_evaluate(alone.expression(f'{way.option}.locked = "redis";', containers))
    said = error(done.stderr)
    assert said.startswith(
        f"a container of {option} has `locked`, and no module declares such containers; "
    )
    assert project in said


def test_the_load_runs_as_the_user_whose_container_it_is() -> None:
    for param in _ways():
        if not param.id.startswith("quadlet") or "home" in param.id:
            continue
        way = param.values[0]
        configuration = f'{way.option} = {{ locked = "redis"; rootlessConfig.uid = 1000; }};'
        lines = way.evaluate(configuration, way.text).splitlines()
        assert "User=1000" in lines
        # Without "+" or "!", by which systemd would run it as root.
        assert any(line.startswith("ExecStartPre=/nix/store/") for line in lines)


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
