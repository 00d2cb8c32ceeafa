"""The code on the pages for readers, run with a real registry, a real Nix and a real podman.

How a page marks what cannot run: tests/support/documents/blocks.py.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from support.documents import blocks as documents
from support.documents import printed, world
from support.documents.blocks import Block
from support.documents.configuration import configuration, flake_outputs
from support.nix import evaluate
from support.process import run

PAGES = documents.pages()
NIX = [
    block
    for page in PAGES
    for block in documents.blocks(page)
    if block.language == "nix" and block.excerpt is None
]
CONSOLES = [page for page in PAGES if any(map(world.has_command, documents.blocks(page)))]


@pytest.mark.parametrize("page", [pytest.param(page, id=documents.name(page)) for page in CONSOLES])
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    wrong = _wrong(page, tmp_path)
    assert not wrong, "\n\n".join(wrong.values())


def _wrong(page: Path, top: Path) -> dict[str, str]:
    """The commands of a page that do not print what it shows, and what they print."""
    wrong: dict[str, str] = {}
    with world.world(top) as place:
        for _block, command, status, found in world.run_page(place, documents.blocks(page)):
            where = f"{documents.name(page)}:{command.line}: $ {command.text}"
            if status != 0 and not printed.may_fail(command.output):
                wrong[command.text] = f"{where}\nexits with {status}, and prints\n{found}"
            elif command.output is not None and not printed.matches(command.output, found):
                shown = f"and the page shows\n{command.output}"
                wrong[command.text] = f"{where}\nprints\n{found}\n{shown}"
    return wrong


def test_a_page_that_lies_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("""
<!-- given: a locked project -->
```console
$ nixfetch-docker diff
images.lock.toml has the same images as in HEAD
$ nixfetch-docker show --json > /etc/nixfetch-docker-shown
$ nixfetch-docker freeze redis
redis: frozen at 7.2-alpine sha256:8b81dd37ff02
$ nixfetch-docker show nginx
nixfetch-docker: …'nginx'…
$ nixfetch-docker show nginx 2> /dev/null
```

<!-- given: a locked project -->
<!-- given: `push redis:7.4-alpine` -->
```console
$ nixfetch-docker update --only-digest redis && git diff --quiet images.lock.toml
```
""")
    # The machine is read-only, another tag is shown, an error is silent, and the tag has moved.
    assert [command.partition("docker ")[2] for command in _wrong(page, tmp_path)] == [
        "show --json > /etc/nixfetch-docker-shown",
        "freeze redis",
        "show nginx 2> /dev/null",
        "update --only-digest redis && git diff --quiet images.lock.toml",
    ]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in NIX])
def test_nix_reads_a_piece(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "piece.nix"
    # Of a `with`, any variable may come that the page does not define, such as `lib`.
    file.write_text(f"with {{ }};\n{block.text}")
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "NIX_CONF_DIR": "/homeless"}
    done = run(["nix-instantiate", "--parse", "--store", "dummy://", file], env=env)
    assert done.returncode == 0, done.stderr


FLAKES = [block for block in NIX if re.search(r"^ *outputs =", block.text, re.MULTILINE)]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in FLAKES])
def test_a_flake_evaluates(block: Block, tmp_path: Path) -> None:
    names = evaluate(flake_outputs(block.text, tmp_path))
    assert set(names) <= {"apps", "checks", "nixosConfigurations", "overlays", "packages"}
    assert names


def _is_configuration(block: Block) -> bool:
    """Whether a piece is a configuration that imports a module of this project."""
    return (
        re.search(r"nixfetch-docker\.(?:nixos|home)Modules", block.text) is not None
        and "outputs =" not in block.text
    )


CONFIGURATIONS = [block for block in NIX if _is_configuration(block)]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in CONFIGURATIONS])
def test_a_configuration_evaluates(block: Block, tmp_path: Path) -> None:
    value = "{ inherit failed; inherit (config) warnings; }"
    told = evaluate(configuration(block.text, tmp_path, value))
    assert told == {"failed": [], "warnings": []}


# A repository of a forge, which notes the options of a push, below /srv of the page's world.
_FORGE = """
git init --quiet --bare /srv/acme/shop.git
cd /srv/acme/shop.git
git config receive.advertisePushOptions true
printf '#!/bin/sh\\nenv | sort | grep GIT_PUSH_OPTION_ > options\\n' > hooks/pre-receive
chmod +x hooks/pre-receive
git config --global url.file:///srv/acme/.insteadOf https://update:token@gitlab.test/acme/
"""
_GITLAB = """
export CI_SERVER_HOST=gitlab.test CI_PROJECT_PATH=acme/shop UPDATE_TOKEN=token
export CI_COMMIT_SHA=$(git rev-parse HEAD)
git checkout --quiet --detach
set -e
"""

# As Renovate leaves its branch: with the new tag, and without its lock.
_BESIDE_RENOVATE = """
git init --quiet --bare /srv/shop.git
git remote add origin /srv/shop.git
git checkout --quiet -b renovate/redis
sed -i 's/7.4-alpine/7.4.2-alpine/' images.toml
git commit --quiet --all --message 'Update redis'
git push --quiet --set-upstream origin renovate/redis
"""


def test_the_job_for_gitlab_opens_a_merge_request(tmp_path: Path) -> None:
    text = (documents.REPOSITORY / "docs/how-to/gitlab-ci.yml").read_text(encoding="utf-8")
    job = _GITLAB + "\n".join(yaml.safe_load(text)["update-images"]["script"])
    with world.world(tmp_path) as place:
        place.given("a flake of images")
        place.given(f"`({_FORGE})`")
        status, printed = place.run(f"({job})")
        assert status == 0, printed
        # Nothing has moved, so nothing is pushed.
        assert place.run("git ls-remote /srv/acme/shop.git") == (0, "")
        place.given("`git checkout --quiet main`")
        place.push_again("redis:7.4-alpine")
        status, printed = place.run(f"({job})")
        assert status == 0, printed
        pushed = "git --git-dir /srv/acme/shop.git show --format=%s --name-only update-images"
        subject, _, names = place.run(pushed)[1].partition("\n")
        assert subject.startswith("images: redis 7.4-alpine sha256:")
        assert names.split() == ["images.lock.toml"]
        _, options = place.run("cat /srv/acme/shop.git/options")
    assert "=merge_request.create\n" in options
    assert "=merge_request.title=Update container images\n" in options


def test_the_job_for_github_writes_what_a_pull_request_says(tmp_path: Path) -> None:
    text = (documents.REPOSITORY / "docs/how-to/github-actions.yml").read_text(encoding="utf-8")
    (command,) = (
        step["run"] for step in yaml.safe_load(text)["jobs"]["update"]["steps"] if "id" in step
    )
    with world.world(tmp_path) as place:
        place.given("a flake of images")
        place.push_again("redis:7.4-alpine")
        status, printed = place.run(f"export RUNNER_TEMP=/srv; {command}")
        assert status == 0, printed
        assert place.run("git diff --name-only -- '*.toml'") == (0, "images.lock.toml\n")
        assert "redis" in place.run("cat /srv/body.md")[1]


def test_the_workflow_beside_renovate_pushes_the_lock_to_its_branch(tmp_path: Path) -> None:
    text = (documents.REPOSITORY / "docs/how-to/renovate-lock.yml").read_text(encoding="utf-8")
    (job,) = (
        step["run"] for step in yaml.safe_load(text)["jobs"]["lock"]["steps"] if "run" in step
    )
    with world.world(tmp_path) as place:
        place.given("a flake of images")
        place.given(f"`({_BESIDE_RENOVATE})`")
        status, printed = place.run(f"(set -e; {job})")
        assert status == 0, printed
        pushed = "git --git-dir /srv/shop.git show --format='%an <%ae>' --name-only renovate/redis"
        assert place.run(pushed)[1].splitlines() == [
            "lock-images <lock-images@users.noreply.github.com>",
            "",
            "images.lock.toml",
        ]
        assert 'tag = "7.4.2-alpine"' in place.run("cat images.lock.toml")[1]
        # A branch whose lock fits gets no commit.
        assert place.run(f"(set -e; {job})")[0] == 0
        assert place.run("git log --format=%s -1 @{upstream}")[1] == "Lock images\n"
