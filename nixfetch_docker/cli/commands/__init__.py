"""The commands: a table of all, and one module for each.

The table is what `--help` shows. A command's module has `configure(parser)`, which declares its
arguments, and `run(arguments)`, which returns the exit status. Only the module of the command that
runs is imported, and it imports in `run` what only `run` needs.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command as `--help` shows it."""

    help: str
    """One line, without a full stop."""
    example: str
    """A command line, `%(prog)s` being the program and the command."""
    module: str
    """Its module in this package."""
    is_hidden: bool = False
    """Whether only other programs run it."""


# By name, in the order of the help.
COMMANDS = {
    "update": Command(
        "resolve all images (or those named) anew, and write the lock",
        "%(prog)s redis --commit",
        "update",
    ),
    "lock": Command(
        "resolve only the images that changed in images.toml; drop those removed there",
        "%(prog)s --file hosts/web/images.toml",
        "lock",
    ),
    "add": Command(
        "append an image to images.toml, and lock it",
        "%(prog)s ghcr.io/acme/web:2.1 --name web",
        "add",
    ),
    "show": Command(
        "show the locked images: sizes, layers, what they share",
        "%(prog)s redis --history",
        "show",
    ),
    "check": Command(
        "ask the registries whether they still have all locked images",
        "%(prog)s --anonymous",
        "check",
    ),
    "prefetch": Command(
        "fetch locked images into the Nix store, with your own registry logins",
        "%(prog)s redis --all-platforms",
        "prefetch",
    ),
    "fetch-blob": Command(
        "fetch one blob by its digest into a file (the Nix builder runs this)",
        "%(prog)s docker.io/library/redis sha256:… -o layer.tar.gz",
        "fetch_blob",
    ),
    "digest": Command(
        "print the digest that a tag points at",
        "%(prog)s redis:7.4-alpine",
        "digest",
    ),
    "tags": Command(
        "print the tags of a repository, the newest release last",
        "%(prog)s redis --version '^7-alpine' --newest",
        "tags",
    ),
    "inspect": Command(
        "show an image's platforms, layers, size and config",
        "%(prog)s redis:7.4-alpine --platform linux/arm64",
        "inspect",
    ),
    "manifest": Command(
        "print an image's manifest, byte for byte",
        "%(prog)s redis:7.4-alpine --platform linux/arm64 | sha256sum",
        "manifest",
    ),
    "config": Command(
        "print an image's config, byte for byte",
        "%(prog)s redis:7.4-alpine | jq .config.Env",
        "config",
    ),
    "layer": Command(
        "fetch one layer of an image, verified",
        "%(prog)s redis:7.4-alpine 1 --decompress | tar -t",
        "layer",
    ),
    "image": Command(
        "fetch an image as a tar that docker, podman and skopeo load, or as an OCI layout",
        "%(prog)s redis:7.4-alpine -o - | podman load",
        "image",
    ),
    "nix": Command(
        "print a Nix expression that fetches an image, with every hash, from its manifest alone",
        "%(prog)s redis:7.4-alpine > redis.nix    # pkgs.callPackage ./redis.nix { }",
        "nix",
    ),
    "import": Command(
        "make an images.toml out of Nix (pullImage, oci-containers, docker2nix) or compose files",
        "%(prog)s *.nix compose.json > images.toml",
        "import_images",
    ),
    "completion": Command(
        "print a script that completes this command in a shell",
        "source <(%(prog)s bash)",
        "completion",
    ),
    "image-names": Command(
        "print the names in images.toml that complete a command line",
        "%(prog)s 'nixfetch-docker show --file hosts/web/images.toml '",
        "image_names",
        is_hidden=True,
    ),
}
