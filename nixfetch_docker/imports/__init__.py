"""An images.toml made from the files that named images before it.

Those are compose files; Nix files, with containers of NixOS, Home Manager, quadlet-nix and arion,
`pullImage`, or expressions of docker2nix; files of quadlet, and JSON of `nix eval`,
nix-prefetch-docker, npins and nvfetcher. A `FoundImage` is one image in them. What a file computes
is told, with its line.

Face: `projects` reads files into the images of `found`, with the `surroundings` of compose files;
`pins` looks up digests at a registry, `images_toml` writes the result. Only `cli` may import this
room.
"""
