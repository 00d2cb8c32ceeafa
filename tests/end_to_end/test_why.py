"""`why`: what the two files, git and the registry know of the pin of an image."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from support.builders import locked_image, request
from support.in_memory import InMemoryRegistry

import nixfetch_docker.lockfile.git
from nixfetch_docker.cli.main import main
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.explanation import Explanation, explain
from nixfetch_docker.lockfile.history import committed_lock
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.project import Project
from nixfetch_docker.lockfile.resolve import Resolver

IMAGES = """\
[images.redis]
image = "redis"
version = "^7"
platforms = ["linux/amd64", "linux/arm64"]
"""
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/why.schema.json").read_text())
PROJECT = Project(images_path=Path("images.toml"))


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def commit(subject: str) -> None:
    git("add", ".")
    git("commit", "--quiet", "-m", subject)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "ann")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ann@lab.example")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-02T03:04:05+00:00")
    (tmp_path / "a host").mkdir()
    monkeypatch.chdir(tmp_path / "a host")
    Path("images.toml").write_text(IMAGES)


@pytest.fixture
def registry() -> InMemoryRegistry:
    made = InMemoryRegistry()
    both = [made.push_image(platform) for platform in ("linux/amd64", "linux/arm64")]
    made.push_index(*both, tag="7.4.1")
    return made


def lock(registry: InMemoryRegistry) -> Lock:
    """Lock the image as it is now, beside one that shares its base layer."""
    asked = PROJECT.read_images().requests["redis"]
    found = Resolver(registry.sources, map).resolve(asked, None)
    made = Lock(images={"redis": found})
    PROJECT.lock_path.write_text(made.to_toml())
    return made


def explained(registry: InMemoryRegistry | None) -> Explanation:
    read = PROJECT.read_lock().lock
    sources = registry.sources if registry is not None else None
    found = explain(PROJECT, PROJECT.read_images(), read, "redis", sources=sources)
    jsonschema.validate(found.document, SCHEMA)
    return found


def test_tags_that_lack_a_platform_are_passed_by_and_the_next_is_newer(
    registry: InMemoryRegistry,
) -> None:
    lock(registry)
    registry.push_index(registry.push_image("linux/amd64", layer=b"x"), tag="7.6.0")
    both = [registry.push_image(one, layer=b"y") for one in ("linux/amd64", "linux/arm64")]
    registry.push_index(*both, tag="7.5.0")
    registry.push_index(*both, tag="8.0.0")
    registry.push_index(*both, tag="7.7.0-rc1")
    registry.push_index(*both, tag="7.5.1-alpine")
    newer = explained(registry).newer
    assert newer is not None
    assert newer.wanted == ("7.5.0",)
    assert [(one.tag, one.reason) for one in newer.passed_by] == [
        ("7.6.0", "there is no image for linux/arm64"),
        ("8.0.0", "it is not in version '^7'"),
        ("7.7.0-rc1", "it is a pre-release"),
        ("7.5.1-alpine", "it has the suffix 'alpine', and none is asked for"),
    ]


def test_since_when_it_is_locked_is_told_by_the_commit_that_brought_the_pin(
    registry: InMemoryRegistry,
) -> None:
    git("init", "--quiet", "..")
    commit("no lock")
    lock(registry)
    assert explained(None).since is None
    assert "git has no commit with this pin yet" in explained(None).notes
    commit("lock redis")
    Path("other").touch()
    commit("another file")
    text = PROJECT.lock_path.read_text()
    other = locked_image(request("redis:6"), content="other")
    PROJECT.lock_path.write_text(Lock(images={**Lock.parse(text).images, "other": other}).to_toml())
    commit("another image")
    since = explained(None).since
    assert since is not None
    assert (since.subject, since.date[:10], len(since.revision)) == ("lock redis", "2026-01-02", 40)


def test_a_pin_of_the_first_commit_is_found(registry: InMemoryRegistry) -> None:
    lock(registry)
    git("init", "--quiet", "..")
    commit("all")
    since = explained(None).since
    assert since is not None
    assert since.subject == "all"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("log.showSignature", "true", id="lines of gpg"),
        pytest.param("i18n.logOutputEncoding", "UTF-16", id="other letters"),
        pytest.param("diff.lock.textconv", "touch ran; echo", id="a program for each file"),
        pytest.param("diff.external", "touch ran; true", id="another program"),
        pytest.param("color.ui", "always", id="colours"),
    ],
)
def test_no_setting_of_git_changes_what_is_told(
    registry: InMemoryRegistry, setting: str, value: str
) -> None:
    lock(registry)
    git("init", "--quiet", "..")
    gpg = Path("gpg").absolute()
    gpg.write_text(
        "#!/bin/sh\ncat >/dev/null\ncase $* in *verify*) echo gpg: good >&2; exit ;; esac\n"
        "echo '[GNUPG:] SIG_CREATED ' >&2\n"
        "printf '%s\\n' '-----BEGIN PGP SIGNATURE-----' x '-----END PGP SIGNATURE-----'\n"
    )
    gpg.chmod(0o755)
    git("config", "gpg.program", str(gpg))
    Path(".gitattributes").write_text("* diff=lock\n")
    git("add", ".")
    git("commit", "--quiet", "--gpg-sign", "-m", "all")
    git("config", setting, value)
    since = explained(None).since
    assert since is not None
    assert (since.subject, since.date[:10], len(since.revision)) == ("all", "2026-01-02", 40)
    assert not Path("ran").exists()


@pytest.mark.parametrize("name", [":x.toml", ":!x.toml", "[a-z].toml", "*.toml", "-x.toml"])
def test_the_name_of_a_lock_is_no_pattern(registry: InMemoryRegistry, name: str) -> None:
    lock(registry)
    project = Project(images_path=Path(name))
    git("init", "--quiet", "..")
    commit("another lock")
    project.images_path.write_text(IMAGES)
    project.lock_path.write_text(PROJECT.lock_path.read_text())
    commit("this lock")
    read = project.read_lock().lock
    since = explain(project, project.read_images(), read, "redis", sources=None).since
    assert since is not None
    assert since.subject == "this lock"


@pytest.mark.parametrize(("depth", "subject"), [(1, None), (2, "lock redis"), (3, "lock redis")])
def test_a_shallow_clone_names_no_commit_that_only_has_the_pin(
    depth: int, subject: str | None, registry: InMemoryRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet")
    commit("no lock")
    lock(registry)
    commit("lock redis")
    Path("other").touch()
    if depth == 1:
        commit("another file")
    git("clone", "--quiet", f"--depth={depth}", f"file://{Path.cwd()}", "../clone")
    monkeypatch.chdir("../clone")
    found = explained(None)
    assert (found.since.subject if found.since is not None else None) == subject
    told = (
        "since when it is locked is not known: the first commit of this shallow clone has the pin"
    )
    assert any(note.startswith(told) for note in found.notes) == (subject is None)


def test_a_committed_lock_of_any_size_is_not_read(
    registry: InMemoryRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = lock(registry).images["redis"].digest
    text = PROJECT.lock_path.read_text()
    git("init", "--quiet", "..")
    PROJECT.lock_path.write_text(f"{text.replace(digest.hex, '0' * 64)}#{'x' * 10_000}\n")
    commit("a large lock")
    PROJECT.lock_path.write_text(text)
    commit("the pin")
    monkeypatch.setattr(nixfetch_docker.lockfile.git, "_LARGEST", 9000)
    found = explained(None)
    assert found.since is None
    assert "bytes, and 9000 are read at most" in found.notes[-1]
    with pytest.raises(NixfetchError) as caught:
        committed_lock(PROJECT, "HEAD~1")
    assert "bytes, and 9000 are read at most; name another revision" in str(caught.value)


def test_offline_and_without_git_it_says_what_the_files_say(
    registry: InMemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    pins = lock(registry).images
    both = {**pins, "web": locked_image(request("web:1"))}
    PROJECT.lock_path.write_text(Lock(images=both).to_toml())
    assert main(["why", "redis", "--offline"]) == 0
    out, err = capsys.readouterr()
    assert out == (
        'asked       image = "redis"\n'
        '            platforms = ["linux/amd64", "linux/arm64"]\n'
        '            version = "^7"\n'
        f"locked      redis: 7.4.1 {pins['redis'].digest.short}\n"
        "shares      1 of 1 layers of all platforms with web\n"
    )
    assert err.splitlines()[0] == "redis: no registry was asked which newer tags there are"
    assert err.splitlines()[1].startswith("redis: since when it is locked is not known: git ")


def test_a_registry_that_is_down_is_an_error_below_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("images.toml").write_text('[images.redis]\nimage = "127.0.0.1:9/redis"\nversion = "^7"\n')
    asked = PROJECT.read_images().requests["redis"]
    pin = locked_image(request("127.0.0.1:9/redis:7.4.1"))
    made = type(pin)(
        request=asked,
        repository=pin.repository,
        tag=pin.tag,
        digest=pin.digest,
        platforms=pin.platforms,
    )
    PROJECT.lock_path.write_text(Lock(images={"redis": made}).to_toml())
    assert main(["why", "redis"]) == 1
    out, err = capsys.readouterr()
    assert f"locked      127.0.0.1:9/redis: 7.4.1 {pin.digest.short}\n" in out
    assert "nixfetch-docker: redis: which newer tags there are is not known: " in err
    assert main(["why", "redis", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA)
    assert (document["tag"], document["newer"], document["passedBy"]) == ("7.4.1", None, None)
    assert document["asked"] == {"image": "127.0.0.1:9/redis", "version": "^7"}
    assert "127.0.0.1:9" in document["error"]


def test_a_name_that_is_not_locked_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "redis"]) == 2
    assert "redis is not locked yet; run `nixfetch-docker lock`" in capsys.readouterr().err
    assert main(["why", "reddis"]) == 2
    assert "did you mean redis?" in capsys.readouterr().err
    assert main(["why", "redis", "--offline", "--anonymous"]) == 2
