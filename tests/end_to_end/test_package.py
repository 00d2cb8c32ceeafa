"""nix/package.nix with a buildPythonApplication that is as strict as nixpkgs'."""

from __future__ import annotations

import signal
import subprocess
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.nix import REPOSITORY, Nix, error, evaluate, try_evaluate
from support.process import output, run

from nixfetch_docker import __version__

PACKAGES = f"(import {REPOSITORY}/tests/nix/host-nixpkgs.nix {{ }})"
PACKAGE = f"({PACKAGES}.callPackage {REPOSITORY}/nix/package.nix {{ }})"


def build(nix: Nix, expression: str) -> subprocess.CompletedProcess[str]:
    """Build a package; its log is in stderr."""
    env = {**nix.env, "PYTHON_TEST_PACKAGES": sysconfig.get_path("purelib")}
    return run(["nix-build", "--no-out-link", "-E", expression], env=env)


@pytest.fixture
def package(nix: Nix) -> Path:
    built = build(nix, f"(import {REPOSITORY}/tests/nix/host-pkgs.nix).nixfetch-docker")
    assert built.returncode == 0, built.stderr
    # The tests are no part of what people build.
    assert "pytest-check-hook" not in built.stderr
    return Path(built.stdout.strip())


def test_an_interrupt_in_the_first_200_ms_shows_no_traceback(package: Path) -> None:
    def interrupt(moment: int) -> tuple[int, str]:
        # What runs in the background ignores SIGINT, and so would this process.
        start: list[str | Path] = [
            "env",
            "--default-signal=INT",
            package / "bin/nixfetch-docker",
            "--help",
        ]
        with subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            time.sleep(moment * 0.005)
            process.send_signal(signal.SIGINT)
            return process.wait(), process.communicate()[1].decode()

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(interrupt, range(40)))
    assert {error for _, error in ended} == {""}
    assert {status for status, _ in ended} <= {0, -signal.SIGINT}


def test_the_command_has_a_manual_and_completion(package: Path) -> None:
    share = package / "share"
    files = sorted(str(file.relative_to(share)) for file in share.rglob("*") if file.is_file())
    assert files == [
        "bash-completion/completions/nixfetch-docker.bash",
        "fish/vendor_completions.d/nixfetch-docker.fish",
        "man/man1/nixfetch-docker.1",
        "zsh/site-functions/_nixfetch-docker",
    ]
    assert all((share / file).stat().st_size > 500 for file in files)
    version = output([package / "bin/nixfetch-docker", "--version"], env={})
    assert version == f"nixfetch-docker {__version__}\n"


def test_the_command_reads_yaml(package: Path, tmp_path: Path) -> None:
    compose = tmp_path / "compose.yaml"
    compose.write_text("services: {web: {image: 'redis:7.4'}}\n")
    written = output([package / "bin/nixfetch-docker", "import", compose], env={})
    assert 'image = "redis:7.4"' in written


def test_the_file_for_nixpkgs_is_package_nix_with_another_source() -> None:
    assert evaluate(f"""
      let
        pkgs = {PACKAGES};
        packages = pkgs // {{
          lib = pkgs.lib // {{ fakeHash = "sha256-"; }};
          fetchFromGitHub = given: given;
          nixosTests.nixfetch-docker = "the test of the module";
          testers.runNixOSTest = _test: "the test of the module";
          python3Packages = pkgs.python3Packages // {{
            buildPythonApplication = function:
              let final = function (final // {{ finalPackage.overrideAttrs = changes: changes; }});
              in final;
          }};
        }};
        arguments = file:
          let function = import file;
          in function (builtins.intersectAttrs (builtins.functionArgs function) packages);
        here = arguments {REPOSITORY}/nix/package.nix;
        there = arguments {REPOSITORY}/docs/nixpkgs/package.nix;
        comparable = given: removeAttrs given [ "src" "passthru" ] // {{
          inherit (given.passthru) tests;
        }};
      in {{
        same = map (name: [ name ((comparable here).${{name}} == (comparable there).${{name}}) ])
          (builtins.attrNames (comparable here // comparable there));
        inherit (there) src;
      }}
    """) == {
        "same": [
            [name, True]
            for name in (
                "__darwinAllowLocalNetworking",
                "__structuredAttrs",
                "build-system",
                "dependencies",
                "disabledTestPaths",
                "disabledTests",
                "enabledTestPaths",
                "makeWrapperArgs",
                "meta",
                "nativeBuildInputs",
                "nativeCheckInputs",
                "optional-dependencies",
                "pname",
                "postFixup",
                "postInstall",
                "pyproject",
                "pythonImportsCheck",
                "tests",
                "version",
            )
        ],
        "src": {
            "owner": "OWNER",
            "repo": "nixfetch-docker",
            "tag": f"v{__version__}",
            "hash": "sha256-",
        },
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param("{ ldflags = [ ]; }", "no hook reads ldflags", id="for another builder"),
        pytest.param("{ checkInputs = [ ]; }", "no hook reads checkInputs", id="an old name"),
        pytest.param("{ pyproject = null; }", "there is no format", id="no format"),
    ],
)
def test_an_argument_that_nothing_reads_is_refused(changes: str, message: str) -> None:
    failed = try_evaluate(f"""
      ({PACKAGES}.python3Packages.buildPythonApplication (final: {{
        pname = "one"; version = "1"; pyproject = true; src = ./.;
      }} // {changes})).drvPath
    """)
    assert message in error(failed.stderr)


def test_the_tests_run_in_the_build_and_end_it_where_they_fail(nix: Nix) -> None:
    def checked(changes: str) -> subprocess.CompletedProcess[str]:
        return build(nix, f"{PACKAGE}.overrideAttrs {changes}")

    done = checked('{ enabledTestPaths = [ "tests/unit/versions/test_version.py" ]; }')
    assert done.returncode == 0, done.stderr
    assert " passed in " in done.stderr
    assert f"nixfetch-docker {__version__}" in done.stderr

    gone = checked('{ enabledTestPaths = [ "tests/gone" ]; }')
    assert "'tests/gone' does not match any paths" in gone.stderr
    assert gone.returncode != 0
    other = checked('{ version = "9.9"; enabledTestPaths = [ ]; }')
    assert other.returncode != 0


def test_a_dependency_that_is_left_out_fails_the_build(nix: Nix) -> None:
    less = build(nix, f"{PACKAGE}.overrideAttrs {{ propagatedBuildInputs = [ ]; }}")
    assert less.returncode != 0
    assert "the wheel needs cryptography h11 httpx idna pynacl rich tomli" in less.stderr


def test_the_package_is_found_by_its_version_and_its_tests() -> None:
    assert evaluate(f"""
      let
        package = (import {REPOSITORY}/tests/nix/host-pkgs.nix).nixfetch-docker;
        next = {PACKAGE}.overrideAttrs {{ version = "9.9"; }};
      in {{
        inherit (package.meta) mainProgram;
        inherit (package) updateScript;
        tests = builtins.mapAttrs (_: test: test.enabledTestPaths or test.name) package.tests;
        changelog = baseNameOf (dirOf next.meta.changelog);
        optional = builtins.attrNames package.optional-dependencies;
      }}
    """) == {
        "mainProgram": "nixfetch-docker",
        "updateScript": ["nix-update"],
        "tests": {
            "nixfetch-docker": "vm-test-run-nixfetch-docker",
            "registry": ["tests/registry", "tests/fuzz"],
            "unit": ["tests/unit"],
        },
        "changelog": "v9.9",
        "optional": ["completion", "keyless"],
    }
