"""An images.toml made from the files that named images before it.

Those are compose files and Nix files: `pullImage`, the output of `nix-prefetch-docker`,
`virtualisation.oci-containers`, expressions of docker2nix. A `FoundImage` is one image in them.

Face: `projects` reads files into the images of `found`, with the `surroundings` of compose files;
`pins` looks up digests at a registry, `images_toml` writes the result. Only `cli` may import this
room.
"""
