"""The code on the pages for readers, run with a real registry, a real Nix and a real podman.

How a page marks what cannot run: tests/support/documents/blocks.py.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
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
    wrong: list[str] = []
    with world.world(tmp_path) as place:
        for _block, command, status, found in world.run_page(place, documents.blocks(page)):
            where = f"{documents.name(page)}:{command.line}: $ {command.text}"
            if status != 0 and not printed.may_fail(command.output):
                wrong.append(f"{where}\nexits with {status}, and prints\n{found}")
            elif command.output is not None and not printed.matches(command.output, found):
                wrong.append(f"{where}\nprints\n{found}\nand the page shows\n{command.output}")
    assert not wrong, "\n\n".join(wrong)


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
        and not block.is_without("evaluation")
    )


CONFIGURATIONS = [block for block in NIX if _is_configuration(block)]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in CONFIGURATIONS])
def test_a_configuration_evaluates(block: Block, tmp_path: Path) -> None:
    value = "{ inherit failed; inherit (config) warnings; }"
    told = evaluate(configuration(block.text, tmp_path, value))
    assert told == {"failed": [], "warnings": []}
