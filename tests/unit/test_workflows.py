"""The workflows of the forge run targets of the Makefile, and nothing that is theirs alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"\$\(([A-Z]+)\)|\$\$([A-Z]+)|\$\(if \$\(([A-Z]+)\)", MAKEFILE))
NAMES = {name for found in VARIABLES for name in found if name}
# A target, or several, and variables of the Makefile: no value has a blank or a sign of the shell.
MAKE = re.compile(r"make((?: [a-z][a-z-]*)+)((?: [A-Z]+=(?:[\w.-]+|\$\{\{ matrix\.[a-z]+ \}\}))*)")


def _jobs(workflow: Path) -> dict[str, Any]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    assert isinstance(jobs, dict)
    return jobs


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for workflow in WORKFLOWS:
        for job, settings in _jobs(workflow).items():
            for step in settings["steps"]:
                yield f"{workflow.name}: {job}", step


RUN = [
    pytest.param(step["run"], id=f"{job}: {step['run']}") for job, step in _steps() if "run" in step
]


def unknown(command: str) -> str | None:
    """What a command of a workflow has that the Makefile does not, or None."""
    read = MAKE.fullmatch(command)
    if read is None:
        return f"{command!r} is no call of make"
    for target in read[1].split():
        if target not in TARGETS:
            return f"the Makefile has no target {target!r}"
    for name in re.findall(r" ([A-Z]+)=", read[2]):
        if name not in NAMES:
            return f"the Makefile reads no variable {name}"
    return None


@pytest.mark.parametrize("command", RUN)
def test_a_step_runs_a_target_of_the_makefile(command: str) -> None:
    assert unknown(command) is None


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("make nothing", "no target 'nothing'"),
        ("make lint nothing", "no target 'nothing'"),
        ("make lint OTHER=1", "no variable OTHER"),
        ("make lint; rm -rf /", "no call of make"),
        ("make lint && make unit", "no call of make"),
        ("make unit PYTHON=${{ github.head_ref }}", "no call of make"),
        ("pytest", "no call of make"),
        ("make", "no call of make"),
    ],
)
def test_whatever_else_a_step_may_run_is_found(command: str, fault: str) -> None:
    assert fault in str(unknown(command))


def test_there_are_workflows_for_all_that_is_checked() -> None:
    called = {word for param in RUN for word in str(param.values[0]).split()}
    assert called >= {
        "lint",
        "unit",
        "end-to-end",
        "test-current-nix",
        "flake-check",
        "dist",
        "docs",
    }


def test_the_targets_of_the_workflows_are_no_files() -> None:
    (phony,) = re.findall(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE)
    called = {word for param in RUN for word in str(param.values[0]).split()[1:]}
    assert {word for word in called if word in TARGETS} <= set(phony.split())


def test_the_unit_tests_run_on_each_python_that_is_promised() -> None:
    (checks,) = (_jobs(workflow) for workflow in WORKFLOWS if workflow.name == "checks.yml")
    pythons = checks["unit"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    page = (ROOT / "docs/explanation/compatibility.md").read_text(encoding="utf-8")
    assert f"| Python | {pythons[0]} | {pythons[-1]} |" in page
    assert f'requires-python = ">={pythons[0]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_the_repository(workflow: Path) -> None:
    settings = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert settings["permissions"] == {"contents": "read"}
    more = {
        name: job["permissions"] for name, job in settings["jobs"].items() if "permissions" in job
    }
    assert more == (_PUBLISHING.get(workflow.name, {}))


# What the jobs that publish may do more, by the workflow and the job.
_PUBLISHING = {
    "docs.yml": {"publish": {"pages": "write", "id-token": "write"}},
    "release.yml": {"publish": {"id-token": "write"}},
}
USES = sorted({step["uses"] for _, step in _steps() if "uses" in step})


@pytest.mark.parametrize("action", USES)
def test_an_action_has_a_version(action: str) -> None:
    assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)", action)


def test_what_a_step_runs_finds_no_token_of_the_checkout() -> None:
    checkouts = [
        step for _, step in _steps() if step.get("uses", "").startswith("actions/checkout")
    ]
    assert checkouts
    assert [step for step in checkouts if step["with"] != {"persist-credentials": False}] == []
