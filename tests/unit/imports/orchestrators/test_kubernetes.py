from __future__ import annotations

import json

import pytest

from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.found.image import Findings

POD = "containers: [{name: web, image: 'web:1'}]"


def find(text: str, suffix: str = ".yaml") -> Findings:
    return find_images(text, place="x", suffix=suffix)


def images(findings: Findings) -> dict[str, str]:
    return {image.name: image.reference.familiar for image in findings.images}


def manifest(kind: str, spec: str) -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: shop}}\n{spec}\n"


@pytest.mark.parametrize(
    ("kind", "spec", "place"),
    [
        pytest.param("Pod", f"spec: {{{POD}}}", "spec", id="pod"),
        *(
            pytest.param(
                kind, f"spec: {{template: {{spec: {{{POD}}}}}}}", "spec.template.spec", id=kind
            )
            for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout")
        ),
        pytest.param(
            "CronJob",
            f"spec: {{jobTemplate: {{spec: {{template: {{spec: {{{POD}}}}}}}}}}}",
            "spec.jobTemplate.spec.template.spec",
            id="cron job",
        ),
        pytest.param("PodTemplate", f"template: {{spec: {{{POD}}}}}", "template.spec"),
    ],
)
def test_the_image_of_a_container_is_found_in_every_kind(kind: str, spec: str, place: str) -> None:
    findings = find(manifest(kind, spec))
    assert findings.problems == []
    assert images(findings) == {"web": "web:1"}
    assert findings.images[0].place == f"x: {kind} shop: {place}.containers[0].image"


def test_what_a_cluster_says_of_running_containers_is_passed_over() -> None:
    status = "status: {containerStatuses: [{name: web, image: 'docker.io/library/web:1'}]}"
    pod = f"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{{POD}}}, {status}}}"
    for text in (
        manifest("Pod", f"spec: {{{POD}}}\n{status}"),
        f"apiVersion: v1\nkind: List\nitems: [{pod}]",
    ):
        findings = find(text)
        assert (images(findings), findings.problems) == ({"web": "web:1"}, [])


def test_all_containers_of_several_documents_are_found() -> None:
    text = f"""
---
# Source: shop/templates/web.yaml
{
        manifest(
            "Pod",
            '''spec:
  initContainers: [{name: init, image: "ghcr.io/acme/init:2"}, {name: wait, image: busybox}]
  containers: [{name: web, image: "web:1"}, {name: none}]
  ephemeralContainers: [{name: debug, image: "debug:3"}]
  volumes: [{name: data, image: {reference: "ghcr.io/acme/data:4"}}]''',
        )
    }
---
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{ports: [{{port: 80}}]}}
---
{manifest("ConfigMap", "data: {image.tag: '1'}")}
"""
    expected = {
        "init": "ghcr.io/acme/init:2",
        "wait": "busybox:latest",
        "web": "web:1",
        "debug": "debug:3",
        "data": "ghcr.io/acme/data:4",
    }
    for suffix in (".yaml", ".yml", ""):
        findings = find(text, suffix)
        assert findings.problems == []
        assert images(findings) == expected


def test_a_list_of_kubectl_is_read_as_json() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    spec = {"containers": [{"name": "web", "image": "web:1"}]}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod | {"spec": spec}]})
    for suffix in (".json", ""):
        (image,) = find(text, suffix).images
        assert image.place == "x: Pod a: spec.containers[0].image"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param(
            "spec: {containers: [{image: '{{ .Values.image }}'}]}",
            "spec.containers[0].image: '{{ .Values.image }}' is a template; import what `helm "
            "template` prints",
            id="template",
        ),
        pytest.param(
            "spec: {containers: [{image: 1}]}",
            "spec.containers[0].image: expected a string, found an integer",
            id="number",
        ),
        pytest.param(
            "spec: {containers: [{image: A}]}",
            "spec.containers[0].image: 'A' has upper case in its repository; write it in lower "
            "case",
            id="invalid",
        ),
        pytest.param(
            "spec: {containers: [{image: auto}]}",
            "spec.containers[0].image: 'auto' stands for an image that Istio fills in; add the "
            "image to images.toml yourself",
            id="Istio",
        ),
        pytest.param(
            "spec: {image: 'db:1'}",
            "spec.image: 'db:1' is not the image of a container; add the image to images.toml "
            "yourself",
            id="elsewhere",
        ),
        pytest.param(
            "spec: {values: {image: {repository: web, tag: 1}}}",
            "spec.values.image: a chart of Helm makes an image of these values; import what `helm "
            "template` prints",
            id="values of a chart",
        ),
    ],
)
def test_an_image_that_cannot_be_imported_is_a_problem(spec: str, message: str) -> None:
    findings = find(manifest("Thing", spec))
    assert findings.images == []
    assert [str(problem) for problem in findings.problems] == [f"x: Thing shop: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            manifest("Kustomization", "images: [{name: web, newTag: '2'}]"),
            "x: Kustomization shop: it changes images of other files; import what `kustomize "
            "build` prints",
            id="kustomize",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nmetadata: 1\nspec: {image: a}",
            "x: Pod: spec.image: 'a' is not the image of a container; add the image to images.toml "
            "yourself",
            id="no metadata",
        ),
        pytest.param(
            manifest("Pod", f"spec: {{{POD}}}") + "---\na: 1\n",
            "x: document 2: expected 'apiVersion' and 'kind' of Kubernetes",
            id="another document",
        ),
        pytest.param(
            manifest("ConfigMap", 'data: {a: "image: web"}'),
            "x: ConfigMap shop: data.a: a text has the image 'web:latest', which is left out; "
            "add the image to images.toml yourself",
            id="a mention alone",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n",
            "x: line 4: this is not YAML (could not find expected ':'); import what "
            "`helm template` prints",
            id="a file of a chart",
        ),
    ],
)
def test_what_gives_no_image_is_told(text: str, message: str) -> None:
    (problem,) = find(text).problems
    assert str(problem) == message


def test_aliases_that_name_one_another_end() -> None:
    laughs = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 90))
    text = f"apiVersion: v1\nkind: Pod\nspec:\n  l0: &l0 {{{POD}}}\n{laughs}"
    assert images(find(text)) == {"web": "web:1"}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param(
            "spec: {imageName: 'quay.io/db/postgres:17'}",
            {"spec.imageName": "quay.io/db/postgres:17"},
            id="the database of an operator",
        ),
        pytest.param(
            "configuration: {docker_image: 'spilo:17', pooler: {image_tag: 'a:1'}}",
            {"configuration.docker_image": "spilo:17"},
            id="another spelling",
        ),
        pytest.param(
            "spec: {sidecars: ['quay.io/a/b:1', 'a:1']}",
            {"spec.sidecars[0]": "quay.io/a/b:1"},
            id="a list",
        ),
        pytest.param(
            "spec: {containers: [{image: 'quay.io/a/b:1', env: [{name: X, value: 'quay.io/a/c:1'},"
            " {name: Y, value: 'quay.io/a/b:1'}]}]}",
            {"spec.containers[0].env[0].value": "quay.io/a/c:1"},
            id="a variable of a container, and one that has its own image",
        ),
        pytest.param(
            "spec: {a: {image: {name: 'quay.io/a/b:1'}}, b: {x: 'quay.io/a/b:1'}}",
            {"spec.a.image.name": "quay.io/a/b:1"},
            id="in a set, and once more",
        ),
        pytest.param(
            "spec: {volumes: [{image: {reference: 'quay.io/a/b:1'}}]}", {}, id="of a volume"
        ),
        pytest.param("status: {now: 'quay.io/a/b:1'}", {}, id="status"),
        pytest.param("spec: {url: 'https://quay.io/a:1', path: a.b/c}", {}, id="other texts"),
    ],
)
def test_an_image_under_another_key_is_told(spec: str, told: dict[str, str]) -> None:
    text = manifest("Cluster", spec).replace("shop}", "shop, labels: {x: 'quay.io/z:1'}}")
    assert [str(problem) for problem in find(text).problems] == [
        f"x: Cluster shop: {place}: '{image}' is not the image of a container; "
        "add the image to images.toml yourself"
        for place, image in told.items()
    ]


@pytest.mark.parametrize(
    ("kind", "keys", "place"),
    [
        pytest.param(
            "Cluster",
            "spec: {imageName: 'ghcr.io/a/b:1'}",
            "Cluster shop: spec.imageName",
            id="key",
        ),
        pytest.param(
            "Kafka", "spec: {kafkaImage: 'b:1'}", "Kafka shop: spec.kafkaImage", id="no host"
        ),
        pytest.param(
            "Db", "spec: {image: {name: 'b:1'}}", "Db shop: spec.image.name", id="a table"
        ),
        pytest.param(
            "ConfigMap", "data: {x: 'ghcr.io/a/b:1'}", "ConfigMap shop: data.x", id="a value"
        ),
        pytest.param(
            "X",
            "spec: {args: [-a, '--img=ghcr.io/a/b:1']}",
            "X shop: spec.args[1]",
            id="an argument",
        ),
        pytest.param(
            "X", "spec: {of: {'ghcr.io/a/b:1': 1}}", 'X shop: spec.of."ghcr.io/a/b:1"', id="a name"
        ),
        pytest.param(
            "HelmChart",
            'spec: {valuesContent: "image:\\n  repository: b\\n"}',
            "HelmChart shop: spec.valuesContent",
            id="values of a chart",
        ),
    ],
)
def test_an_image_elsewhere_in_an_object_is_told(kind: str, keys: str, place: str) -> None:
    (problem,) = find(manifest(kind, keys)).problems
    assert str(problem).startswith(f"x: {place}: ")


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("status: {x: 'ghcr.io/a/b:1'}", id="the state"),
        pytest.param("spec: {url: 'https://a.b/c:1', x: 'a:1'}", id="others"),
    ],
)
def test_other_texts_of_an_object_are_not_told(keys: str) -> None:
    text = f"apiVersion: v1\nkind: X\nmetadata: {{annotations: {{a: 'ghcr.io/a/b:1'}}}}\n{keys}\n"
    assert find(text).problems == []
