"""policy.json by skopeo and by nixfetch-docker: what one accepts or refuses, the other does."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from support import oci
from support.policies import ACCEPT, INVALID, REJECT, VALID, VALID_SINCE_TRIXIE
from support.registry import Registry

from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.policy import Policy
from nixfetch_docker.signatures.policy_requirement import Type

IMAGE = oci.image(oci.layer({"a": b"a"}))


def skopeo_version() -> tuple[int, ...]:
    text = subprocess.run(["skopeo", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+)\.(\d+)", text.stdout)
    assert found is not None
    return tuple(map(int, found.groups()))


class Judge:
    """skopeo, which copies an image as a policy lets it."""

    def __init__(self, directory: Path) -> None:
        self._policy = directory / "policy.json"
        self._copy = directory / "copy"

    def copies(self, policy: str, source: str) -> tuple[bool, str]:
        """Whether skopeo copies the image, and what it says."""
        self._policy.write_text(policy)
        done = subprocess.run(
            [
                *("skopeo", "--policy", str(self._policy), "copy", "--quiet"),
                *("--src-tls-verify=false", source, f"dir:{self._copy}"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0, done.stderr


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path)


def test_both_read_and_refuse_the_same_files(judge: Judge, tmp_path: Path) -> None:
    """Those that the unit tests hold against `Policy.parse`."""
    if skopeo_version() < (1, 18):
        pytest.skip("needs skopeo 1.18, whose rules these are; run `make test-current-nix`")
    oci.write_layout(tmp_path / "layout", [IMAGE])
    valid = VALID | VALID_SINCE_TRIXIE
    found = {
        name: judge.copies(text, f"oci:{tmp_path / 'layout'}")
        for name, text in (valid | INVALID).items()
    }
    assert {name for name, (copied, _) in found.items() if copied} == set(valid)
    wrong = {name: said for name, (copied, said) in found.items() if not copied}
    assert [said for said in wrong.values() if "invalid policy" not in said] == []


def test_both_choose_the_same_scope(judge: Judge, registry: Registry) -> None:
    digest = registry.push("team/web/app:1", IMAGE)
    host = registry.host
    names = [f"{host}/team/web/app:1", f"{host}/team/web/app@{digest}"]
    scopes = [
        *names,
        *(f"{host}/team/web/app", f"{host}/team/web", f"{host}/team", host, "*.0.0.1", "*.1", ""),
        *(f"{host}/team/web/ap", f"{host}/team/web/app:2", f"{host}/team/", "127.0.0.1", "*.0"),
        *("*.127.0.0.1", f"*.0.0.1:{host[10:]}", "team/web/app", "*", f"{host}/"),
    ]
    documents = [{scope: REJECT} for scope in scopes]
    # The narrower of two scopes, whichever of them rejects.
    for narrow, wide in [(0, 2), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7), (7, 8)]:
        documents.append({scopes[wide]: REJECT, scopes[narrow]: ACCEPT})
        documents.append({scopes[wide]: ACCEPT, scopes[narrow]: REJECT})
    differing = []
    rejected = 0
    for document in documents:
        text = json.dumps({"default": ACCEPT, "transports": {"docker": document}})
        for name in names:
            copied, said = judge.copies(text, f"docker://{name}")
            assert copied or "rejected by policy" in said
            ours = Policy.parse(text.encode()).for_image(Reference.parse(name))
            rejected += not copied
            if copied is (ours[0].type is Type.REJECT):
                differing.append((document, name))
    assert differing == []
    assert rejected > len(documents) // 2
