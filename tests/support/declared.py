"""Configurations of NixOS and of Home Manager, evaluated by tests/nix/declared.nix."""

from __future__ import annotations

from pathlib import Path

from .nix import REPOSITORY

LOCKED = REPOSITORY / "tests/nix/locked/images.toml"


def expression(value: str, *modules: str | Path, arguments: str = "") -> str:
    """An expression for a value of a configuration of modules, such as `config.warnings`.

    `arguments` are further ones of declared.nix, such as `isHome = true;`.
    """
    listed = " ".join(f"({module})" for module in modules)
    arguments = f"{arguments} modules = [ {listed} ];"
    return f"with import {REPOSITORY}/tests/nix/declared.nix {{ {arguments} }};\n{value}"


def copy(directory: Path, *names: str) -> Path:
    """Write an images.toml with the image of redis under these names, and its lock; its path."""
    directory.mkdir(parents=True)
    for file in (LOCKED, LOCKED.with_suffix(".lock.toml")):
        head, *tables = file.read_text().split("\n[images.")
        redis = "".join(_of("redis", tables))
        images = (redis.replace("\n[images.redis", f"\n[images.{name}") for name in names)
        (directory / file.name).write_text(head + "".join(images))
    return directory / LOCKED.name


def _of(name: str, tables: list[str]) -> list[str]:
    """The tables of an image, each with its header."""
    found = [table for table in tables if table.startswith((f"{name}]", f"{name}."))]
    return [f"\n[images.{table}" for table in found]
