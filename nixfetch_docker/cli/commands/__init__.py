"""The commands, one a module.

Each has `HELP`, `EXAMPLE`, `configure(parser)` and `run(arguments)`, which returns the exit status.
They import what they need when they run, so that the others start without it.
"""

from . import config, digest, image, import_images, inspect, layer, manifest, nix, tags

# Those that are not about images.toml and its lock, by their names, in the order of the help.
SUITE = {
    "digest": digest,
    "tags": tags,
    "inspect": inspect,
    "manifest": manifest,
    "config": config,
    "layer": layer,
    "image": image,
    "nix": nix,
    "import": import_images,
}
