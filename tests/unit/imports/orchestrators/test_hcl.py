from __future__ import annotations

import pytest

from nixfetch_docker.imports.document import find_images

JOB = """variable "tag" { default = "7" }

job "shop" {
  group "cache" {
    task "redis" {
      driver = "docker"
      config { image = "redis:${var.tag}" }
    }
  }
}
"""


@pytest.mark.parametrize("suffix", [".hcl", ".nomad", ""])
@pytest.mark.parametrize(
    ("text", "line"), [(JOB, 3), ("job shop {\n}\n", 1), ('  job   "a b"  {}', 1)]
)
def test_a_job_in_hcl_is_told_with_what_to_do(text: str, line: int, suffix: str) -> None:
    findings = find_images(text, place="F", suffix=suffix)
    assert findings.images == []
    assert [str(problem) for problem in findings.problems] == [
        f"F: line {line}: this is a job in HCL, which is not read; "
        "import what `nomad job run -output FILE` prints"
    ]


@pytest.mark.parametrize("suffix", [".hcl", ".tf"])
def test_other_hcl_is_told(suffix: str) -> None:
    text = 'resource "docker_image" "a" {\n  name = "redis:7"\n}\n'
    (problem,) = find_images(text, place="F", suffix=suffix).problems
    assert str(problem) == (
        "F: this is HCL, which is not read; add the image to images.toml yourself"
    )


@pytest.mark.parametrize(
    "text", ["{ job = x: x; }", '{\n  a = job "x" { };\n  containers.a.image = "a"; }']
)
def test_nix_with_a_job_is_nix(text: str) -> None:
    assert "HCL" not in str(find_images(text, place="F").problems)
