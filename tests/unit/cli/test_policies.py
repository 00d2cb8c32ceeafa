"""The policy.json of the person who locks, and what images.toml says before it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import oci, signing
from support.faults.registry import FaultRegistry, faults
from support.policies import ACCEPT, REJECT, sigstore
from support.sigstore_root import IDENTITY, ISSUER, Root

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

ACME, OTHER = signing.key("acme"), signing.key("other")
IMAGE = oci.image(oci.layer({"etc/one": b"1"}, "none"))
GO_ON = "or run this with --insecure-policy, which reads no policy.json"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        running.add("web:1", IMAGE)
        data = signing.payload(IMAGE.digest, f"{running.host}/web:1")
        layers = [signing.signed(ACME, data)]
        signing.put_signatures(running, "web", IMAGE.digest, layers)
        yield running


@pytest.fixture
def run(
    registry: FaultRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command; `asked` are lines of the image's table, `policy` is the default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Path("acme.pub").write_bytes(ACME.pem)

    def command(
        *words: str,
        policy: object = REJECT,
        asked: str = "",
        image: str = f"{registry.host}/web:1",
        more: str = "",
    ) -> tuple[int, str]:
        path = Path("home/.config/containers/policy.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"default": policy}))
        Path("images.toml").write_text(f'[images.web]\nimage = "{image}"\n{asked}\n{more}')
        Path("images.lock.toml").unlink(missing_ok=True)
        status = main(list(words))
        shown = capsys.readouterr()
        return status, (shown.out + shown.err).replace(str(tmp_path), "HERE")

    return command


def signers() -> list[str]:
    return [
        str(one) for one in Lock.parse(Path("images.lock.toml").read_text()).images["web"].vouchers
    ]


def by(*keys: signing.SigningKey) -> list[dict[str, object]]:
    datas = [base64.b64encode(one.pem).decode() for one in keys]
    return [sigstore(keyDatas=datas)]


@pytest.mark.parametrize("command", ["update", "lock"])
def test_what_the_policy_refuses_is_not_locked(command: str, run: Run) -> None:
    status, said = run(command)
    assert status == 1
    assert not Path("images.lock.toml").exists()
    assert "web: 127.0.0.1" in said
    assert (
        "HERE/home/.config/containers/policy.json: default[0]: images of this scope are refused "
        "(reject); write in images.toml whose signature you want" in said
    )
    assert GO_ON in said


def test_add_obeys_it_too(run: Run, registry: FaultRegistry) -> None:
    status, said = run("add", f"{registry.host}/web:1", "--name", "other", asked="frozen = false")
    assert (status, "are refused (reject)" in said) == (1, True)
    assert "other" not in Path("images.toml").read_text()


@pytest.mark.parametrize("words", [["--insecure-policy"], ["--policy", "accepting.json"]])
def test_it_can_be_left_out_or_be_another(words: list[str], run: Run) -> None:
    Path("accepting.json").write_text(json.dumps({"default": ACCEPT}))
    assert run("update", *words)[0] == 0


def test_a_named_policy_is_obeyed_where_the_machines_own_asks_nothing(run: Run) -> None:
    Path("strict.json").write_text(json.dumps({"default": REJECT}))
    status, said = run("update", "--policy", "strict.json", policy=ACCEPT)
    assert (status, "strict.json: default[0]: " in said) == (1, True)
    status, said = run("update", "--policy", "gone.json", policy=ACCEPT)
    assert (status, "gone.json: cannot be read (No such file" in said) == (1, True)


def test_the_key_that_it_asks_for_is_recorded(run: Run) -> None:
    assert run("update", policy=by(OTHER, ACME))[0] == 0
    assert signers() == ["policy.json: default[0].keyDatas[1]"]
    assert str(Path.cwd()) not in Path("images.lock.toml").read_text()


def test_an_image_by_another_key_is_not_locked(run: Run) -> None:
    status, said = run("update", policy=by(OTHER))
    assert status == 1
    assert "has a signature by another key (looked for the tag" in said
    assert "policy.json asks for that (default[0]); write in images.toml" in said
    assert GO_ON in said


def test_all_of_its_requirements_must_hold(run: Run) -> None:
    assert run("update", policy=[*by(ACME), *ACCEPT])[0] == 0
    assert run("update", policy=[*by(ACME), *by(OTHER)])[0] == 1


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        ("signed-by = []", ""),
        ('signed-by = ["acme.pub"]', ""),
        ("", "signed-by = []"),
        ("", 'signed-by = ["acme.pub"]'),
    ],
)
def test_what_images_toml_says_comes_first(
    asked: str, more: str, run: Run, registry: FaultRegistry
) -> None:
    table = f'[registries."{registry.host}"]\n{more}\n' if more else ""
    assert run("update", asked=asked, more=table)[0] == 0
    assert signers() == (["acme.pub"] if "acme" in asked + more else [])
    # It does not make up for it either.
    Path("acme.pub").write_bytes(OTHER.pem)
    assert run("update", policy=ACCEPT, asked=asked, more=table)[0] == ("acme" in asked + more)


def test_a_policy_that_is_none_is_told_for_the_images_that_need_it(run: Run) -> None:
    status, said = run("update", policy=[{"type": "rejects"}])
    assert (status, "default[0].type: 'rejects' is not a requirement" in said) == (1, True)
    assert run("update", policy=[{"type": "rejects"}], asked="signed-by = []")[0] == 0


def test_an_image_in_a_file_is_refused_too(run: Run, tmp_path: Path) -> None:
    oci.write_layout(tmp_path / "layout", [IMAGE])
    status, said = run("update", image="oci:./layout")
    assert (status, "images of this scope are refused (reject)" in said) == (1, True)
    assert run("update", image="oci:./layout", policy=ACCEPT)[0] == 0
    Path("strict.json").write_text(
        json.dumps({"default": REJECT, "transports": {"oci": {str(tmp_path.resolve()): ACCEPT}}})
    )
    assert run("update", "--policy", "strict.json", image="oci:./layout")[0] == 0


def test_an_identity_is_a_signer(run: Run, registry: FaultRegistry, tmp_path: Path) -> None:
    """Of a sigstore of one's own, whose trusted root is a file beside images.toml."""
    root = Root()
    (tmp_path / "root.json").write_text(root.trusted_root())
    data = signing.payload(IMAGE.digest, f"{registry.host}/web")
    annotations = root.annotations(root.signer(), data)
    text = annotations.pop("dev.cosignproject.cosign/signature")
    layers = [signing.Signed(data, text, annotations)]
    signing.put_signatures(registry, "web", IMAGE.digest, layers)
    item = f'identity = "{IDENTITY}", issuer = "{ISSUER}", trusted-root = "root.json"'
    status, said = run("update", asked=f"signed-by = [{{ {item} }}]")
    by_whom = f"signed by {IDENTITY} ({ISSUER})"
    assert (status, by_whom in " ".join(said.split())) == (0, True)
    assert signers() == [f"{IDENTITY} ({ISSUER})"]
    other = item.replace("release.yml", "other.yml")
    status, said = run("update", asked=f"signed-by = [{{ {other} }}]")
    assert status == 1
    assert f"has a keyless signature by another identity ({IDENTITY})" in said
