"""The reports and the commit of an update, and two updates at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import jsonschema
import pytest
import tomli
from support import oci
from support.command import PROGRAM, Project
from support.faults.answers import delay
from support.faults.registry import FaultRegistry, faults
from support.nix import REPOSITORY
from support.process import output
from support.registry import Registry

from nixfetch_docker.base import bars
from nixfetch_docker.base.bars import Part
from nixfetch_docker.base.units import size
from nixfetch_docker.oci.digest import Digest

BASE = oci.layer({"base": b"b" * 3000})
REVISION = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"
LABELS = {
    "org.opencontainers.image.source": "https://github.com/acme/web",
    "org.opencontainers.image.revision": REVISION,
    "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
}
OLD, NEW = (
    oci.image(BASE, oci.layer({"is": name.encode()}), labels=labels)
    for name, labels in (("old", {}), ("new", LABELS))
)
FROM = f"https://github.com/acme/web/tree/{REVISION}, of 2026-01-02"
FETCH = len(NEW.manifest) + len(NEW.config) + len(NEW.layers[1].data)
NEWS = f"linux/amd64: 1 of 2 layers new, {size(FETCH)} to fetch"


EVIL = (
    "a\n\nFixes #1\nCo-authored-by: Eve <eve@evil.example>\n[skip ci] @ann ##[add-mask]b\r"
    "::error::c| [d](https://evil.example) <img src=e> ` "
    "\x1b]8;;https://evil.example\x1b\\f \u202e\U000e0041"
)
HOSTILE = oci.image(
    BASE,
    oci.layer({"is": b"hostile"}),
    labels={**dict.fromkeys(LABELS, EVIL), "::set-output name=g::": EVIL},
    command=(EVIL,),
)


def pin(image: oci.Image, tag: str = "1") -> str:
    return f"{tag} {image.digest[:19]}"


@pytest.fixture
def moved(registry: Registry, project: Project) -> Project:
    """A project whose image `web` has moved since it was locked, and `other` has not."""
    registry.push("web:1", OLD)
    registry.push("other:1", OLD)
    project.update(f"""
        [images]
        web.image = "{registry.host}/web:1"
        other.image = "{registry.host}/other:1"
    """)
    registry.push("web:1", NEW)
    return project


def test_it_says_what_changed_and_what_a_build_has_to_fetch(moved: Project) -> None:
    assert moved.run("update") == (
        f"web: updated {pin(OLD)} -> {NEW.digest[:19]}\n     {NEWS}\n     "
        + FROM.replace(", of", ",\n       of")
        + "\n"
    )


@pytest.mark.parametrize("check", [False, True])
def test_json_is_as_its_schema_says(moved: Project, registry: Registry, *, check: bool) -> None:
    done = moved.try_run("update", "--json", *(["--check"] if check else []))
    assert done.returncode == (3 if check else 0)
    document = json.loads(done.stdout)
    schema = json.loads((REPOSITORY / "docs/reference/update.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert document["changed"] is True
    other, web = document["images"]
    assert (other["name"], other["change"]) == ("other", "unchanged")
    assert web == {
        "name": "web",
        "change": "updated",
        "error": None,
        "before": {"repository": f"{registry.host}/web", "tag": "1", "digest": OLD.digest},
        "after": {"repository": f"{registry.host}/web", "tag": "1", "digest": NEW.digest},
        "origin": {
            "source": "https://github.com/acme/web",
            "revision": REVISION,
            "created": "2026-01-02T03:04:05Z",
        },
        "platforms": {
            "linux/amd64": {
                "manifest": NEW.digest,
                "layers": 2,
                "newLayers": 1,
                "size": NEW.size,
                "fetchSize": FETCH,
            }
        },
    }


def test_json_has_errors_and_removals(moved: Project, registry: Registry) -> None:
    moved.images.write_text(f'[images.web]\nimage = "{registry.host}/web:2"')
    done = moved.try_run("update", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    schema = json.loads((REPOSITORY / "docs/reference/update.schema.json").read_text())
    jsonschema.validate(document, schema)
    other, web = document["images"]
    assert (other["change"], other["after"]) == ("removed", None)
    assert web["change"] == "failed"
    assert "answered 404 (MANIFEST_UNKNOWN: manifest unknown)" in web["error"]


def bar(image: oci.Image, sign: str) -> str:
    """An image's layers in 60 columns, of which the second is gone or new, and their size."""
    sizes = [len(layer.data) for layer in image.layers]
    whole = max(sum(len(layer.data) for layer in one.layers) for one in (OLD, NEW))
    parts = [Part(sign="=", size=sizes[0]), Part(sign=sign, size=sizes[1])]
    drawn = bars.bar(parts, scale=bars.scale_of([whole], 60), columns=60)
    return f"{drawn} {size(sum(sizes))}"


def layer(image: oci.Image) -> str:
    """Two cells of a table: the digest and the size of an image's second layer."""
    data = image.layers[1].data
    return f"`{Digest.of(data).short}` | {size(len(data))}"


def test_markdown_is_for_a_pull_request(moved: Project) -> None:
    assert moved.run("update", "--markdown") == (
        "| image | before | after | to fetch | from |\n| --- | --- | --- | --- | --- |\n"
        f"| `web` | `{pin(OLD)}` | `{pin(NEW)}` | `{NEWS}` | `{FROM}` |\n\n"
        "<details><summary><code>web</code>: layers before and after</summary>\n\n"
        "`linux/amd64`: `=` stays, `-` is gone, `+` is new\n\n"
        f"```text\nbefore {bar(OLD, '-')}\nafter  {bar(NEW, '+')}\n```\n\n"
        "| | layer | digest | size |\n| --- | --- | --- | --- |\n"
        f"| gone | 2 | {layer(OLD)} |\n| new | 2 | {layer(NEW)} |\n\n"
        "</details>\n"
    )
    assert moved.run("update", "--markdown") == "Nothing changed.\n"


def test_a_strangers_labels_are_in_no_report(moved: Project, registry: Registry) -> None:
    registry.push("web:1", HOSTILE)
    markdown = moved.try_run("update", "--check", "--markdown")
    document = moved.try_run("update", "--check", "--json")
    lines = moved.try_run("update", "--verbose")
    for done in (markdown, document, lines):
        told = done.stdout + done.stderr
        assert pin(HOSTILE)[2:] in told
        for evil in ("evil", "Fixes", "skip ci", "ann", "add-mask", "::", "\x1b", "\u202e"):
            assert evil not in told.replace("::1", "")
    assert json.loads(document.stdout)["images"][1]["origin"] == dict.fromkeys(
        ("source", "revision", "created"), ""
    )
    assert [line for line in lines.stderr.splitlines() if "left out" in line] == [
        f"{registry.host}/web: its label {name} is no URL, revision or date; left out"
        for name in LABELS
    ]


@pytest.mark.parametrize("command", ["inspect", "inspect --json"])
def test_a_strangers_labels_are_shown_and_not_obeyed(
    moved: Project, registry: Registry, command: str
) -> None:
    registry.push("web:1", HOSTILE)
    told = moved.run(*command.split(), f"{registry.host}/web:1")
    assert "Co-authored-by: Eve" in told
    assert told.replace("\n", "").isprintable()
    assert "##" not in told
    assert not any(line.lstrip().startswith("::") for line in told.splitlines())
    assert moved.run("config", f"{registry.host}/web:1").encode() == HOSTILE.config


class TestCommit:
    @pytest.fixture
    def repository(self, moved: Project) -> Project:
        """The project in git, with something else staged."""
        moved.env |= {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.org",
        }
        self.git(moved, "init", "--quiet")
        self.git(moved, "add", "images.toml")
        self.git(moved, "commit", "--quiet", "-m", "images")
        (moved.directory / "else").write_text("else")
        self.git(moved, "add", "else")
        return moved

    def git(self, project: Project, *arguments: str) -> str:
        return output(["git", *arguments], env=project.env, cwd=project.directory)

    def test_has_the_two_files_alone(self, repository: Project) -> None:
        repository.run("update", "--commit")
        assert self.git(repository, "log", "-1", "--format=%B").rstrip() == (
            f"images: web 1 {OLD.digest[:19]} -> {NEW.digest[:19]}\n\n"
            f"- web 1 {OLD.digest[:19]} -> {NEW.digest[:19]} ({NEWS})"
        )
        assert self.git(repository, "show", "--format=", "--name-only").split() == [
            "images.lock.toml"
        ]
        assert self.git(repository, "diff", "--cached", "--name-only").split() == ["else"]

    def test_is_what_the_page_shows_since(self, repository: Project) -> None:
        repository.run("update", "--commit")
        self.git(repository, "tag", "old", "HEAD~1")
        page = repository.run("show", "--html", "-", "--since", "HEAD")
        assert "The same images are locked as in HEAD." in page
        page = repository.run("show", "--html", "-", "--since", "old")
        assert "<h2>Changed since old</h2>" in page
        assert "old has no lock: all images are new." in page
        assert "<h3>web: added</h3>" in page
        failed = repository.try_run("show", "--html", "page.html", "--since", "nope")
        assert failed.returncode == 1
        assert "git has no commit 'nope'" in failed.stderr
        assert not (repository.directory / "page.html").exists()

    def test_is_made_where_something_changed(self, repository: Project) -> None:
        repository.run("update", "--commit")
        before = self.git(repository, "rev-parse", "HEAD")
        repository.run("update", "--commit")
        assert self.git(repository, "rev-parse", "HEAD") == before

    def test_names_the_versions(self, repository: Project, registry: Registry) -> None:
        registry.push("web:1.2.0", NEW)
        repository.images.write_text(
            f'[images.web]\nimage = "{registry.host}/web"\nversion = "^1.1"\n'
        )
        repository.run("update", "--commit")
        subject = self.git(repository, "log", "-1", "--format=%s").strip()
        assert subject == "images: other removed, web 1 -> 1.2.0"
        registry.push("web:1.3.0", OLD)
        repository.run("update", "--commit")
        subject = self.git(repository, "log", "-1", "--format=%s").strip()
        assert subject == "images: web 1.2.0 -> 1.3.0"

    def test_has_nothing_that_a_stranger_wrote(
        self, repository: Project, registry: Registry
    ) -> None:
        registry.push("web:1", HOSTILE)
        repository.run("update", "--commit")
        message = self.git(repository, "log", "-1", "--format=%B").rstrip()
        fetch = len(HOSTILE.manifest) + len(HOSTILE.config) + len(HOSTILE.layers[1].data)
        change = f"web 1 {OLD.digest[:19]} -> {HOSTILE.digest[:19]}"
        news = f"linux/amd64: 1 of 2 layers new, {size(fetch)} to fetch"
        assert message == f"images: {change}\n\n- {change} ({news})"
        trailers = self.git(repository, "log", "-1", "--format=%(trailers)").strip()
        assert trailers == ""

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            pytest.param("rm -rf .git", "git rev-parse failed (fatal: not a git", id="no git"),
            pytest.param("echo '*.lock.toml' > .gitignore", "git ignores ", id="an ignored lock"),
            pytest.param(
                "git config user.useConfigOnly true", "git var failed (", id="nobody's name"
            ),
            pytest.param(
                "git rev-parse HEAD > .git/MERGE_HEAD", "a merge is under way", id="a merge"
            ),
            pytest.param("PATH=/nowhere", "git cannot be run (", id="no program"),
            pytest.param(
                "touch .git/index.lock",
                "another git command is under way: it holds ",
                id="an editor",
            ),
        ],
    )
    def test_is_refused_before_the_work_where_there_can_be_none(
        self, spoil: str, words: str, repository: Project, registry: Registry
    ) -> None:
        repository.env["GIT_CEILING_DIRECTORIES"] = str(repository.directory.parent)
        if spoil.startswith("PATH="):
            repository.env["PATH"] = "/nowhere"
        else:
            output(["sh", "-c", spoil], env=repository.env, cwd=repository.directory)
        if "useConfigOnly" in spoil:
            for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
                del repository.env[name]
        asked, lock = len(registry.asked()), repository.lock.read_text()
        failed = repository.try_run("update", "--commit")
        assert failed.returncode == 1
        assert failed.stderr.startswith(f"nixfetch-docker: {words}")
        assert failed.stderr.endswith("or leave out --commit\n")
        assert (len(registry.asked()), repository.lock.read_text()) == (asked, lock)

    def test_has_what_this_run_changed_alone(self, repository: Project, registry: Registry) -> None:
        repository.run("lock")
        self.git(repository, "add", "images.lock.toml")
        self.git(repository, "commit", "--quiet", "-m", "lock", "--", "images.lock.toml")
        registry.push("other:1", NEW)
        repository.run("update", "other")
        with repository.images.open("a") as file:
            file.write("# to do\n")
        repository.run("update", "web", "--commit")
        files = self.git(repository, "show", "--format=", "--name-only").split()
        assert files == ["images.lock.toml"]
        committed = self.git(repository, "show", "HEAD:./images.lock.toml")
        assert self.locked(committed) == {"web": NEW.digest, "other": OLD.digest}
        assert self.locked(repository.lock.read_text()) == dict.fromkeys(
            ["web", "other"], NEW.digest
        )
        assert self.git(repository, "diff", "--cached", "--name-only").split() == ["else"]
        changed = self.git(repository, "diff", "--name-only").split()
        assert changed == ["images.lock.toml", "images.toml"]
        # What was told and not committed can be committed later.
        self.git(repository, "commit", "--quiet", "-m", "more", "--", "images.lock.toml")
        assert self.git(repository, "diff", "--name-only").split() == ["images.toml"]

    def test_keeps_what_else_is_staged_of_the_lock(
        self, repository: Project, registry: Registry
    ) -> None:
        repository.run("lock")
        self.git(repository, "add", "images.lock.toml")
        self.git(repository, "commit", "--quiet", "-m", "lock", "--", "images.lock.toml")
        registry.push("other:1", NEW)
        repository.run("update", "other")
        self.git(repository, "add", "images.lock.toml")
        repository.run("update", "web", "--commit")
        committed, staged = (
            self.locked(self.git(repository, "show", f"{where}:./images.lock.toml"))
            for where in ("HEAD", "")
        )
        assert committed == {"web": NEW.digest, "other": OLD.digest}
        assert staged == dict.fromkeys(["web", "other"], NEW.digest)

    def test_has_the_edit_that_was_locked(self, repository: Project, registry: Registry) -> None:
        registry.push("web:2", NEW)
        text = repository.images.read_text()
        repository.images.write_text(text.replace("/web:1", "/web:2"))
        repository.run("lock", "--commit")
        files = self.git(repository, "show", "--format=", "--name-only").split()
        assert files == ["images.lock.toml", "images.toml"]
        assert self.git(repository, "show", "HEAD:./images.toml") == repository.images.read_text()
        assert self.git(repository, "log", "-1", "--format=%s") == "images: web 1 -> 2\n"
        assert self.git(repository, "diff", "--name-only") == ""

    def test_by_name_is_refused_where_other_images_are_edited_too(
        self, repository: Project, registry: Registry
    ) -> None:
        text = repository.images.read_text()
        repository.images.write_text(text.replace("/web:1", "/web:2").replace("r:1", "r:2"))
        asked = len(registry.asked())
        failed = repository.try_run("update", "web", "--commit")
        assert (failed.returncode, len(registry.asked())) == (1, asked)
        assert failed.stderr == (
            "nixfetch-docker: images.toml has edits of other that are not committed, and this run "
            "is about other images; commit them first, or leave out --commit\n"
        )

    @pytest.mark.parametrize(
        ("edit", "left"),
        [
            pytest.param("", "", id="nothing"),
            pytest.param("echo '# to do' >> images.toml", "images.toml has", id="a comment"),
            pytest.param(
                "add", "images.toml and images.lock.toml have", id="an image that was added"
            ),
            pytest.param(
                "freeze other", "images.toml and images.lock.toml have", id="a frozen one"
            ),
            pytest.param("git add else", "", id="another file"),
        ],
    )
    @pytest.mark.parametrize("is_changed", [False, True])
    def test_says_what_it_leaves_out(
        self, edit: str, left: str, repository: Project, registry: Registry, *, is_changed: bool
    ) -> None:
        repository.run("update", "--commit")
        if edit in {"add", "freeze other"}:
            repository.run(
                *{"add": ["add", f"{registry.host}/other:1", "--name", "new"]}.get(
                    edit, edit.split()
                )
            )
        else:
            output(["sh", "-c", edit or "true"], env=repository.env, cwd=repository.directory)
        if is_changed:
            registry.push("web:1", OLD)
        told = repository.try_run("update", "--commit")
        assert told.returncode == 0
        assert told.stderr.splitlines()[1:] == (
            [
                f"{left} changes that are not of this run, so they are not committed; "
                "commit them by hand"
            ]
            if left
            else []
        )
        subject = self.git(repository, "log", "-1", "--format=%s")
        new, old = NEW.digest[:19], OLD.digest[:19]
        assert subject == f"images: web 1 {new} -> {old}\n" if is_changed else old in subject

    def test_that_nobody_can_tell_what_is_left_out_is_no_missing_commit(
        self, repository: Project
    ) -> None:
        repository.run("update", "--commit")
        (repository.directory / ".git/index").write_text("x")
        failed = repository.try_run("update", "--commit")
        assert failed.returncode == 1
        assert "git status failed (" in failed.stderr
        assert failed.stderr.endswith(
            "); what this run changed is written and committed; run git status\n"
        )

    def test_that_cannot_be_staged_is_told_as_made(self, repository: Project) -> None:
        """Another git takes the index while a hook of the commit runs."""
        hook = repository.directory / ".git/hooks/post-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch .git/index.lock\n")
        hook.chmod(0o755)
        failed = repository.try_run("update", "--commit")
        assert failed.returncode == 1
        assert failed.stderr.endswith(
            "); the commit is made, and images.lock.toml as it was before is staged: git add it\n"
        )
        assert self.git(repository, "log", "-1", "--format=%s").startswith("images: web 1 ")

    def test_is_made_below_the_root_of_the_repository_and_runs_hooks(self, moved: Project) -> None:
        moved.env |= {
            f"GIT_{who}_{what}": "a@b.c"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        moved.env["GIT_CONFIG_GLOBAL"] = "/dev/null"
        root = moved.directory.parent
        output(["git", "init", "--quiet", root], env=moved.env)
        hook = root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho refused by a hook >&2\nexit 1\n")
        hook.chmod(0o755)
        failed = moved.try_run("update", "--commit")
        assert failed.returncode == 1
        assert "git commit failed (refused by a hook); the lock is written" in failed.stderr
        assert self.locked(moved.lock.read_text())["web"] == NEW.digest
        hook.unlink()
        moved.lock.unlink()
        moved.run("update", "--commit")
        files = self.git(moved, "show", "--format=", "--name-only").split()
        assert files == [
            f"{moved.directory.name}/{name}" for name in ("images.lock.toml", "images.toml")
        ]
        assert (
            self.git(moved, "status", "--porcelain", "--", "images.toml", "images.lock.toml") == ""
        )

    def locked(self, text: str) -> dict[str, str]:
        return {name: one["digest"] for name, one in tomli.loads(text)["images"].items()}

    def test_of_a_check_makes_no_sense(self, moved: Project) -> None:
        failed = moved.try_run("update", "--check", "--commit")
        assert (failed.returncode, failed.stderr) == (
            2,
            "nixfetch-docker: --check writes nothing, so there is nothing to --commit\n",
        )


@pytest.fixture
def slow(project: Project) -> Iterator[FaultRegistry]:
    with faults() as running:
        for name in ("one", "two"):
            running.add(f"{name}:1", OLD)
        project.images.write_text(
            "[images]\n"
            + "".join(f'{name}.image = "{running.host}/{name}:1"\n' for name in ("one", "two"))
        )
        yield running


def test_of_two_updates_at_once_neither_undoes_the_other(
    slow: FaultRegistry, project: Project
) -> None:
    """Both have read the lock before either writes it."""
    for name in ("one", "two"):
        slow.script("GET", f"/v2/{name}/manifests/1", delay(1))
    processes = [
        subprocess.Popen(
            [str(PROGRAM), "update", name],
            env=project.env,
            cwd=project.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        _, stderr = process.communicate()
        assert process.returncode == 0, stderr
    assert sorted(tomli.loads(project.lock.read_text())["images"]) == ["one", "two"]
    assert [file.name for file in project.directory.glob(".*")] == []
