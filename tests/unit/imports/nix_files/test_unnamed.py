from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.surroundings import reading

from nixfetch_docker.imports.compose.surroundings import Surroundings
from nixfetch_docker.imports.found.image import Findings, NotImportable
from nixfetch_docker.imports.projects import Text, find_in_texts

WEB = '{ virtualisation.oci-containers.containers.web.image = "nginx:1"; }'
COMPUTED = "{ config, ... }: { virtualisation.oci-containers.containers = config.mine; }"
PULLED = '{ pkgs }: pkgs.dockerTools.pullImage { imageName = "nginx"; imageDigest = "x"; }'
PLAIN = "{ services.nginx.enable = true; }"


def find(files: Mapping[str, str], *named: str) -> Findings:
    texts = [Text(text=files[name], place=name, path=Path(name)) for name in named or ("m/c.nix",)]
    return find_in_texts(texts, reading(files))


def said(findings: Findings) -> list[str]:
    return [problem.cause for problem in findings.problems]


def unnamed(place: str, path: str) -> str:
    return f"{place}: it imports {path}, which mentions images and was not named"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{ imports = [ ./a.nix ]; }", id="a module"),
        pytest.param("{ lib, ... }: { imports = [ ./a.nix ]; }", id="a function"),
        pytest.param("{ imports = [ ./a.nix ]; config = { }; }", id="with config"),
        pytest.param("{ imports = [ ./b.nix ] ++ [ ./a.nix ]; }", id="a sum"),
        pytest.param("{ imports = [ (import ./a.nix) ]; }", id="import"),
        pytest.param("{ imports = [ (import ./a.nix { x = ./b.nix; }) ]; }", id="import and call"),
        pytest.param("{ lib, ... }: { imports = lib.optionals x [ ./a.nix ]; }", id="optionals"),
        pytest.param("{ imports = if x then [ ./a.nix ] else [ ]; }", id="a condition"),
        pytest.param("let all = [ ./a.nix ]; in { imports = all; }", id="a name"),
        pytest.param("let imports = [ ./a.nix ]; in { inherit imports; }", id="inherited"),
        pytest.param("{ home-manager.users.me.imports = [ ../m/./a.nix ]; }", id="Home Manager"),
        pytest.param("{ imports = [ { imports = [ ./a.nix ]; } ]; }", id="a module in a module"),
        pytest.param("{ a = lib.nixosSystem { modules = [ ./a.nix ]; }; }", id="a flake"),
    ],
)
def test_a_module_with_images_that_nobody_named_is_told(text: str) -> None:
    files = {"m/c.nix": text, "m/a.nix": WEB, "m/b.nix": PLAIN}
    assert said(find(files)) == [unnamed("m/c.nix: line 1", "m/a.nix")]
    assert said(find(files, "m/c.nix", "m/a.nix")) == []


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({"a.nix": WEB}, ["m/a.nix"], id="an image"),
        pytest.param({"a.nix": COMPUTED}, ["m/a.nix"], id="computed containers"),
        pytest.param({"a.nix": PULLED}, ["m/a.nix"], id="a pull"),
        pytest.param({"a.nix": PLAIN}, [], id="none"),
        pytest.param({"a.nix": WEB, "b": WEB}, ["m/a.nix", "m/b"], id="two"),
        pytest.param({"a.nix": PLAIN, "b/default.nix": WEB}, ["m/b/default.nix"], id="directory"),
        pytest.param(
            {"a.nix": "{ imports = [ ./x/y.nix ]; }", "x/y.nix": "{ imports = [ ./.. ../z.nix ]; }"}
            | {"default.nix": PLAIN, "z.nix": WEB},
            ["m/x/y.nix: line 1: m/z.nix"],
            id="further on",
        ),
        pytest.param(
            {"a.nix": "{ imports = [ ./b ./c.nix ./a.nix ]; }", "b": WEB}, ["m/b"], id="in a circle"
        ),
    ],
)
def test_what_is_told_is_the_file_with_the_images(
    files: Mapping[str, str], told: list[str]
) -> None:
    first = {"m/c.nix": '{ imports = [ ./a.nix ./b <nixpkgs/x.nix> (p + "/x") ]; }'}
    found = find({**first, **{f"m/{name}": text for name, text in files.items()}})
    expected = []
    for one in told:
        place, _, path = one.rpartition(": ")
        expected.append(unnamed(place or "m/c.nix: line 1", path))
    assert said(found) == expected


def test_a_module_that_is_not_there_has_a_word() -> None:
    found = find({"m/c.nix": "{\n imports = [ ./hardware-configuration.nix ];\n}"})
    assert found.problems == []
    assert found.left_out == [
        "m/c.nix: line 2: it imports m/hardware-configuration.nix, which is not there, so its "
        "images are not known"
    ]


def test_a_module_whose_images_are_locked_already_has_a_word() -> None:
    locked = "{ virtualisation.oci-containers.containers.web.locked = images.web; }"
    found = find({"m/c.nix": "{ imports = [ ./a.nix ]; }", "m/a.nix": locked})
    assert found.problems == []
    assert found.left_out == [
        "m/a.nix: line 1: the image of 'web' is left out: it is one of an images.toml already"
    ]


@pytest.mark.parametrize("path", ["./a.nix", "./a"])
def test_a_module_that_cannot_be_read_is_told(path: str) -> None:
    def read(path: Path) -> str:
        if path.name == "default.nix":
            raise FileNotFoundError
        raise NotImportable("it is not UTF-8")

    text = Text(text=f"{{ imports = [ {path} ]; }}", place="c.nix", path=Path("c.nix"))
    findings = find_in_texts([text], Surroundings(read=read))
    assert said(findings) == [f"c.nix: line 1: {path[2:]}: it is not UTF-8"]


def test_a_module_that_is_no_nix_is_told() -> None:
    found = find({"m/c.nix": "{ imports = [ ./a.nix ]; }", "m/a.nix": "{ ]"})
    (problem,) = said(found)
    assert problem.startswith("m/c.nix: line 1: m/a.nix: line 1: ")


def test_so_many_modules_are_read_and_the_others_are_told() -> None:
    names = [f"./{number}.nix" for number in range(300)]
    files = {f"m/{name[2:]}": PLAIN for name in names}
    files["m/c.nix"] = f"{{ imports = [ {' '.join(names)} ]; }}"
    assert said(find(files)) == [
        "m/c.nix: line 1: it imports more than 200 files, and the others were not read"
    ]
    asked = []

    def read(path: Path) -> str:
        asked.append(path)
        return files[str(path)]

    text = Text(text=files["m/c.nix"], place="c.nix", path=Path("m/c.nix"))
    find_in_texts([text], Surroundings(read=read))
    assert len(asked) == 200
