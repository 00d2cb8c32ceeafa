"""The option `preload`: of root, of a user, of several engines on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.busybox import printing
from support.command import Project
from support.containerd import Containerd
from support.declared import LOCKED, expression
from support.docker import Docker
from support.nix import REPOSITORY, Nix, evaluate, try_evaluate
from support.podman import Podman
from support.process import output, run
from support.registry import Registry

OPTION = "virtualisation.dockerImages.preload"
SERVICES = 'removeAttrs config.systemd.services [ "remove-superseded-images" ]'
ALICE = 'users.users.alice = { uid = 1000; linger = true; home = "/srv/alice"; };'


def _expression(preload: str, value: str, more: str = "", file: Path = LOCKED) -> str:
    options = f"virtualisation.dockerImages.file = {file}; {OPTION} = [ {preload} ];"
    return expression(
        value, REPOSITORY / "nix/nixos/module.nix", f"{{ {options} }}", f"{{ {more} }}"
    )


def _evaluate(preload: str, value: str, more: str = "") -> Any:
    return evaluate(_expression(preload, value, more))


def _engines(unit: dict[str, Any]) -> list[str]:
    """The engines of the commands of a unit."""
    commands = [
        Path(command).name.partition("-")[2] for command in unit["serviceConfig"]["ExecStart"]
    ]
    return [command.removesuffix("-load") for command in commands]


@pytest.mark.parametrize(
    ("preload", "more", "name", "engines"),
    [
        ('"redis" "web"', "", "", ["podman", "podman"]),
        ('"redis" { name = "web"; }', "", "", ["podman", "podman"]),
        ('{ name = "redis"; engine = "podman"; user = "root"; }', "", "", ["podman"]),
        ('{ name = "redis"; user = "alice"; }', ALICE, "-podman-alice", ["podman"]),
        ('{ name = "redis"; engine = "docker"; }', "", "-docker", ["docker"]),
        ('{ name = "redis"; engine = "containerd"; }', "", "-containerd", ["containerd"]),
        (
            '{ name = "redis"; engine = "containerd"; namespace = "k8s.io"; }',
            "",
            "-containerd-k8s.io",
            ["containerd"],
        ),
        ('"redis"', 'virtualisation.oci-containers.backend = "docker";', "", ["docker"]),
        (
            '{ name = "redis"; engine = "podman"; }',
            'virtualisation.oci-containers.backend = "docker";',
            "-podman",
            ["podman"],
        ),
    ],
)
def test_each_storage_has_a_unit(preload: str, more: str, name: str, engines: list[str]) -> None:
    services = _evaluate(preload, SERVICES, more)
    assert list(services) == [f"preload-docker-images{name}"]
    (unit,) = services.values()
    assert _engines(unit) == engines
    assert unit["wantedBy"] == ["multi-user.target"]
    assert unit["serviceConfig"]["RemainAfterExit"] is True
    enabled = f"config.virtualisation.{engines[0]}.enable"
    assert _evaluate(preload, enabled, more) is True
    assert _evaluate(preload, "failed", more) == []


def test_several_storages_on_one_machine() -> None:
    preload = """
        "redis"
        { name = "web"; engine = "docker"; }
        { name = "redis"; engine = "docker"; }
        { name = "web"; user = "alice"; }
    """
    services = _evaluate(preload, SERVICES, ALICE)
    assert {name: _engines(unit) for name, unit in services.items()} == {
        "preload-docker-images": ["podman"],
        "preload-docker-images-docker": ["docker", "docker"],
        "preload-docker-images-podman-alice": ["podman"],
    }


def test_the_unit_of_a_user_runs_as_that_user_once_the_home_is_there() -> None:
    (unit,) = _evaluate('{ name = "redis"; user = "alice"; }', SERVICES, ALICE).values()
    assert unit["serviceConfig"]["User"] == "alice"
    assert unit["environment"] == {"HOME": "/srv/alice"}
    before = ["linger-users.service", "user@1000.service"]
    assert unit["after"] == unit["wants"] == before
    assert unit["unitConfig"] == {"RequiresMountsFor": ["/srv/alice"]}


def test_the_unit_of_a_user_without_a_number_waits_for_nothing_of_it() -> None:
    preload = '{ name = "redis"; user = "alice"; }'
    (unit,) = _evaluate(preload, SERVICES, "users.users.alice = { };").values()
    assert unit["serviceConfig"]["User"] == "alice"
    assert unit["after"] == unit["wants"] == []


@pytest.mark.parametrize(
    ("engine", "after", "requires"),
    [
        ("docker", ["docker.service", "docker.socket"], ["docker.socket"]),
        ("containerd", ["containerd.service"], ["containerd.service"]),
    ],
)
def test_the_unit_starts_after_its_engine(
    engine: str, after: list[str], requires: list[str]
) -> None:
    preload = f'{{ name = "redis"; engine = "{engine}"; }}'
    (unit,) = _evaluate(preload, SERVICES).values()
    assert (unit["after"], unit["requires"]) == (after, requires)
    assert "User" not in unit["serviceConfig"]


@pytest.mark.parametrize(
    ("preload", "more", "said"),
    [
        (
            '{ name = "redis"; engine = "docker"; user = "alice"; }',
            ALICE,
            "loads 'redis' into docker for the user alice, and docker has one storage for all "
            "users; remove `user`",
        ),
        (
            '{ name = "redis"; engine = "containerd"; user = "alice"; }',
            ALICE,
            "loads 'redis' into containerd for the user alice, and containerd has one storage for "
            "all users; remove `user`",
        ),
        (
            '{ name = "redis"; user = "alcie"; }',
            ALICE,
            "loads 'redis' for the user 'alcie', whom users.users does not have; "
            "did you mean 'alice'?",
        ),
        (
            '{ name = "redis"; user = "bob"; }',
            "",
            "loads 'redis' for the user 'bob', whom users.users does not have; "
            "declare it there, or name another user",
        ),
        (
            '{ name = "redis"; namespace = "k8s.io"; }',
            "",
            "loads 'redis' into podman with the namespace k8s.io, and only containerd has "
            'namespaces; remove `namespace`, or write engine = "containerd"',
        ),
        (
            '{ name = "radis"; engine = "docker"; }',
            "",
            "names the image 'radis', which images.toml does not have; did you mean 'redis'? "
            "it has redis, web",
        ),
    ],
)
def test_what_cannot_be_is_refused(preload: str, more: str, said: str) -> None:
    assert _evaluate(preload, "failed", more) == [f"{OPTION} {said}"]


def test_an_engine_that_there_is_not_is_refused() -> None:
    preload = '{ name = "redis"; engine = "dokcer"; }'
    done = try_evaluate(_expression(preload, SERVICES))
    assert done.returncode != 0
    assert f"A definition for option `{OPTION}" in done.stderr


@pytest.mark.parametrize("namespace", ["", "k8s io", "../k8s", "%n", "k8s.io\\n"])
def test_a_namespace_that_containerd_cannot_have_is_refused(namespace: str) -> None:
    preload = f'{{ name = "redis"; engine = "containerd"; namespace = "{namespace}"; }}'
    done = try_evaluate(_expression(preload, SERVICES))
    assert done.returncode != 0
    assert f"A definition for option `{OPTION}" in done.stderr


def test_two_images_of_one_name_are_apart_by_storage(registry: Registry, project: Project) -> None:
    name = f"{registry.host}/acme/web:1.0"
    old = registry.push("acme/web:1.0", printing("old"))
    registry.push("acme/web:1.0", printing("new"))
    project.update(f'[images]\nnew.image = "{name}"\nold.image = "{name}@{old}"')

    def failed(where: str, other: str) -> Any:
        preload = f'{{ name = "new"; {where} }} {{ name = "old"; {other} }}'
        return evaluate(_expression(preload, "failed", ALICE, project.images))

    refused = [
        f"the images new, old are not the same and are all loaded as {name}; "
        "ask for all but one by digest, without the tag, in images.toml"
    ]
    docker, containerd, user = 'engine = "docker";', 'engine = "containerd";', 'user = "alice";'
    assert failed("", docker) == failed("", user) == failed(docker, containerd) == []
    assert failed(containerd, f'{containerd} namespace = "k8s.io";') == []
    for one in ("", docker, containerd, user):
        assert failed(one, one) == refused
    # The namespace of whoever names none.
    assert failed(containerd, f'{containerd} namespace = "default";') == refused


def test_the_units_load_into_the_engines_that_they_are_named_by(
    registry: Registry, project: Project, nix: Nix, podman: Podman, docker: Docker
) -> None:
    registry.push("acme/web:1.0", printing("preloaded"))
    name = f"{registry.host}/acme/web:1.0"
    project.update(f'[images.web]\nimage = "{name}"')
    containerd = Containerd()
    try:
        envs = {"": _env(podman), "-docker": _env(docker), "-containerd-k8s.io": containerd.env}
        preload = """
            "web"
            { name = "web"; engine = "docker"; }
            { name = "web"; engine = "containerd"; namespace = "k8s.io"; }
        """
        for unit, env in envs.items():
            of = f'config.systemd.services."preload-docker-images{unit}"'
            value = f'pkgs.writeText "start" (builtins.head {of}.serviceConfig.ExecStart)'
            expected = _expression(preload, value, "", project.images)
            built = output(["nix-build", "--no-out-link", "-E", expected], env=nix.env).strip()
            given = _evaluate_environment(preload, of, project.images)
            done = run(["unshare", "--net", Path(built).read_text()], env=env | given)
            assert done.returncode == 0, done.stderr
        assert podman.run(name) == docker.run(name) == "preloaded"
        assert list(containerd.images("k8s.io")) == [name]
        assert containerd.images() == {}
    finally:
        containerd.close()


def _env(engine: Podman | Docker) -> dict[str, str]:
    return {"PATH": f"{engine.path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


def _evaluate_environment(preload: str, unit: str, file: Path) -> dict[str, str]:
    found: dict[str, str] = evaluate(_expression(preload, f"{unit}.environment or {{ }}", "", file))
    return found
