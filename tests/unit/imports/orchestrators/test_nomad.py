from __future__ import annotations

import json
from typing import Any

import pytest

from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.found.image import Findings
from nixfetch_docker.imports.orchestrators.nomad import find_in_job


def find(document: Any) -> Findings:
    return find_images(json.dumps(document), place="x", suffix=".json")


def task(image: Any, name: str = "cache") -> dict[str, Any]:
    return {"Name": name, "Driver": "docker", "Config": {"image": image, "ports": ["db"]}}


def job(*tasks: Any) -> dict[str, Any]:
    return {"ID": "shop", "Name": "shop", "TaskGroups": [{"Name": "group", "Tasks": [*tasks]}]}


REDIS = {"driver": "docker", "config": {"image": "redis:7"}}
HCL = {"shop": {"group": {"main": {"task": {"cache": REDIS}}}}}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        pytest.param(
            {"Job": job(task("redis:7"))}, "Job.TaskGroups[0].Tasks[0].Config.image", id="inspect"
        ),
        pytest.param(job(task("redis:7")), "TaskGroups[0].Tasks[0].Config.image", id="API"),
        pytest.param(
            job(task("docker://redis:7")), "TaskGroups[0].Tasks[0].Config.image", id="podman"
        ),
        pytest.param(
            {"job": HCL}, "job.shop.group.main.task.cache.config.image", id="a job file as JSON"
        ),
        pytest.param(
            {"job": [{"shop": [{"group": {"main": {"task": {"cache": [REDIS]}}}}]}]},
            "job[0].shop[0].group.main.task.cache[0].config.image",
            id="with arrays",
        ),
    ],
)
def test_the_image_of_a_task_is_found(document: Any, place: str) -> None:
    findings = find(document)
    assert findings.problems == []
    (image,) = findings.images
    assert image.reference.familiar == "redis:7"
    assert image.place == f"x: {place}"
    assert image.name == "cache"


def test_a_task_without_a_name_has_that_of_its_repository() -> None:
    (image,) = find(job({"Config": {"image": "acme/web:1"}})).images
    assert image.name == "web"


def test_output_of_nix_prefetch_docker_under_the_name_of_a_job_is_none() -> None:
    digest = f"sha256:{'a' * 64}"
    (image,) = find({"job": {"imageName": "web", "imageDigest": digest}}).images
    assert image.reference.familiar == f"web:latest@{digest}"


def test_all_tasks_of_all_groups_are_found() -> None:
    sidecar = {"Connect": {"SidecarTask": {"Name": "envoy", "Config": {"image": "envoy:1"}}}}
    document = job(task("a:1", "a"), task("b:1", "b"), {"Name": "own", "Driver": "exec"})
    document["TaskGroups"].append({"Tasks": [task("c:1", "c")], "Services": [sidecar]})
    found = {image.name: image.reference.familiar for image in find(document).images}
    assert found == {"a": "a:1", "b": "b:1", "c": "c:1", "envoy": "envoy:1"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(
            job(task("web:${NOMAD_META_tag}")),
            "TaskGroups[0].Tasks[0].Config.image: 'web:${NOMAD_META_tag}' has a variable of Nomad",
            id="variable",
        ),
        *(
            pytest.param(
                job(task(image)),
                f"TaskGroups[0].Tasks[0].Config.image: '{image}' is not pulled from a registry",
                id=image,
            )
            for image in ("oci-archive:/web.tar", "docker-archive:/web.tar", "dir:/web")
        ),
        pytest.param(
            job({"Name": "web", "Config": {"image": "web:1", "load": "web.tar"}}),
            "TaskGroups[0].Tasks[0].Config.image: 'load' has the task load it from a file",
            id="loaded",
        ),
        pytest.param(
            job(task(1)),
            "TaskGroups[0].Tasks[0].Config.image: expected a string, found an integer",
            id="number",
        ),
        pytest.param(
            {"Job": {"Meta": {"image": "web:1"}}},
            "Job.Meta.image: 'web:1' is not in the config of a task",
            id="elsewhere",
        ),
    ],
)
def test_an_image_that_cannot_be_imported_is_a_problem(document: Any, message: str) -> None:
    findings = find(document)
    assert findings.images == []
    assert [problem.cause for problem in findings.problems] == [f"x: {message}"]


def test_an_image_in_arguments_is_told() -> None:
    task = {"Name": "a", "Config": {"image": "a:1", "args": ["--img=ghcr.io/a/b:1"]}}
    job = {"Job": {"TaskGroups": [{"Tasks": [task]}]}}
    findings = find_in_job(job)
    (problem,) = findings.problems
    assert str(problem).startswith(
        "Job.TaskGroups[0].Tasks[0].Config.args[0]: 'ghcr.io/a/b:1' looks like an image"
    )
    assert len(findings.images) == 1
