from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.compose.images import find_in_compose
from nixfetch_docker.imports.compose.surroundings import Surroundings
from nixfetch_docker.imports.document import find_images, find_in_yaml
from nixfetch_docker.imports.found.image import Findings

RESOLVE = "pass the output of `docker compose config --format json` with --compose-json"


def references(findings: Findings) -> dict[str, str]:
    return {image.name: image.reference.familiar for image in findings.images}


def test_every_service_with_an_image_is_found() -> None:
    findings = find_in_yaml("""
services:
  web: {image: "ghcr.io/acme/web:1", platform: linux/arm64}
  the site: {image: nginx}
  own: {build: .}
  none:
    image:
    build: .
""")
    assert findings.problems == []
    assert references(findings) == {"web": "ghcr.io/acme/web:1", "the site": "nginx:latest"}
    web = findings.images[0]
    assert (web.place, str(web.platform), web.remark) == ("services.web", "linux/arm64", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "x-a: &a {image: 'a:1'}\nx-b: &b {image: 'b:1'}\nservices: {s: {<<: [*a, *b]}}",
            {"s": "a:1"},
            id="the first of two merged mappings",
        ),
        pytest.param(
            "x-a: &a {image: 'a:1'}\nx-b: &b {<<: *a, image: 'b:1'}\nservices: {s: {<<: [*b, *a]}}",
            {"s": "b:1"},
            id="a mapping before those that it merges",
        ),
        pytest.param(
            "x-a: &a {image: 'a:1'}\nservices: {s: {image: 's:1', <<: *a}, t: {<<: *a}}",
            {"s": "s:1", "t": "a:1"},
            id="an own key before merged ones",
        ),
        pytest.param(
            "services: {on: {image: 'a:1'}, yes: {image: 'b:1'}, no: {image: 'c:1'}}",
            {"on": "a:1", "yes": "b:1", "no": "c:1"},
            id="words that YAML 1.1 has for booleans",
        ),
        pytest.param(
            "services: {a: {image: 12:30}, b: {image: yes}}",
            {"a": "12:30", "b": "yes:latest"},
            id="what YAML 1.1 has for a number and a boolean",
        ),
        pytest.param(
            "services: {a: {image: 'a:1', platform: '${P:-}'}}", {"a": "a:1"}, id="no platform"
        ),
        pytest.param("services: {1: {image: 'a:1'}}", {"1": "a:1"}, id="a number for a name"),
        pytest.param(
            "services: {a: {image: 'a:1'}, debug: {image: 'b:1', profiles: [debug]}}",
            {"a": "a:1", "debug": "b:1"},
            id="all profiles",
        ),
    ],
)
def test_yaml_is_read_as_compose_reads_it(text: str, expected: dict[str, str]) -> None:
    findings = find_in_yaml(text)
    assert findings.problems == []
    assert references(findings) == expected


def test_an_image_that_is_mounted_is_told() -> None:
    volumes = "[a:/a, {type: image, source: 'data:1', target: /b}, {type: bind, source: /c}]"
    findings = find_in_yaml(f"services: {{a: {{image: 'a:1', volumes: {volumes}}}}}")
    assert references(findings) == {"a": "a:1"}
    assert [str(one) for one in findings.problems] == [
        "services.a.volumes[1]: the image 'data:1' of a volume is left out; add the image to "
        "images.toml yourself"
    ]


def test_a_service_that_is_built_here_is_told_and_not_taken() -> None:
    findings = find_in_yaml("services: {a: {image: 'a:1', build: .}, b: {image: 'b:1'}}")
    assert references(findings) == {"b": "b:1"}
    assert [str(one) for one in findings.problems] == [
        "services.a.image: the service is built here, so its image a:1 is left out; if a registry "
        "has it too, add it to images.toml yourself"
    ]


@pytest.mark.parametrize(
    ("service", "text"),
    [
        pytest.param("{build: .}", "it is built and names no image", id="built"),
        pytest.param(
            "{build: {context: .}, image: }",
            "it is built and names no image",
            id="built, with an empty image",
        ),
        pytest.param("{command: [a]}", "it names no image", id="neither"),
        pytest.param("{extends: {service: b}}", "it names no image", id="as another of the file"),
    ],
)
def test_a_service_that_names_no_image_is_left_out(service: str, text: str) -> None:
    findings = find_in_yaml(f"services: {{own: {service}, b: {{}}}}")
    assert findings.left_out == [
        f"services.own: {text}, so it is left out",
        "services.b: it names no image, so it is left out",
    ]
    assert findings.problems == []


def test_variables_have_their_values_or_a_line_each() -> None:
    text = """
services:
  a: {image: "a:${TAG}"}
  b: {image: "b:${TAG}-${NO}"}
  c: {image: "c:${NO:?set it}", platform: "$PLATFORM"}
  d: {image: "d:${D:-1}", platform: "linux/$ARCH"}
  e: {image: "e:$$"}
  f: {image: "f:${}"}
  g: {image: "${ONE}"}
  h: {image: "${ONE}:2"}
  i: {image: "${ONE}:3"}
  j: {image: "${ONE}:4"}
  k: {image: "${ONE}:5"}
  built: {image: "${OTHER}", build: .}
"""
    variables = Surroundings(environment={"TAG": "7", "ARCH": "arm64"})
    findings = find_in_yaml(text, variables)
    assert references(findings) == {"a": "a:7", "d": "d:1"}
    assert str(findings.images[1].platform) == "linux/arm64"
    set_it = (
        "set it in .env beside the file, in the environment, or in a file that --env-file names"
    )
    assert [str(one) for one in findings.problems] == [
        "services.f.image: 'f:${}' has a '$' that begins no variable; write '$$' for a '$'",
        "services.e.image: 'e:$' has the tag '$'; a tag is up to 128 letters, digits, '_', '.' and "
        "'-', and cannot start with '.' or '-'",
        "services.built.image: the service is built here, so its image ${OTHER} is left out; if a "
        "registry has it too, add it to images.toml yourself",
        *(
            f"the variable {name} has no value{said}; {set_it}"
            for name, said in [
                ("NO", ", so services.b, services.c are left out"),
                ("PLATFORM", ", so services.c is left out"),
                ("ONE", ", so services.g, services.h, services.i and 2 more are left out"),
            ]
        ),
    ]


@pytest.mark.parametrize(
    ("service", "message"),
    [
        pytest.param(
            {"extends": {"file": "x.yml", "service": "c"}},
            f"services.a.extends: x.yml: it is in another file; {RESOLVE}",
            id="extends another file, where none is read",
        ),
        pytest.param({"image": 1}, "services.a.image: expected a string, found an integer", id="1"),
        pytest.param(
            {"image": "a", "platform": ["b"]},
            "services.a.platform: expected a string, found an array",
            id="an array for a platform",
        ),
        pytest.param(
            {"image": "A"},
            "services.a.image: 'A' has upper case in its repository; write it in lower case",
            id="invalid reference",
        ),
        pytest.param(
            {"image": "localhost/a"},
            "services.a.image: localhost/a:latest is podman's name for an image that was built on "
            "this machine; push it to a registry, or build it with Nix",
            id="built on this machine",
        ),
        pytest.param(["a"], "services.a: expected a table, found an array", id="array"),
    ],
)
def test_a_service_that_cannot_be_imported_is_a_problem(service: Any, message: str) -> None:
    findings = find_in_compose({"services": {"a": service, "b": {"image": "b:1"}}})
    assert references(findings) == {"b": "b:1"}
    assert [str(problem) for problem in findings.problems] == [message]


@pytest.mark.parametrize(
    ("more", "images"),
    [({"services": {"a": {"image": "a:1"}}}, {"a": "a:1"}), ({}, {})],
    ids=["with services", "alone"],
)
def test_included_files_are_a_problem(more: dict[str, Any], images: dict[str, str]) -> None:
    findings = find_in_compose({"include": ["more.yml"], **more})
    assert references(findings) == images
    assert [str(one) for one in findings.problems] == [
        f"include[0]: more.yml: it is in another file; {RESOLVE}"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "a: [",
            "line 1: this is not YAML (expected the node content, but found '<stream end>')",
            id="syntax",
        ),
        pytest.param(
            "services:\n  a: {image: 'a:1', ports: !unset []}",
            "line 2: this is not YAML (could not determine a constructor for the tag '!unset'); "
            + RESOLVE,
            id="unknown tag",
        ),
        pytest.param(
            "a: 2020-99-99", f"line 1: this value cannot be read; {RESOLVE}", id="impossible date"
        ),
        *(
            pytest.param(f"a:\n  {text}", f"line 2: this value cannot be read; {RESOLVE}", id=text)
            for text in (
                *("!!timestamp x", "!!bool x", '!!int ""', '!!int "+"', '!!float ""'),
                *("!!int x", "!!float x", "!!int 0b"),
            )
        ),
        *(
            pytest.param(text, f"line {line}: this cannot be read; {RESOLVE}", id=text[:16])
            for line, text in (
                (1, f"%YAML {'9' * 5000}.1\n---\na: 1"),
                (1, f"%YAML 1.{'9' * 5000}\n---\na: 1"),
                (2, 'a:\n  "\\U00110000"'),
                (2, 'a:\n  "\\UFFFFFFFF"'),
            )
        ),
        *(
            pytest.param(
                f"services:\n  {text}",
                f"line 2: the key '{key}' is there twice; remove one of the two",
                id=f"{key} twice",
            )
            for key, text in (
                ("image", "a: {image: 'a:1', image: 'a:2'}"),
                ("a", "{a: {image: 'a:1'}, a: {image: 'a:2'}}"),
                ("<<", "a: {<<: {image: 'a:1'}, <<: {image: 'a:2'}}"),
            )
        ),
        pytest.param(
            "a: {<<: [1]}", f"line 1: only a mapping can be merged; {RESOLVE}", id="merges a number"
        ),
        pytest.param(
            "a: 1",
            "the document: 'services' is missing; every compose file has it; of a chart, import "
            "what `helm template` prints",
            id="no services",
        ),
        pytest.param(
            "services: {}\n---\nservices: {}",
            "the document: expected one document of YAML, found 2",
            id="two documents",
        ),
        pytest.param("- 1", "the document: expected a table, found an array", id="array"),
    ],
)
def test_another_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        find_in_yaml(text)
    assert str(caught.value) == message


def nested(depth: int) -> str:
    return "services: " + "[" * depth + "]" * depth


# Each names the one before it nine times: merged by PyYAML 6.0, the last has 9^30 keys.
LAUGHS = "".join(f"  l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}\n" for n in range(1, 30))
MERGES = f"services:\n  l0: &l0 {{image: 'a:1'}}\n{LAUGHS}"
WIDE = f"services:\n  l0: &l0 {{{', '.join(f'k{n}: 1' for n in range(1000))}}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            f"{WIDE}  a: {{<<: [{', '.join(['*l0'] * 200)}]}}",
            "its merge keys stand for more than 100000 others",
            id="many at once",
        ),
        pytest.param("services: &a {<<: *a}", "it merges itself", id="a circle"),
        pytest.param(
            "services:\n  l0: &l0 {image: a}\n"
            + "".join(f"  l{n}: &l{n} {{<<: *l{n - 1}}}\n" for n in range(1, 300))
            + "  last: {<<: *l299}",
            None,
            id="a chain is merged step by step",
        ),
        pytest.param(nested(500), "its values are nested more than 100 deep", id="depth"),
        pytest.param(nested(50_000), "its values are nested more than 100 deep", id="great depth"),
        pytest.param(
            "services:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 200)),
            "its values are nested more than 100 deep",
            id="depth of blocks",
        ),
        pytest.param(
            f"a: !!int {'1' + ':1' * 100_000}",
            "this value is longer than 200 characters",
            id="a number of base 60",
        ),
        pytest.param(f"a: {'1' + ':1' * 100_000}\nservices: {{}}", None, id="without a tag"),
        pytest.param(f"a: {'1' * 5000}\nservices: {{}}", None, id="a number of base 10"),
    ],
)
def test_what_grows_without_bound_is_refused_with_its_line(text: str, message: str | None) -> None:
    if message is None:
        find_in_yaml(text)
        return
    with pytest.raises(NixfetchError) as caught:
        find_in_yaml(text)
    assert re.fullmatch(rf"line \d+: {message}; {re.escape(RESOLVE)}", str(caught.value))


def test_merge_keys_that_name_one_another_end() -> None:
    # Later versions of PyYAML take each key once.
    read_or_refused(find_in_yaml, MERGES)


def test_aliases_alone_are_no_copies() -> None:
    laughs = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 90))
    findings = find_in_yaml(f"x-all:\n  l0: &l0 [lol]\n{laughs}services: {{a: {{image: *l0}}}}")
    (problem,) = findings.problems
    assert str(problem) == "services.a.image: expected a string, found an array"


def test_without_pyyaml_json_is_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(NixfetchError) as caught:
        find_in_yaml("services: {}")
    assert str(caught.value) == f"reading YAML needs PyYAML, which is not installed; {RESOLVE}"


@given(
    st.lists(
        st.sampled_from(["services:", "\n", "  ", "a:", "image:", " b", "{", "}", "[", "- ", "!x"])
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(find_in_yaml, text)


def test_an_anchor_that_is_there_twice_is_the_last_one() -> None:
    services = "  a: {image: &i a:1}\n  b: {image: *i}\n  c: {image: &i c:1}\n  d: {image: *i}\n"
    text = f"services:\n{services}"
    findings = find_images(text, place="F", suffix=".yml")
    assert {one.name: one.reference.familiar for one in findings.images} == {
        "a": "a:1",
        "b": "a:1",
        "c": "c:1",
        "d": "c:1",
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param(
            "{{ a }}: b\nservices: {}\n", "import what `helm template` prints", id="chart"
        ),
        pytest.param("? [a]\n: b\nservices: {}\n", "pass the output of", id="a list as a key"),
    ],
)
def test_the_hint_fits_what_is_no_yaml(text: str, hint: str) -> None:
    (problem,) = find_images(text, place="F", suffix=".yml").problems
    assert problem.hint.startswith(hint)
