"""The commands about one image with a real registry, compared with skopeo."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import subprocess
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from support import oci, terminal
from support.command import PROGRAM, Project
from support.faults.answers import body
from support.faults.registry import faults
from support.process import output, run
from support.registry import Registry

from nixfetch_docker.base.units import size
from nixfetch_docker.cli.commands import COMMANDS

ODD = {"odd": 'a "${quoted}"\n\\backslash', "red": "\x1b[31m"}
BASE = oci.layer({"etc/base": b"base"})
ZSTD = oci.layer({"etc/zstd": bytes(300_000)}, "zstd")
PLAIN = oci.layer({"etc/plain": b"plain"}, "none")
AMD64 = oci.image(BASE, ZSTD, PLAIN, labels=ODD)
ARM64 = oci.image(BASE, PLAIN, platform="linux/arm64/v8", labels=ODD)


@pytest.fixture
def web(registry: Registry) -> str:
    """An index of two images."""
    registry.push("acme/web:1.0", AMD64, ARM64)
    return f"{registry.host}/acme/web:1.0"


def skopeo_stores(reference: str, directory: Path, *options: str) -> Path:
    """The directory that `skopeo copy` writes for an image."""
    output(
        [
            *["skopeo", "--insecure-policy", *options, "copy", "--src-tls-verify=false"],
            *["--preserve-digests", f"docker://{reference}", f"dir:{directory}"],
        ]
    )
    return directory


def skopeo_inspects(reference: str, *options: str) -> bytes:
    command = ["skopeo", "inspect", "--tls-verify=false", *options, f"docker://{reference}"]
    return output(command).encode()


def test_raw_manifests_are_the_registrys_bytes(web: str, project: Project) -> None:
    data = project.read("manifest", "--raw", web)
    assert data == skopeo_inspects(web, "--raw")
    assert project.read("digest", web).decode() == f"{oci.digest(data)}\n"


@pytest.mark.usefixtures("web")
def test_an_artifact_has_a_raw_manifest_and_layers(registry: Registry, project: Project) -> None:
    part = BASE.data, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
    chart = oci.encode(
        {
            "schemaVersion": 2,
            "config": oci.descriptor(BASE.data, "application/vnd.cncf.helm.config.v1+json"),
            "layers": [oci.descriptor(*part)],
        }
    )
    registry.put("acme/web", "chart", chart)
    name = f"{registry.host}/acme/web:chart"
    assert project.read("manifest", "--raw", name) == chart == skopeo_inspects(name, "--raw")
    assert project.read("layer", name, oci.digest(BASE.data)) == BASE.data
    refused = project.try_run("manifest", name)
    assert refused.stderr == (
        f"nixfetch-docker: {name}: it is "
        "'application/vnd.cncf.helm.config.v1+json', which is not a container image; "
        "only Docker schema 2 and OCI images can be locked\n"
    )


@pytest.mark.parametrize(
    ("architecture", "image"), [("amd64", AMD64), ("arm64", ARM64)], ids=["amd64", "arm64"]
)
def test_a_platforms_manifest_config_and_layers_are_what_skopeo_stores(
    architecture: str, image: oci.Image, web: str, project: Project, tmp_path: Path
) -> None:
    choice = ["--override-os=linux", f"--override-arch={architecture}"]
    stored = skopeo_stores(web, tmp_path / "stored", *choice)
    platform = ["--platform", f"linux/{architecture}"]
    assert project.read("manifest", web, *platform) == (stored / "manifest.json").read_bytes()
    assert project.read("config", web, *platform) == (stored / image.id[7:]).read_bytes()
    for number, layer in enumerate(image.layers, 1):
        digest = oci.digest(layer.data)
        by_number = project.read("layer", web, str(number), *platform)
        assert by_number == (stored / digest[7:]).read_bytes()
        assert project.read("layer", web, digest) == by_number
        # Hocker took digests without their algorithm.
        assert project.read("layer", web, digest[7:]) == by_number


def test_the_config_is_what_skopeo_reads(web: str, project: Project) -> None:
    config = project.read("config", web, "--platform", "linux/amd64")
    assert config == skopeo_inspects(web, "--config", "--raw", "--no-tags")
    assert json.loads(config)["config"]["Labels"] == ODD


def test_the_default_platform_is_this_machines(web: str, project: Project) -> None:
    host = {"x86_64": AMD64, "aarch64": ARM64}[os.uname().machine]
    assert project.read("manifest", web) == host.manifest


def test_an_image_with_one_manifest_needs_no_platform(registry: Registry, project: Project) -> None:
    registry.push("odd:1", oci.image(BASE, platform="linux/s390x"))
    image = f"{registry.host}/odd:1"
    assert (
        oci.digest(project.read("manifest", image)) == project.read("digest", image).decode()[:-1]
    )
    refused = project.try_run("manifest", image, "--platform", "linux/amd64")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"nixfetch-docker: {image}: there is no image for linux/amd64; choose from linux/s390x\n"
    )


def test_a_digest_takes_one_head_request(web: str, registry: Registry, project: Project) -> None:
    project.run("digest", web)
    assert registry.asked() == ["HEAD acme/web/manifests/1.0"]


def test_a_layer_by_its_digest_takes_one_get_request(
    web: str, registry: Registry, project: Project
) -> None:
    digest = oci.digest(PLAIN.data)
    project.read("layer", web, digest)
    assert registry.asked() == [f"GET acme/web/blobs/{digest}"]


@pytest.mark.parametrize("number", [1, 2, 3], ids=["gzip", "zstd", "uncompressed"])
@pytest.mark.parametrize("to_file", [False, True], ids=["to stdout", "to a file"])
def test_a_layer_is_decompressed_to_its_tar(
    number: int, to_file: bool, web: str, project: Project
) -> None:
    options = [web, str(number), "--platform", "linux/amd64", "--decompress"]
    if to_file:
        assert project.read("layer", *options, "-o", "layer.tar") == b""
        data = (project.directory / "layer.tar").read_bytes()
    else:
        data = project.read("layer", *options)
    assert oci.digest(data) == AMD64.layers[number - 1].diff_id
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        assert len(tar.getnames()) == 1


def test_tags_are_in_the_order_of_versions(registry: Registry, project: Project) -> None:
    image = oci.image(BASE)
    for tag in ("1.10", "1.9", "latest", "1.10-rc1", "edge"):
        registry.push(f"acme/web:{tag}", image)
    repository = f"{registry.host}/acme/web"
    ordered = ["edge", "latest", "1.10-rc1", "1.9", "1.10"]
    assert project.read("tags", repository).decode().splitlines() == ordered
    assert json.loads(project.read("tags", repository, "--json")) == {
        "repository": repository,
        "tags": ordered,
        "releases": ordered[-2:],
    }
    wanted = ["tags", repository, "--version", "^1"]
    assert project.read(*wanted).decode().splitlines() == ["1.9", "1.10"]
    assert project.read(*wanted, "--newest") == b"1.10\n"
    assert project.read("tags", repository, "--newest") == b"1.10\n"
    failed = project.try_run("tags", repository, "--version", "^2")
    assert failed.stderr.startswith(f"nixfetch-docker: {repository}: none of its 5 tags is '^2'; ")
    listed = json.loads(
        output(["skopeo", "list-tags", "--tls-verify=false", f"docker://{repository}"])
    )
    assert sorted(listed["Tags"]) == sorted(ordered)


def test_inspect_prints_one_fact_a_line(web: str, project: Project) -> None:
    shown = project.read("inspect", web, "--platform", "linux/amd64").decode()
    lines = [line.split(maxsplit=1) for line in shown.splitlines() if not line.startswith(" ")]
    sizes = [size(len(layer.data)) for layer in AMD64.layers]
    width = max(map(len, sizes))
    assert lines == [
        ["image", web],
        ["digest", project.read("digest", web).decode().strip()],
        ["manifest", AMD64.digest],
        ["id", AMD64.id],
        ["size", size(AMD64.size)],
        *(
            ["layer", f"{number}  {oci.digest(layer.data)[:19]}  {sizes[number - 1]:>{width}}"]
            for number, layer in enumerate(AMD64.layers, 1)
        ),
        [],
        ["platform", "linux/amd64"],
        ["platforms", "linux/amd64, linux/arm64/v8"],
        ["command", "/hello"],
        ["labels", r'odd=a "${quoted}"\n\backslash'],
    ]
    assert shown.splitlines()[-1] == " " * 12 + r"red=\x1b[31m"


def test_inspect_as_json_agrees_with_skopeo(web: str, project: Project) -> None:
    told = json.loads(project.read("inspect", web, "--json", "--platform", "linux/amd64"))
    judged = json.loads(skopeo_inspects(web, "--no-tags"))
    assert told["labels"] == judged["Labels"] == ODD
    assert [layer["digest"] for layer in told["layers"]] == judged["Layers"]
    assert told["platform"] == f"{judged['Os']}/{judged['Architecture']}"
    assert told["platforms"] == ["linux/amd64", "linux/arm64/v8"]
    assert told["size"] == AMD64.size
    assert (told["manifest"], told["id"]) == (AMD64.digest, AMD64.id)
    assert told["digest"] == project.read("digest", web).decode().strip()
    assert told["command"] == ["/hello"]


def test_a_closed_pipe_is_no_error(registry: Registry, project: Project) -> None:
    large = oci.layer({"large": os.urandom(3_000_000)}, "zstd")
    registry.push("large:1", oci.image(large))
    image = f"{registry.host}/large:1"
    for options in (["layer", image, "1"], ["layer", image, "1", "--decompress"]):
        with subprocess.Popen(
            [PROGRAM, *options],
            env=project.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert len(process.stdout.read(10)) == 10
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 1


@pytest.mark.parametrize("command", ["manifest", "add"])
def test_a_full_disk_is_an_error(command: str, web: str, project: Project) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [PROGRAM, command, web],
            cwd=project.directory,
            env=project.env,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "nixfetch-docker: stdout: cannot be written (No space left on device)\n"
    )


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "-"])
def test_a_file_that_stdout_is_appended_to_keeps_its_content(
    name: str, web: str, project: Project
) -> None:
    script = f"(echo head; {PROGRAM} manifest {web} --platform linux/amd64 -o {name}; echo tail)"
    done = run(["sh", "-c", f"{script} > file"], env=project.env, cwd=project.directory)
    assert (done.returncode, done.stderr) == (0, "")
    expected = b"head\n" + AMD64.manifest + b"tail\n"
    assert (project.directory / "file").read_bytes() == expected


def test_a_file_may_be_named_with_a_dash(web: str, project: Project) -> None:
    assert project.read("manifest", web, "--platform", "linux/amd64", "-o", "./-") == b""
    assert (project.directory / "-").read_bytes() == AMD64.manifest
    assert b"fetchDocker" in project.read("nix", web, "--manifest", "./-")


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [
        ("<&-", "digest WEB", 0),
        ("<&-", "digest WEB -u me --password-stdin", 1),
        (">&-", "digest WEB", 0),
        (">&-", "layer WEB 1", 0),
        ("2>&-", "image WEB -o web.tar", 0),
        ("2>&-", "digest WEB:none", 1),
        ("<&- >&- 2>&-", "inspect WEB", 0),
    ],
)
def test_streams_may_be_closed(
    closed: str, arguments: str, status: int, web: str, project: Project
) -> None:
    command = f"{PROGRAM} {arguments.replace('WEB', web)} {closed}"
    done = run(["sh", "-c", command], env=project.env, cwd=project.directory)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    if "2>&-" in closed:
        assert done.stdout == ""


def test_a_pipe_is_written_to_and_not_replaced(web: str, project: Project, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert project.read("layer", web, "1", "-o", str(pipe)) == b""
        assert reader.communicate()[0] == BASE.data
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_wrong_layer_leaves_the_file_unchanged(
    web: str, registry: Registry, project: Project
) -> None:
    digest = oci.digest(BASE.data)
    wrong = bytes(reversed(BASE.data))
    registry.blob_file(digest).write_bytes(wrong)
    (project.directory / "layer").write_bytes(b"old")
    message = (
        f"nixfetch-docker: {web}: "
        f"asked for {digest}, got {oci.digest(wrong)}; "
        "the registry, or something on the way, sends wrong bytes\n"
    )
    done = project.try_run("layer", web, "1", "-o", "layer")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    assert (project.directory / "layer").read_bytes() == b"old"
    assert sorted(path.name for path in project.directory.iterdir()) == ["layer"]
    # Bytes on stdout cannot be taken back; the exit status says that they are wrong.
    assert project.raw("layer", web, "1").returncode == 1


@pytest.mark.parametrize("options", [[], ["-o", "layer"], ["--decompress"]], ids=" ".join)
@pytest.mark.parametrize("wanted", ["digest", "number"])
def test_wrong_bytes_before_the_right_ones_are_not_part_of_the_layer(
    wanted: str, options: list[str], project: Project
) -> None:
    # By its digest the layer's size is unknown; by its number the manifest has it.
    digest = oci.digest(BASE.data)
    shown = gzip.decompress(BASE.data) if "--decompress" in options else BASE.data
    with faults() as registry:
        registry.add("web:1", AMD64)
        registry.script("GET", f"/blobs/{digest}", body(BASE.data + b"more"))
        layer = digest if wanted == "digest" else "1"
        done = project.raw("layer", f"{registry.host}/web:1", layer, *options)
    if options == ["-o", "layer"]:
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (project.directory / "layer").read_bytes() == shown
    elif done.returncode == 0:
        assert done.stdout == shown
    else:
        assert b"were wrong, and have been passed on already; discard the output" in done.stderr
        assert wanted == "digest"


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        pytest.param(
            lambda data: gzip.compress(data)[:-9] + b"123456789", "its gzip is broken", id="gzip"
        ),
        pytest.param(lambda data: b"\x28\xb5\x2f\xfd" + data * 3, "its zstd is broken", id="zstd"),
    ],
)
def test_a_layer_that_was_pushed_broken_is_fetched_once(
    pack: Callable[[bytes], bytes], message: str, project: Project
) -> None:
    data = pack(os.urandom(3_000_000))
    image = oci.image(oci.Layer(data=data, media_type=f"{oci.LAYER}+gzip", diff_id=BASE.diff_id))
    with faults() as registry:
        registry.add("web:1", image)
        name = f"{registry.host}/web:1"
        done = project.raw("layer", name, oci.digest(data), "--decompress", "-o", "layer.tar")
        assert len(registry.lines()) == 1
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"nixfetch-docker: {name}: {message} (")
    assert line.endswith(
        "; the layer was pushed like that; without --decompress it is written as it is"
    )
    assert list(project.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(
            ["layer", "WEB", "9", "--platform", "linux/amd64"],
            1,
            "WEB: there is no layer 9; it has 1 to 3",
            id="layer",
        ),
        pytest.param(
            ["layer", "WEB", "sha256:no"],
            1,
            "'sha256:no' is not a digest; sha256: is followed by 64 lower-case hexadecimal digits",
            id="digest",
        ),
        pytest.param(
            ["manifest", "WEB", "--raw", "--platform", "linux/amd64"],
            2,
            "an index is of all platforms; pass --platform or --raw, not both",
            id="raw",
        ),
        pytest.param(
            ["manifest", "WEB", "--platform", "linux"],
            2,
            "--platform: 'linux' is not a platform; write it as linux/amd64 or linux/arm/v7",
            id="platform",
        ),
        pytest.param(
            ["tags", "HOST/nobody"],
            1,
            "HOST/nobody: there is no repository nobody; is its name right? If it is private, "
            "log in with docker login or podman login",
            id="repository",
        ),
        pytest.param(
            ["config", "HOST/acme/web:2"],
            1,
            "HOST/acme/web:2: the repository acme/web has no tag 2; it has 1.0; "
            "`nixfetch-docker tags HOST/acme/web` lists all",
            id="tag",
        ),
        pytest.param(
            ["digest", "Web:1"],
            1,
            "'Web:1' has upper case in its repository; write it in lower case",
            id="reference",
        ),
        pytest.param(
            ["inspect", "--registry", "HOST", "WEB"],
            2,
            "WEB names a registry itself; leave that out, or --registry",
            id="two registries",
        ),
        pytest.param(
            ["nix", "WEB", "--manifest", "-", "--token-file", "-"],
            2,
            "--manifest asks no registry, so no login is needed; leave out --token-file",
            id="login for nothing",
        ),
        pytest.param(
            ["inspect", "oci:./web"],
            1,
            "oci:./web: this image is in a file, and the command asks a registry; "
            "skopeo and podman read such files",
            id="file",
        ),
    ],
)
def test_an_error_is_one_line(
    arguments: list[str], status: int, message: str, web: str, project: Project
) -> None:
    def named(text: str) -> str:
        return text.replace("WEB", web).replace("HOST", web.partition("/")[0])

    done = project.try_run(*map(named, arguments))
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"nixfetch-docker: {named(message)}\n"


def test_help_has_an_example_of_every_command(project: Project) -> None:
    # Not the files, whose names have a dot.
    commands = re.findall(r"^  ([a-z-]+) {2,}\S", project.run("--help"), re.MULTILINE)
    commands = [name for name in commands if name in COMMANDS]
    assert {"update", "digest", "import", "completion"} <= set(commands)
    for command in commands:
        shown = project.run(command, "--help")
        assert re.search(
            rf"\nexample: .*nixfetch-docker {command}(?:[ )]|$)", shown, re.MULTILINE
        ), shown
        assert "%(prog)s" not in shown


def test_a_terminal_is_told_what_to_do_next(web: str, project: Project) -> None:
    host, _, name = web.partition("/")

    def last_line(*words: str) -> str:
        status, sent = terminal.run(*words, cwd=project.directory)
        assert status == 0, sent
        return terminal.without_colours(sent).splitlines()[-1]

    # REF alone would be an image of Docker Hub.
    inspected = last_line("inspect", "--registry", f"http://{host}", name)
    assert inspected == f"next: nixfetch-docker add {web}"
    assert last_line("image", web, "-o", "web.tar") == "next: podman load --input web.tar"
    assert last_line("image", web, "-o", "web/") == "next: podman pull oci:web"
    added = last_line("add", web, "--name", "web")
    assert added == "next: git add images.toml images.lock.toml"
