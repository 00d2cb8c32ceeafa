"""The commands: a table of all, and one module for each.

The table is what `--help` shows. A command's module has `configure(parser)`, which declares its
arguments, and `run(arguments)`, which returns the exit status. Only the module of the command that
runs is imported, and it imports in `run` what only `run` needs.
"""

from __future__ import annotations


class Command:
    """A command as `--help` shows it."""

    def __init__(
        self, help_line: str, example: str, module: str, group: str, *, is_hidden: bool = False
    ) -> None:
        """`help_line` is one line, without a full stop.

        In the `example`, a command line, `%(prog)s` is the program and the command. `module` is the
        one in this package, `group` the heading in `--help` that it stands under. `is_hidden` says
        that only other programs run it.
        """
        self.help = help_line
        self.example = example
        self.module = module
        self.group = group
        self.is_hidden = is_hidden


_IMAGES = "Your images, in images.toml"
_ONE_IMAGE = "One image, which needs neither images.toml nor Nix"
_MORE = "More"
GROUPS = (_IMAGES, _ONE_IMAGE, _MORE)

# By name, in the order of the help.
COMMANDS = {
    "init": Command(
        "write an images.toml to start from",
        "%(prog)s",
        "init",
        _IMAGES,
    ),
    "add": Command(
        "append an image to images.toml, and lock it",
        "%(prog)s ghcr.io/acme/web:2.1 --name web",
        "add",
        _IMAGES,
    ),
    "remove": Command(
        "remove images from images.toml and the lock",
        "%(prog)s redis",
        "remove",
        _IMAGES,
    ),
    "update": Command(
        "resolve all images, or those named, anew, and write the lock",
        "%(prog)s redis --commit",
        "update",
        _IMAGES,
    ),
    "lock": Command(
        "resolve images that changed in images.toml; drop removed ones",
        "%(prog)s --file hosts/web/images.toml",
        "lock",
        _IMAGES,
    ),
    "freeze": Command(
        "keep the pins of images, whatever their tags mean later",
        "%(prog)s redis",
        "freeze",
        _IMAGES,
    ),
    "unfreeze": Command(
        "let images that are frozen change again",
        "%(prog)s redis",
        "freeze",
        _IMAGES,
    ),
    "show": Command(
        "show the locked images: sizes, layers, what they share",
        "%(prog)s redis --history",
        "show",
        _IMAGES,
    ),
    "why": Command(
        "explain a pin: newer tags, its commit, shared layers",
        "%(prog)s redis --offline",
        "why",
        _IMAGES,
    ),
    "diff": Command(
        "show what changed in the lock since a revision of git",
        "%(prog)s origin/main",
        "diff",
        _IMAGES,
    ),
    "check": Command(
        "ask the registries whether they have all locked images",
        "%(prog)s --anonymous",
        "check",
        _IMAGES,
    ),
    "verify": Command(
        "compare locked images with the registries, and see who signed",
        "%(prog)s web --json",
        "verify",
        _IMAGES,
    ),
    "prefetch": Command(
        "fetch locked images into the Nix store, with your logins",
        "%(prog)s redis --all-platforms",
        "prefetch",
        _IMAGES,
    ),
    "digest": Command(
        "print the digest that a tag points at",
        "%(prog)s redis:7.4-alpine",
        "digest",
        _ONE_IMAGE,
    ),
    "tags": Command(
        "print the tags of a repository, the newest release last",
        "%(prog)s redis --version '^7-alpine' --newest",
        "tags",
        _ONE_IMAGE,
    ),
    "inspect": Command(
        "show an image's platforms, layers, size and config",
        "%(prog)s redis:7.4-alpine --platform linux/arm64",
        "inspect",
        _ONE_IMAGE,
    ),
    "attestation": Command(
        "print an image's SBOM, provenance or other attestation",
        "%(prog)s ghcr.io/acme/web:2.1 --type spdx > sbom.json",
        "attestation",
        _ONE_IMAGE,
    ),
    "manifest": Command(
        "print an image's manifest, byte for byte",
        "%(prog)s redis:7.4-alpine --platform linux/arm64 | sha256sum",
        "manifest",
        _ONE_IMAGE,
    ),
    "config": Command(
        "print an image's config, byte for byte",
        "%(prog)s redis:7.4-alpine | jq .config.Env",
        "config",
        _ONE_IMAGE,
    ),
    "layer": Command(
        "fetch one layer of an image, verified",
        "%(prog)s redis:7.4-alpine 1 --decompress | tar -t",
        "layer",
        _ONE_IMAGE,
    ),
    "image": Command(
        "fetch an image as a tar for docker and podman, or a directory",
        "%(prog)s redis:7.4-alpine -o - | podman load",
        "image",
        _ONE_IMAGE,
    ),
    "nix": Command(
        "print a Nix expression that fetches an image, with every hash",
        "%(prog)s redis:7.4-alpine > redis.nix    # pkgs.callPackage ./redis.nix { }",
        "nix",
        _ONE_IMAGE,
    ),
    "import": Command(
        "make an images.toml out of Nix, compose and other files",
        "%(prog)s *.nix compose.json > images.toml",
        "import_images",
        _MORE,
    ),
    "completion": Command(
        "print a script that completes this command in a shell",
        "source <(%(prog)s bash)",
        "completion",
        _MORE,
    ),
    "help": Command(
        "describe the program, or one command",
        "%(prog)s update",
        "help_page",
        _MORE,
    ),
    "fetch-blob": Command(
        "fetch one blob by its digest; the Nix builder runs this",
        "%(prog)s docker.io/library/redis sha256:… -o layer.tar.gz",
        "fetch_blob",
        _MORE,
    ),
    "erofs-tar": Command(
        "write a layer as mkfs.erofs takes it; the Nix builder runs this",
        "%(prog)s layer.tar.gz facts.json | mkfs.erofs --tar=f layer.erofs",
        "erofs_tar",
        _MORE,
        is_hidden=True,
    ),
    "image-store": Command(
        "write a store of images for podman; the Nix builder runs this",
        "%(prog)s images.json store",
        "image_store",
        _MORE,
        is_hidden=True,
    ),
    "image-names": Command(
        "print the names in images.toml that complete a command line",
        "%(prog)s 'nixfetch-docker show --file hosts/web/images.toml '",
        "image_names",
        _MORE,
        is_hidden=True,
    ),
}


def listed() -> list[str]:
    """The names of the commands that `--help` lists."""
    return [name for name, command in COMMANDS.items() if not command.is_hidden]
