"""The page of the Nix functions and of what an image has, made of their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import markdown

_NIX = Path(__file__).parents[2] / "nix"

# By their names in the overlay, in the order of the page.
FUNCTIONS = {
    "fetchDockerImages": "fetchers/fetch-docker-images.nix",
    "fetchDocker": "fetchers/fetch-docker.nix",
    "fetchDockerBlob": "fetchers/fetch-docker-blob.nix",
    "dockerImageStore": "fetchers/docker-image-store.nix",
    "fetchdocker": "compat/fetchdocker.nix",
    "fetchDockerConfig": "compat/fetch-docker-config.nix",
    "fetchDockerLayer": "compat/fetch-docker-layer.nix",
}
# The outputs of the flake; a test compares them with flake.nix.
OUTPUTS = {
    "apps": "`apps.SYSTEM.update-images` is `nixfetch-docker update`, for `apps = nixfetch-docker.apps;` in your flake.",
    "checks": "The tests of this project.",
    "devShells": "A shell to work on this project in.",
    "formatter": "`nix fmt` for this project.",
    "homeModules": "The modules for Home Manager: `default` (also named `nixfetch-docker`), and `quadlet` for "
    "quadlet-nix. [Their options](home-manager-options.md).",
    "lib": "`lib.fetchDockerImages pkgs ./images.toml`: the images, made with any package set. It needs no overlay.",
    "nixosModules": "The modules for NixOS, under the same names. [Their options](nixos-options.md).",
    "overlays": "`overlays.default` adds the functions below, and `nixfetch-docker`, to `pkgs`.",
    "packages": "`packages.SYSTEM.default` is the command, also named `nixfetch-docker`.",
    "templates": "`nix flake init -t github:OWNER/nixfetch-docker` writes a flake to start from.",
}
# The attributes of default.nix beside the functions; a test compares them too.
WITHOUT_FLAKES = {
    "homeModules": "As in the flake.",
    "nixfetch-docker": "The command.",
    "nixosModules": "As in the flake.",
    "overlays": "`overlays.default`, as in the flake.",
    "package": "The command, under the name that `nix-build -A package` takes.",
}
# What an image has; a test compares them with an image that is evaluated.
ATTRIBUTES = {
    "stream": "An executable that writes the image as a tar to stdout: for `imageStream` of "
    "`virtualisation.oci-containers`, or for `$stream | podman load`. No copy of the image is written to the store.",
    "archive": "That tar in the store, for what must have a file: `imageFile`, `services.k3s.images`. The name of its "
    "store path is the image's, with `+` for `/` and `++` for `:`, and its digest. So no two images share one.",
    "dockerArchive": "A tar, compressed by gzip as a whole, of layers that are not: for `fromImage` and `mergeImages` "
    "of `dockerTools`, which refuse compressed layers.",
    "load": "Programs that load the image into the engine of whoever runs them: `load.podman`, `load.docker` and "
    "`load.containerd`. They do nothing where the engine has just this image under its name. `lib.getExe` names one.",
    "store": "A store with this image alone that podman 5 mounts its layers from, for `additionalimagestores` of "
    "containers-storage.conf. [`dockerImageStore`](#dockerimagestore) makes one of several images.",
    "imageName": "The name that an engine knows the image by once it is loaded.",
    "imageTag": "Its tag. An image that is locked by digest alone has the tag `sha256-…`.",
    "destNameTag": "The two as one: `NAME:TAG`.",
    "imageDigest": "The digest of its manifest.",
    "imageId": "The digest of its config, which docker and podman show as the image ID.",
    "manifest": "The derivation of its manifest.",
    "config": "The derivation of its config.",
    "layers": "The derivations of its layers, the base layer first.",
    "override": "The same image with other arguments of `fetchDocker`: "
    '`image.override { name = "localhost/redis"; tag = "mine"; }` is loaded under another name.',
}

_PAGE = """\
# Nix
{note}

Nix 2.8 or newer, and nixpkgs 25.11 or newer.

## The flake

{outputs}
## Without flakes

`import (fetchTarball "https://github.com/OWNER/nixfetch-docker/archive/main.tar.gz") {{ }}` has the functions below, and
these attributes. It takes the argument `pkgs`, which is `<nixpkgs>` where you give none. The overlay and the modules do
not evaluate it.

{without_flakes}
## An image

What `fetchDockerImages` and `fetchDocker` return is a directory in the store: an OCI image layout and a docker-archive
at once, made of links to the blobs. `skopeo copy oci:./result …` works on it as it is. It has these attributes; `stream`
and `archive` have the names and digests too, as the result of `dockerTools.pullImage` has them.

{attributes}
## Functions

The overlay adds these functions to `pkgs`. Evaluation reads `images.toml` and its lock and builds nothing: there is no
import from a derivation. A wrong argument is an error that names the nearest right one.

{functions}"""

_DOCUMENT = re.compile(r"\A/\*\*\n(.*?)\*/", re.DOTALL)
_PATTERN = re.compile(r"(?:strict \"\w+\" \(|fetchAll =)\n\s*\{\n(.*?)\n\s*\}:", re.DOTALL)
# How paragraphs begin that are for those who change the code.
_FOR_DEVELOPERS = ("nixfetch_docker/", "Format: ")
_ARGUMENT = re.compile(r"([\w-]+)(?: \? (.*))?,")


class Argument(NamedTuple):
    """An argument of a function, with its default as Nix has it."""

    name: str
    default: str | None
    meaning: str


def page() -> str:
    """The text of the page."""
    return _PAGE.format(
        note=markdown.NOTE,
        outputs=_table("output", OUTPUTS),
        without_flakes=_table("attribute", WITHOUT_FLAKES),
        attributes=_table("attribute", ATTRIBUTES),
        functions="\n".join(f"{_function(name)}" for name in FUNCTIONS),
    )


def _table(head: str, rows: dict[str, str]) -> str:
    found = [(markdown.code(name), text) for name, text in rows.items()]
    return markdown.table([head, "is"], found)


def _function(name: str) -> str:
    text = (_NIX / FUNCTIONS[name]).read_text(encoding="utf-8")
    document = _DOCUMENT.search(text)
    assert document is not None, name
    words, _, type_ = document[1].partition("Type:")
    lines = "\n".join(line.removeprefix("  ") for line in words.strip("\n").splitlines())
    paragraphs = lines.strip().split("\n\n")
    prose = [one for one in paragraphs if not one.startswith(_FOR_DEVELOPERS)]
    parts = [f"### {name}\n\n", markdown.fence("text", " ".join(type_.split())), "\n"]
    parts += [f"{one}\n\n" for one in prose]
    rows = [
        (markdown.code(one.name), _default(one), markdown.escaped(one.meaning))
        for one in arguments(text)
    ]
    parts.append(markdown.table(["argument", "default", "is"], rows))
    return "".join(parts)


def arguments(text: str) -> Iterator[Argument]:
    """The arguments of the function in a file, with the comment above each."""
    pattern = _PATTERN.search(text)
    assert pattern is not None, text
    comment: list[str] = []
    for line in pattern[1].splitlines():
        found = _ARGUMENT.fullmatch(line.strip())
        if found is None:
            comment.append(line.strip().removeprefix("#").strip())
        else:
            yield Argument(found[1], found[2], " ".join(comment))
            comment = []


def _default(one: Argument) -> str:
    return "" if one.default is None else markdown.code(one.default)
