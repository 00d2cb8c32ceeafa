"""An images.toml made from the files that named images before it.

Those are compose files; Nix files, with containers of NixOS, Home Manager, quadlet-nix and arion,
`pullImage`, or expressions of docker2nix; files of quadlet, of Kubernetes and of Nomad; and JSON of
`nix eval`, nix-prefetch-docker, npins and nvfetcher. A `FoundImage` is one image in them. What a
file computes is told, with its line.

`projects` reads files, of which `document` finds the images of one: by `compose/`, `nix_files/`
(with `nix_language/`), `nix_tools/` and `orchestrators/`. All of them make what `found/` has.

Face: `projects` reads files into the images of `found.image`, with the `compose.surroundings` of
compose files; `pins` looks up digests at a registry, or `unpinned` drops them, and `images_toml`
writes the result; `comparison` has what images.toml has otherwise, by the rules of `sameness`. Only
`cli` may import this room.
"""
