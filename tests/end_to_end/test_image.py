"""`image` and `nix`: the bytes of the image that Nix builds from a lock."""

from __future__ import annotations

import filecmp
import json
import os
import pty
import signal
import subprocess
import tarfile
import time
from pathlib import Path
from threading import Barrier

import pytest
from support import oci
from support.certificates import Authority
from support.command import PROGRAM, Project
from support.faults.answers import body, delay, drip, stall_after, status, together, wrong_bytes
from support.faults.registry import faults
from support.nix import REPOSITORY, Nix
from support.podman import Podman
from support.process import output, run
from support.registry import Registry
from support.registry import registry as run_registry

LABELS = {"odd": "${quoted} \"and\"\n''more''"}
BASE = oci.layer({"etc/base": b"base"})
IMAGE = oci.image(
    BASE,
    oci.layer({"etc/zstd": bytes(5000)}, "zstd"),
    oci.layer({"etc/plain": b"plain"}, "none"),
    # The same layer twice, which is one blob.
    BASE,
    labels=LABELS,
)


@pytest.fixture
def web(registry: Registry) -> str:
    registry.push("acme/web:1.0", IMAGE)
    return f"{registry.host}/acme/web:1.0"


def call_package(nix: Nix, expression: Path, attribute: str = "") -> Path:
    """Build an expression that `nix` wrote."""
    pkgs = f"(import {REPOSITORY}/tests/nix/host-pkgs.nix)"
    text = f"({pkgs}.callPackage {expression} {{ }}){attribute}"
    return Path(output(["nix-build", "--no-out-link", "-E", text], env=nix.env).strip())


@pytest.mark.parametrize("by", ["tag", "digest", "both"])
def test_the_archive_is_the_one_that_nix_builds(
    by: str, web: str, project: Project, nix: Nix
) -> None:
    name = web.removesuffix(":1.0")
    image = {"tag": web, "digest": f"{name}@{IMAGE.digest}", "both": f"{web}@{IMAGE.digest}"}[by]
    project.update(f'[images.web]\nimage = "{image}"')
    built = nix.build(project.images, "web", "archive")
    project.read("image", image, "-o", "web.tar")
    assert filecmp.cmp(built, project.directory / "web.tar", shallow=False)
    assert project.read("image", image, "-o", "-") == built.read_bytes()
    again = project.directory / "again.tar"
    project.read("image", image, "-o", str(again), "--jobs", "1")
    assert again.read_bytes() == built.read_bytes()

    (project.directory / "web.nix").write_bytes(project.read("nix", image))
    assert call_package(nix, project.directory / "web.nix", ".archive") == built
    stored = nix.build(project.images, "web")
    assert call_package(nix, project.directory / "web.nix") == stored
    # The directory has the files of the one in the store, without links.
    project.read("image", image, "-o", "layout/")
    paths = [path.relative_to(stored) for path in stored.rglob("*") if path.is_file()]
    assert len(paths) == 8
    layout = project.directory / "layout"
    assert all((layout / path).read_bytes() == (stored / path).read_bytes() for path in paths)
    assert sum(path.is_file() for path in layout.rglob("*")) == len(paths)


def test_skopeo_reads_the_archive_and_the_layout(web: str, project: Project) -> None:
    project.read("image", web, "-o", "web.tar")
    (project.directory / "layout").mkdir()
    project.read("image", web, "-o", "layout")
    archive = json.loads(
        output(["skopeo", "inspect", f"docker-archive:{project.directory}/web.tar"])
    )
    layout = json.loads(output(["skopeo", "inspect", f"oci:{project.directory}/layout"]))
    packed = json.loads(output(["skopeo", "inspect", f"oci-archive:{project.directory}/web.tar"]))
    assert archive["Layers"] == [layer.diff_id for layer in IMAGE.layers]
    for read in (layout, packed):
        assert read["Digest"] == IMAGE.digest
        assert read["Layers"] == [oci.digest(layer.data) for layer in IMAGE.layers]
    assert archive["Labels"] == layout["Labels"] == LABELS


def test_umoci_unpacks_the_layout(registry: Registry, project: Project, tmp_path: Path) -> None:
    # umoci cannot read zstd.
    registry.push("acme/web:1.0", oci.image(BASE, oci.layer({"etc/plain": b"plain"}, "none")))
    project.read("image", f"{registry.host}/acme/web:1.0", "-o", "layout/")
    bundle = tmp_path / "bundle"
    output(["umoci", "unpack", "--image", f"{project.directory}/layout:1.0", bundle])
    assert (bundle / "rootfs/etc/plain").read_bytes() == b"plain"


def test_podman_loads_the_image_from_a_pipe(web: str, project: Project, podman: Podman) -> None:
    script = project.directory / "image"
    environment = " ".join(f"{name}='{value}'" for name, value in project.env.items())
    script.write_text(f"#!/bin/sh\nexec env {environment} {PROGRAM} image {web} -o -\n")
    script.chmod(0o755)
    assert web in podman.load_stream(script)
    loaded = podman.inspect(web)
    assert f"sha256:{loaded['Id']}" == IMAGE.id
    assert (loaded["Digest"], loaded["RepoTags"]) == (IMAGE.digest, [web])
    assert loaded["Labels"] == LABELS


def test_every_blob_is_fetched_once(web: str, registry: Registry, project: Project) -> None:
    project.read("image", web, "-o", "web.tar")
    blobs = {IMAGE.id, *(oci.digest(layer.data) for layer in IMAGE.layers)}
    asked = registry.asked()
    assert asked[0] == "GET acme/web/manifests/1.0"
    assert sorted(asked[1:]) == sorted(f"GET acme/web/blobs/{blob}" for blob in blobs)


def test_layers_are_fetched_in_parallel(project: Project) -> None:
    layers = [oci.layer({"a": bytes([n])}, "none") for n in range(4)]
    asked = Barrier(len(layers), timeout=30)
    with faults() as registry:
        registry.add("web:1", oci.image(*layers))
        for layer in layers:
            registry.script("GET", f"/blobs/{oci.digest(layer.data)}", together(asked))
        project.read("image", f"{registry.host}/web:1", "-o", "web.tar")


def test_memory_does_not_grow_with_the_image(registry: Registry, project: Project) -> None:
    layers = [oci.layer({f"{n}": os.urandom(60_000_000)}, "none") for n in range(2)]
    registry.push("large:1", oci.image(*layers))
    image = f"{registry.host}/large:1"
    for options in (["-o", "web.tar"], ["-o", "-"]):
        command = ["/usr/bin/env", "python3", "-c", _PEAK, str(PROGRAM), "image", image, *options]
        peak = int(run(command, env=project.env, cwd=project.directory).stderr)
        assert peak < 60_000


# Runs a command without its output, and prints its peak memory in KiB.
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
sys.stderr.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


@pytest.mark.parametrize("target", ["web.tar", "layout/", "-"])
def test_a_wrong_layer_leaves_no_file(target: str, project: Project) -> None:
    digest = oci.digest(BASE.data)
    with faults() as registry:
        registry.add("web:1", IMAGE)
        registry.script("GET", f"/blobs/{digest}", wrong_bytes(), wrong_bytes())
        image = f"{registry.host}/web:1"
        done = project.raw("image", image, "-o", target)
        assert done.returncode == 1
        assert done.stderr.decode().startswith(
            f"nixfetch-docker: {image}: asked for {digest}, got sha256:"
        )
        assert len(done.stderr.splitlines()) == 1
    assert list(project.directory.iterdir()) == []


def test_two_sizes_of_one_layer_are_refused(project: Project) -> None:
    image = oci.image(BASE, BASE)
    document = json.loads(image.manifest)
    document["layers"][1]["size"] += 1
    with faults() as registry:
        registry.add("web:1", image)
        registry.script(
            "GET", "/manifests/1", body(oci.encode(document), {"Content-Type": oci.MANIFEST})
        )
        name = f"{registry.host}/web:1"
        done = project.try_run("image", name, "-o", "web.tar")
        assert (done.returncode, done.stderr) == (
            1,
            f"nixfetch-docker: {name}: "
            f"it gives {oci.digest(BASE.data)[:19]} two sizes; build and push the image again\n",
        )


@pytest.mark.parametrize("target", ["web.tar", "layout/", "-"])
def test_an_error_does_not_wait_for_a_silent_registry(target: str, project: Project) -> None:
    first, second = oci.layer({"first": b""}, "none"), oci.layer({"second": b""}, "none")
    with faults() as registry:
        registry.add("web:1", oci.image(first, second))
        busy = status(429, {"Retry-After": "50"})
        registry.script("GET", f"/blobs/{oci.digest(first.data)}", busy)
        registry.script("GET", f"/blobs/{oci.digest(second.data)}", delay(1, status(404)))
        began = time.monotonic()
        done = project.raw("image", f"{registry.host}/web:1", "-o", target)
        assert time.monotonic() - began < 20
    assert done.returncode == 1
    *waits, error = done.stderr.decode().splitlines()
    assert [line.startswith(f"{registry.host} answered 429; ") for line in waits] == [True]
    assert f"web:1: {registry.host} answered 404; " in error
    assert list(project.directory.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("target", ["web.tar", "layout/", "-"])
def test_a_signal_leaves_no_file(
    target: str, number: signal.Signals, project: Project, tmp_path: Path
) -> None:
    layers = [oci.layer({f"{n}": bytes(100_000)}, "none") for n in range(12)]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with faults() as registry:
        registry.add("web:1", oci.image(*layers))
        for layer in layers:
            registry.script("GET", f"/blobs/{oci.digest(layer.data)}", stall_after(50_000))
        with subprocess.Popen(
            # Tests that run in the background ignore signals.
            ["env", "--default-signal", PROGRAM, "image", f"{registry.host}/web:1", "-o", target],
            env={**project.env, "TMPDIR": str(temporary)},
            cwd=project.directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            while not any("/blobs/" in line for line in registry.lines()):
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(0.3)
            process.send_signal(number)
            assert process.stderr is not None
            assert process.stderr.read() == (
                b"nixfetch-docker: interrupted; no file was left half-written\n"
            )
        assert process.returncode == -number
    assert [*project.directory.iterdir(), *temporary.iterdir()] == []


def test_a_full_temporary_directory_is_an_error(
    registry: Registry, project: Project, tmp_path: Path
) -> None:
    registry.push("large:1", oci.image(oci.layer({"large": os.urandom(200_000)}, "none")))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    small = f"mount -t tmpfs -o size=64k tmpfs {temporary} && exec {PROGRAM}"
    command = f"{small} image {registry.host}/large:1 -o - > image.tar"
    done = run(
        ["unshare", "--mount", "sh", "-c", command],
        env={**project.env, "TMPDIR": str(temporary)},
        cwd=project.directory,
    )
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"nixfetch-docker: {temporary}/.nixfetch-docker.")
    assert line.endswith(
        ": cannot be written (No space left on device); set TMPDIR to a directory with more room"
    )


def test_an_error_ends_all_downloads(project: Project) -> None:
    slow, gone = oci.layer({"slow": bytes(400_000)}, "none"), oci.layer({"gone": b""}, "none")
    with faults() as registry:
        registry.add("web:1", oci.image(slow, gone))
        registry.script("GET", f"/blobs/{oci.digest(slow.data)}", drip(20_000))
        registry.script("GET", f"/blobs/{oci.digest(gone.data)}", wrong_bytes(), wrong_bytes())
        began = time.monotonic()
        assert project.raw("image", f"{registry.host}/web:1", "-o", "web.tar").returncode == 1
        assert time.monotonic() - began < 10
    assert list(project.directory.iterdir()) == []


def test_a_directory_with_files_is_not_overwritten(web: str, project: Project) -> None:
    directory = project.directory / "layout"
    directory.mkdir()
    (directory / "mine").write_text("mine")
    done = project.try_run("image", web, "-o", "layout/")
    assert done.returncode == 1
    assert done.stderr == (
        f"nixfetch-docker: {directory}: it exists already; name a new or an empty directory\n"
    )
    assert [path.name for path in project.directory.rglob("*")] == ["layout", "mine"]


def on_a_terminal(project: Project, *arguments: str, stdout: int | None = None) -> tuple[int, str]:
    """Run the command with a terminal for stderr and, unless it is given, for stdout."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *arguments],
        env={**project.env, "TERM": "xterm"},
        cwd=project.directory,
        stdin=subprocess.DEVNULL,
        stdout=child if stdout is None else stdout,
        stderr=child,
    ) as process:
        os.close(child)
        shown = b""
        try:
            while piece := os.read(parent, 4096):
                shown += piece
        except OSError:
            # A terminal that no process has open any more ends so.
            pass
    os.close(parent)
    return process.returncode, shown.decode()


def test_progress_is_shown_on_a_terminal_only(web: str, project: Project) -> None:
    status, shown = on_a_terminal(project, "image", web, "-o", "web.tar")
    assert status == 0
    assert web in shown
    with tarfile.open(project.directory / "web.tar") as tar:
        assert len(tar.getnames()) == 10
    assert project.read("image", web, "-o", "again.tar") == b""


@pytest.mark.parametrize("command", [["image", "-o", "-"], ["layer", "1"]], ids=["image", "layer"])
def test_binary_output_may_not_go_to_a_terminal(
    command: list[str], web: str, project: Project
) -> None:
    name, *rest = command
    status, shown = on_a_terminal(project, name, web, *rest)
    assert (status, shown.strip()) == (
        2,
        "nixfetch-docker: the output is binary, and stdout is a terminal; "
        "pipe it, or write a file with -o",
    )


def test_the_expression_is_the_same_from_a_manifest_alone(
    web: str, registry: Registry, project: Project, nix: Nix
) -> None:
    expression = project.read("nix", web)
    manifest = project.read("manifest", web)
    before = len(registry.accesses())
    assert project.read("nix", web, "--manifest", "-", data=manifest) == expression
    (project.directory / "manifest.json").write_bytes(manifest)
    assert project.read("nix", web, "--manifest", "manifest.json", "-o", "web.nix") == b""
    assert (project.directory / "web.nix").read_bytes() == expression
    assert len(registry.accesses()) == before
    (project.directory / "named.nix").write_bytes(
        project.read("nix", web, "--name", 'My ${Web} "App"\n')
    )
    pkgs = f"(import {REPOSITORY}/tests/nix/host-pkgs.nix)"
    image = f"({pkgs}.callPackage {project.directory}/named.nix {{ }})"
    values = json.loads(nix.evaluate(f"with {image}; [ imageName imageTag imageDigest imageId ]"))
    assert values == ["my-web-app", "1.0", IMAGE.digest, IMAGE.id]


def test_a_plain_http_registry_is_in_the_expression(web: str, project: Project) -> None:
    host, _, rest = web.partition("/")
    text = project.read("nix", "--registry", f"http://{host}", rest).decode()
    assert f'registries."{host}" = {{\n    plain-http = true;\n' in text
    assert "plain-http" not in project.read("nix", web).decode()


def test_the_expression_has_the_ca_of_images_toml(
    tmp_path: Path, project: Project, nix: Nix
) -> None:
    authority = Authority(tmp_path / "authority")
    certificates, hosts = project.directory / "our CA", project.directory / "hosts"
    certificates.mkdir()
    hosts.mkdir()
    (certificates / 'a "${CA}".pem').write_bytes(authority.file.read_bytes())
    (project.directory / "link.nix").symlink_to("hosts/web.nix")
    with run_registry(tmp_path / "tls", tls=authority.server()) as registry:
        registry.push("acme/web:1", IMAGE)
        project.images.write_text(
            f'[registries."{registry.host}"]\nca-file = \'our CA/a "${{CA}}".pem\'\nmirrors = ["http://127.0.0.1:1"]\n'
        )
        options = ["--file", "images.toml", f"{registry.host}/acme/web:1"]
        project.run("nix", *options, "-o", "link.nix")
        built = call_package(nix, hosts / "web.nix")
    assert (built / "blobs/sha256" / oci.digest(BASE.data)[7:]).read_bytes() == BASE.data


def test_an_index_is_refused_for_the_expression(registry: Registry, project: Project) -> None:
    registry.push("web:1", IMAGE, oci.image(BASE, platform="linux/arm64"))
    image = f"{registry.host}/web:1"
    index = project.read("manifest", "--raw", image)
    done = project.raw("nix", image, "--manifest", "-", data=index)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "nixfetch-docker: stdin: it is an index, which has no layers of its own; "
        "take the manifest of one platform\n"
    )
