from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support.surroundings import reading

from nixfetch_docker.imports.compose.surroundings import Surroundings
from nixfetch_docker.imports.found.image import Findings, NotImportable
from nixfetch_docker.imports.projects import Text, find_in_texts

WEB = "services: {web: {image: 'web:1', platform: linux/arm64}}"


def find(files: Mapping[str, str], *named: str) -> Findings:
    texts = [Text(text=files[name], place=name, path=Path(name)) for name in named or ("a.yml",)]
    return find_in_texts(texts, reading(files))


def images(findings: Findings) -> dict[str, str]:
    return {
        image.name: f"{image.reference.familiar} {image.platform or ''}".strip()
        for image in findings.images
    }


def said(findings: Findings) -> list[str]:
    return [problem.cause for problem in findings.problems]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"a.yml": "services: {a: {image: 'a:1'}, b: {extends: a}, c: {extends: {service: b}}}"},
            {"a": "a:1", "b": "a:1", "c": "a:1"},
            id="of the same file",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: {file: b/b.yml, service: web}}}", "b/b.yml": WEB},
            {"a": "web:1 linux/arm64"},
            id="of another file",
        ),
        pytest.param(
            {
                "a.yml": "services: {a: {extends: {file: b.yml, service: web}, image: 'a:2'}}",
                "b.yml": WEB,
            },
            {"a": "a:2 linux/arm64"},
            id="with an image of its own",
        ),
        pytest.param(
            {
                "a.yml": "services: {a: {extends: {file: b/b.yml, service: b}}}",
                "b/b.yml": "services: {b: {extends: {file: ../c.json, service: c}}}",
                "c.json": '{"services": {"c": {"image": "c:$TAG"}}}',
                ".env": "TAG=7",
            },
            {"a": "c:7"},
            id="of a file of another file, with the variables of the first",
        ),
        pytest.param(
            {
                "a.yml": "services: {a: {extends: {file: $DIR/b.yml, service: web}}}",
                "x/b.yml": WEB,
                ".env": "DIR=x",
            },
            {"a": "web:1 linux/arm64"},
            id="of a path with a variable",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: $B}, b: {image: 'b:1'}}", ".env": "B=b"},
            {"a": "b:1", "b": "b:1"},
            id="by a name with a variable",
        ),
        pytest.param(
            {
                "a.yml": "services: {a: {extends: {file: b.yml, service: web}, build: !reset }}",
                "b.yml": "services: {web: {image: 'b:1', build: .}}",
            },
            {"a": "b:1"},
            id="without what it resets",
        ),
    ],
)
def test_a_service_has_what_it_extends(files: dict[str, str], expected: dict[str, str]) -> None:
    findings = find(files)
    assert said(findings) == []
    assert images(findings) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"a.yml": "include: [b.yml]\nservices: {a: {image: 'a:1'}}", "b.yml": WEB},
            {"web": "web:1 linux/arm64", "a": "a:1"},
            id="a path",
        ),
        pytest.param({"a.yml": "include: [b.yml]", "b.yml": WEB}, {"web": "web:1 linux/arm64"}),
        pytest.param(
            {
                "a.yml": "include: [{path: [b.yml, c.yml]}]",
                "b.yml": WEB,
                "c.yml": "services: {web: {image: 'web:2'}}",
            },
            {"web": "web:2 linux/arm64"},
            id="several that override each other",
        ),
        pytest.param(
            {
                "a.yml": "include: [b/b.yml]",
                "b/b.yml": "include: [c/c.yml]",
                "b/c/c.yml": "services: {c: {image: '${A}/c:${C}-${B}'}}",
                ".env": "A=first",
                "b/.env": "A=2\nB=second",
                "b/c/.env": "B=3\nC=third",
            },
            {"c": "first/c:third-second"},
            id="in turn, each with its variables",
        ),
        pytest.param(
            {
                "a.yml": "include: [{path: b/b.yml, project_directory: c, env_file: [x, y]}]",
                "b/b.yml": "services: {b: {extends: {file: d.yml, service: web}, image: 'b:$X$Y'}}",
                "c/d.yml": WEB,
                "x": "X=1\nY=1",
                "y": "Y=2",
            },
            {"b": "b:12 linux/arm64"},
            id="with a directory and variables",
        ),
        pytest.param(
            {"a.yml": "include: [$B.yml]", "b.yml": WEB, ".env": "B=b"},
            {"web": "web:1 linux/arm64"},
            id="a path with a variable",
        ),
    ],
)
def test_services_of_included_files_are_found(
    files: dict[str, str], expected: dict[str, str]
) -> None:
    findings = find(files)
    assert said(findings) == []
    assert images(findings) == expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"a.yml": "include: [b.yml]\nservices: {}"},
            "a.yml: include[0]: b.yml: there is no such file",
            id="absent",
        ),
        pytest.param(
            {"a.yml": "include: [b.yml]\nservices: {}", "b.yml": "a: ["},
            "a.yml: include[0]: b.yml: line 1: this is not YAML (expected the node content, but "
            "found '<stream end>')",
            id="no YAML",
        ),
        pytest.param(
            {"a.yml": "include: [b.yml]", "b.yml": "include: [c.yml]", "c.yml": "include: [b.yml]"},
            "a.yml: c.yml: include[0]: it includes itself",
            id="a circle",
        ),
        pytest.param(
            {"a.yml": 'include: ["b\\u202e.yml"]'},
            "a.yml: include[0]: b.yml: there is no such file",
            id="a name with what nobody sees",
        ),
        pytest.param(
            {"a.yml": "include: ['oci://docker.io/acme/stack:1']"},
            "a.yml: include[0]: 'oci://docker.io/acme/stack:1' is not on this machine",
            id="of a registry",
        ),
        pytest.param(
            {"a.yml": "include: [{path: https://github.com/acme/stack.git}]"},
            "a.yml: include[0]: 'https://github.com/acme/stack.git' is not on this machine",
            id="of a forge",
        ),
        pytest.param(
            {"a.yml": "include: [$NO.yml]"},
            "a.yml: include[0]: '$NO.yml' needs the variable NO, which has no value",
            id="a variable without a value",
        ),
        pytest.param(
            {"a.yml": "include: [{}]"}, "a.yml: include[0]: 'path' is missing", id="no path"
        ),
        pytest.param(
            {"a.yml": "include: [{path: b.yml, env_file: gone}]", "b.yml": WEB},
            "a.yml: include[0]: gone: there is no such file",
            id="absent variables",
        ),
        pytest.param(
            {"a.yml": "include: [b.yml]\nservices: {web: {image: 'web:2'}}", "b.yml": WEB},
            "a.yml: services.web: the service of b.yml: services.web has the same name",
            id="a service that is there twice",
        ),
        *(
            pytest.param(
                {
                    "a.yml": "include: [b.yml, c.yml]",
                    "b.yml": WEB,
                    "c.yml": f"services: {{web: {other}}}",
                },
                "a.yml: c.yml: services.web: the service of b.yml: services.web has the same name",
                id=f"a service that two files have: {other}",
            )
            for other in (
                "{image: 'web:2', platform: linux/arm64}",
                "{image: 'web:1'}",
                "{image: 'web:1', platform: linux/arm64, build: .}",
            )
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: {file: b.yml, service: gone}}}", "b.yml": WEB},
            "a.yml: services.a.extends: b.yml has no service 'gone'",
            id="a service that is not there",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: gone}}"},
            "a.yml: services.a.extends: this file has no service 'gone'",
            id="a service that is not in this file",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: {file: b.yml, service: b}}}", "b.yml": "[]"},
            "a.yml: services.a.extends: b.yml: the document: expected a table, found an array",
            id="another file that is none",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: a}}"},
            "a.yml: services.a.extends: services.a: it extends itself",
            id="itself",
        ),
        pytest.param(
            {"a.yml": "services: {a: {extends: {file: a.yml, service: a}}}"},
            "a.yml: services.a.extends: a.yml: services.a: it extends itself",
            id="itself by its file",
        ),
        pytest.param(
            {"a.yml": WEB, ".env": "pa55word!"}, "a.yml: .env: line 1: this is no NAME=VALUE"
        ),
    ],
)
def test_what_is_elsewhere_and_wrong_is_told(files: dict[str, str], message: str) -> None:
    assert message in said(find(files))


def test_many_files_that_include_each_other_end() -> None:
    files = {
        f"{number}.yml": f"include: [{number + 1}.yml, {number + 1}.yml]" for number in range(40)
    }
    files["40.yml"] = WEB
    files["a.yml"] = "include: [0.yml]"
    assert any("more than 200 files are included" in one for one in said(find(files)))
    chain = {f"{number}.yml": f"include: [{number + 1}.yml]" for number in range(99)}
    chain |= {"99.yml": WEB, "a.yml": "include: [0.yml]"}
    (message,) = said(find(chain))
    assert message.endswith("files include each other more than 50 deep")


OVERRIDE = "services: {web: {image: 'web:2'}, db: {image: 'db:1'}}"


@pytest.mark.parametrize(
    ("files", "expected", "left_out"),
    [
        pytest.param(
            {"c.yml": WEB, "c.prod.yml": OVERRIDE},
            {"web": "web:2 linux/arm64", "db": "db:1"},
            [
                "c.yml: services.web.image: web:1 is left out, because c.prod.yml: "
                "services.web.image has another image"
            ],
            id="another image",
        ),
        pytest.param(
            {"c.yml": WEB, "o.yml": "services: {web: {ports: ['80:80']}}"},
            {"web": "web:1 linux/arm64"},
            [],
            id="no image",
        ),
        pytest.param(
            {"c.yml": "services: {w: {build: .}}", "o.yml": "services: {w: {image: 'w:1'}}"},
            {},
            [],
            id="an image for what is built",
        ),
        pytest.param(
            {
                "c.yml": "services: {w: {build: .}}",
                "o.yml": "services: {w: {image: 'w:1', build: !reset null}}",
            },
            {"w": "w:1"},
            [],
            id="no build any more",
        ),
        pytest.param(
            {"c.yml": WEB, "o.yml": "services: {web: {image: !override 'w:1'}}"},
            {"web": "w:1 linux/arm64"},
            [
                "c.yml: services.web.image: web:1 is left out, because o.yml: services.web.image "
                "has another image"
            ],
            id="the tag !override",
        ),
        pytest.param(
            {"c.yml": WEB, "o.yml": "services: {web: !override {image: 'web:2'}}"},
            {"web": "web:2"},
            [
                "c.yml: services.web.image: web:1 is left out, because o.yml: services.web.image "
                "has another image"
            ],
            id="a whole service",
        ),
        pytest.param(
            {"c.yml": WEB, "o.yml": "services: {web: !reset null, db: {image: 'db:1'}}"},
            {"db": "db:1"},
            ["c.yml: services.web: it names no image, so it is left out"],
            id="no service any more",
        ),
        *(
            pytest.param(
                {"c.yml": f"services: {{web: {{image: 'web:1'}}, {more}}}", "o.yml": override},
                images,
                [
                    f"c.yml: services.{name}: it is left out, because o.yml: services replaces "
                    "all services"
                    for name in ("web", "b")
                ],
                id=f"all services: {override}",
            )
            for more, override, images in [
                ("b: {image: 'b:1'}", "services: !override {db: {image: 'db:1'}}", {"db": "db:1"}),
                ("b: {build: .}", "services: !reset {}", {}),
            ]
        ),
        pytest.param(
            {"a/c.yml": WEB, "b/c.yml": OVERRIDE},
            {"web": "web:2", "db": "db:1"},
            [],
            id="two directories are two projects",
        ),
        pytest.param(
            {"c.yml": f"name: one\n{WEB}", "o.yml": f"name: two\n{OVERRIDE}"},
            {"web": "web:2", "db": "db:1"},
            [],
            id="two names are two projects",
        ),
    ],
)
def test_files_of_a_directory_override_each_other(
    files: dict[str, str], expected: dict[str, str], left_out: list[str]
) -> None:
    findings = find(files, *files)
    assert images(findings) == expected
    assert findings.left_out == left_out


def test_a_service_extends_none_of_the_files_before_as_compose_refuses_that() -> None:
    files = {"c.yml": WEB, "o.yml": "services: {a: {extends: web}}"}
    findings = find(files, *files)
    assert said(findings) == ["o.yml: services.a.extends: o.yml has no service 'web'"]
    assert images(findings) == {"web": "web:1 linux/arm64"}


def test_a_default_value_is_no_stand_in_for_a_variable_that_lacks_another() -> None:
    files = {"a.yml": "services: {a: {image: 'a:${TAG:-latest}'}}", ".env": "TAG=1$NO"}
    assert said(find(files)) == ["a.yml: the variable NO has no value, so services.a is left out"]
    assert find(files).images == []


def test_images_of_two_projects_are_both_found() -> None:
    files = {"a/c.yml": WEB, "b/c.yml": OVERRIDE}
    found = [str(image.reference.familiar) for image in find(files, *files).images]
    assert found == ["web:1", "web:2", "db:1"]


NAMED = "services: {web: {image: 'acme/$COMPOSE_PROJECT_NAME:1'}}"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        pytest.param({"Shop/a.yml": NAMED}, "shop", id="the directory"),
        pytest.param({"a.yml": f"name: other\n{NAMED}"}, "other", id="given"),
        pytest.param({"a.yml": f"name: Other.1\n{NAMED}"}, "other1", id="given with capitals"),
        pytest.param({"a.yml": f"name: $N\n{NAMED}", ".env": "N=n"}, "n", id="with a variable"),
        pytest.param(
            {"a.yml": f"name: n\n{NAMED}", ".env": "COMPOSE_PROJECT_NAME=e"}, "e", id="in .env"
        ),
        pytest.param(
            {"Shop/a.yml": "include: [b/b.yml]", "Shop/b/b.yml": f"name: inner\n{NAMED}"},
            "shop",
            id="of the project that includes it",
        ),
    ],
)
def test_the_name_of_the_project_is_a_variable(files: dict[str, str], name: str) -> None:
    assert images(find(files, next(iter(files)))) == {"web": f"acme/{name}:1"}


def test_a_name_made_of_a_variable_without_a_value_is_no_name() -> None:
    findings = find({"a.yml": f"name: $N\n{NAMED}"})
    assert findings.images == []
    assert "COMPOSE_PROJECT_NAME has no value" in said(findings)[0]


@pytest.mark.parametrize(
    ("service", "platform"),
    [
        pytest.param("{image: 'web:1'}", "linux/arm64", id="none"),
        pytest.param("{image: 'web:1', platform: ''}", "linux/arm64", id="an empty one"),
        pytest.param("{image: 'web:1', platform: linux/386}", "linux/386", id="its own"),
    ],
)
def test_a_service_without_a_platform_has_the_default_one(service: str, platform: str) -> None:
    text = f"services: {{web: {service}}}"
    files = {"a.yml": text, ".env": "DOCKER_DEFAULT_PLATFORM=linux/arm64"}
    assert images(find(files)) == {"web": f"web:1 {platform}"}


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        pytest.param("COMPOSE_FILE=a.yml", True, id="another file"),
        pytest.param("COMPOSE_FILE=compose.yaml:a.yml", True, id="several"),
        pytest.param("COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=compose.yaml,a.yml", True, id="comma"),
        pytest.param("COMPOSE_FILE=compose.yaml", False, id="this one, without its override"),
        pytest.param("COMPOSE_FILE=./compose.yaml", False, id="this one by a path"),
    ],
)
def test_files_that_compose_reads_instead_are_told(value: str, is_told: bool) -> None:
    files = {"compose.yaml": WEB, "compose.override.yaml": OVERRIDE, "a.yml": WEB, ".env": value}
    shown = value.rpartition("=")[2]
    assert said(find(files, "compose.yaml")) == (
        [f"compose.yaml: by the variable COMPOSE_FILE, compose reads {shown} instead"]
        if is_told
        else []
    )


@pytest.mark.parametrize(
    ("name", "override", "named", "is_told"),
    [
        pytest.param("compose.yaml", "compose.override.yaml", [], True, id="beside it"),
        pytest.param("docker-compose.yml", "docker-compose.override.yml", [], True, id="older"),
        pytest.param("compose.yaml", "compose.override.yml", [], True, id="another ending"),
        pytest.param(
            "compose.yaml", "compose.override.yaml", ["compose.override.yaml"], False, id="named"
        ),
        pytest.param("a.yaml", "a.override.yaml", [], False, id="no name of compose's own"),
    ],
)
def test_an_override_that_compose_reads_by_itself_is_told(
    name: str, override: str, named: Sequence[str], is_told: bool
) -> None:
    findings = find({name: WEB, override: OVERRIDE}, name, *named)
    assert said(findings) == (
        [f"{override}: compose reads it on top of {name}, and it names an image"] if is_told else []
    )


def test_an_override_that_cannot_be_read_is_told() -> None:
    def read(path: Path) -> str:
        if path.name != "compose.override.yaml":
            raise FileNotFoundError
        raise NotImportable("it is not UTF-8")

    text = Text(text=WEB, place="compose.yaml", path=Path("compose.yaml"))
    findings = find_in_texts([text], Surroundings(read=read))
    assert said(findings) == ["compose.override.yaml: it is not UTF-8"]


def test_a_project_with_a_file_that_is_wrong_is_not_taken_in_part() -> None:
    findings = find({"a.yml": WEB, "b.yml": "services: ["}, "a.yml", "b.yml")
    assert findings.images == []
    assert [problem.places for problem in findings.problems] == [["b.yml", "line 1"]]
    findings = find({"a.yml": WEB, "b.yml": "services: []"}, "a.yml", "b.yml")
    assert findings.images == []
    assert said(findings) == ["b.yml: services: expected a table, found an array"]
