"""TOML as this program reads it, with Nix as the judge."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.nix import try_evaluate
from support.toml_documents import DOCUMENTS

from nixfetch_docker.base import toml_writer
from nixfetch_docker.base.nix_toml import parse_for_nix
from nixfetch_docker.base.toml import InvalidDocument


def read(data: bytes) -> object:
    """The values as JSON has them; None for a document that is refused."""
    try:
        return json.loads(json.dumps(dict(parse_for_nix(data.decode()).values)))
    except (UnicodeDecodeError, InvalidDocument):
        return None


def test_nix_reads_what_this_program_reads_and_reads_it_alike(tmp_path: Path) -> None:
    """The other way round, Nix may be looser: such a document is refused, with a reason."""
    ours = {name: read(data) for name, data in DOCUMENTS.items()}
    # No image has such values: JSON has none for them, and Nix 2.8 refuses that array.
    left_out = {"inf", "-inf", "+inf", "nan", "-nan", "super by sub defined aot"}
    paths: dict[str, Path] = {}
    for number, (name, data) in enumerate(DOCUMENTS.items()):
        if ours[name] is not None and name not in left_out:
            paths[name] = tmp_path / f"{number}.toml"
            paths[name].write_bytes(data)
    assert len(paths) > 80
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(
            lambda path: try_evaluate(f"builtins.fromTOML (builtins.readFile {path})"),
            paths.values(),
        )
    theirs = {
        name: json.loads(one.stdout) if one.returncode == 0 else one.stderr
        for name, one in zip(paths, done, strict=True)
    }
    assert theirs == {name: ours[name] for name in paths}


def test_nix_reads_every_string_that_is_written(tmp_path: Path) -> None:
    letters = [chr(code) for code in [*range(1, 0x180), 0x2028, 0xFEFF, 0xFFFF, 0x1F600]]
    texts = [*letters, "".join(letters), "'''\"\"\"\\", "a\r\nb", ""]
    path = tmp_path / "strings.toml"
    table = toml_writer.inline_table((text, toml_writer.string(text)) for text in texts)
    path.write_text(f"x = {toml_writer.strings(texts)}\ny = {table}\n", newline="")
    done = try_evaluate(f"builtins.fromTOML (builtins.readFile {path})")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"x": texts, "y": {text: text for text in texts}}
