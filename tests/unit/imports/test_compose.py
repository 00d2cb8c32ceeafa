from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.compose import find_in_compose, find_in_yaml
from nixfetch_docker.imports.found import Findings

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


def test_a_service_that_is_built_too_has_a_remark() -> None:
    (image,) = find_in_yaml("services: {a: {image: 'a:1', build: .}}").images
    assert image.remark == "it can be built here as well; make sure that a registry has it"


@pytest.mark.parametrize(
    ("service", "said"),
    [
        pytest.param("{build: .}", True, id="built"),
        pytest.param("{build: {context: .}, image: }", True, id="built, with an empty image"),
        pytest.param("{build: ., image: 'a:1'}", False, id="built, with an image"),
        pytest.param("{extends: {service: b}}", False, id="as another service of the file"),
    ],
)
def test_a_service_that_is_built_and_names_no_image_is_left_out(service: str, said: bool) -> None:
    findings = find_in_yaml(f"services: {{own: {service}}}")
    text = "services.own: it is built and names no image, so it is left out"
    assert findings.left_out == ([text] if said else [])
    assert findings.problems == []


def test_names_may_be_numbers() -> None:
    assert references(find_in_yaml("services: {1: {image: 'a:1'}}")) == {"1": "a:1"}


@pytest.mark.parametrize(
    ("service", "message"),
    [
        pytest.param(
            {"image": "web:${TAG:-1}"},
            f"services.a.image: 'web:${{TAG:-1}}' contains a variable; {RESOLVE}",
            id="variable in the image",
        ),
        pytest.param(
            {"image": "a:1", "platform": "$P"},
            f"services.a.platform: '$P' contains a variable; {RESOLVE}",
            id="variable in the platform",
        ),
        pytest.param(
            {"extends": {"file": "x.yml", "service": "c"}},
            f"services.a.extends: its image is defined in another file; {RESOLVE}",
            id="extends another file",
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
        f"include: it includes other files; {RESOLVE}"
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
            "services:\n  a: {image: 'a:1', ports: !reset []}",
            "line 2: this is not YAML (could not determine a constructor for the tag '!reset'); "
            + RESOLVE,
            id="tag of compose",
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
        pytest.param("a: 1", "the document: 'services' is missing", id="no services"),
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
