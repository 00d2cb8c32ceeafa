"""`show`: its tables and its JSON document."""

from __future__ import annotations

import json

import jsonschema
import pytest
from support import oci
from support.command import Project
from support.nix import REPOSITORY
from support.registry import Registry

from nixfetch_docker.base import units

BASE = oci.layer({"base": b"b" * 3000})
WEB, OTHER = (oci.image(BASE, oci.layer({"is": name.encode()})) for name in ("web", "other"))


@pytest.fixture
def locked(registry: Registry, project: Project) -> Project:
    registry.push("web:1", WEB)
    registry.push("other:2", OTHER)
    project.update(f"""
        [images]
        web.image = "{registry.host}/web:1"
        other.image = "{registry.host}/other:2"
    """)
    return project


def short(data: bytes) -> str:
    return oci.digest(data)[:19]


def test_an_image_is_shown_with_what_was_asked_and_who_shares_its_layers(
    locked: Project, registry: Registry
) -> None:
    host = registry.host
    base, own = (f"{short(layer.data)}  {len(layer.data)} B" for layer in WEB.layers)
    assert locked.run("show", "web").splitlines() == [
        f"image    {host}/web:1",
        "tag      1",
        f'asked    image = "{host}/web:1"',
        "source   not known, as the config is not in the Nix store; --history asks for it",
        f"digest   {WEB.digest}",
        "",
        f"linux/amd64, {units.size(WEB.size)}",
        f"manifest {WEB.digest}",
        f"config   {WEB.id}",
        f"layer 1  {base}  also in other",
        f"layer 2  {own}",
    ]


def test_the_history_has_the_command_of_every_layer(locked: Project, registry: Registry) -> None:
    before = len(registry.asked())
    shown = locked.run("show", "web", "--history").splitlines()
    # The config has the source, which is not asked for on its own.
    assert "source   the image does not say" in shown
    lines = shown[-4:]
    assert [lines[1].strip(), lines[3].strip()] == ["layer 0", "layer 1"]
    assert registry.asked()[before:] == [f"GET web/blobs/{WEB.id}"]


def test_json_is_as_its_schema_says(locked: Project, registry: Registry) -> None:
    document = json.loads(locked.run("show", "--json"))
    schema = json.loads((REPOSITORY / "docs/reference/show.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert sorted(document["images"]) == ["other", "web"]
    assert json.loads(locked.run("show", "web", "--json")) == {
        "version": 1,
        "images": {
            "web": {
                "repository": f"{registry.host}/web",
                "tag": "1",
                "digest": WEB.digest,
                "platforms": {
                    "linux/amd64": {
                        "manifest": {"digest": WEB.digest, "size": len(WEB.manifest)},
                        "config": {"digest": WEB.id, "size": len(WEB.config)},
                        "layers": [
                            {
                                "digest": oci.digest(layer.data),
                                "size": len(layer.data),
                                "alsoIn": also,
                            }
                            for layer, also in zip(WEB.layers, (["other"], []), strict=True)
                        ],
                    }
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "no image 'nope' is locked; choose from other, web"),
        (
            ["--history"],
            "--history is for the layers of one NAME, without --json, --layers and --html",
        ),
        (["--anonymous"], "--anonymous is for --history, which alone asks a registry"),
    ],
)
def test_an_unknown_name_or_a_lone_option_is_wrong_usage(
    arguments: list[str], message: str, locked: Project
) -> None:
    failed = locked.try_run("show", *arguments)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == f"nixfetch-docker: {message}\n"
