"""Files of programs around Nix.

`evaluated` is what `nix eval --json` prints, and `prefetched` what nix-prefetch-docker prints;
`npins` and `nvfetcher` have their files, with a `pin` for each image.
"""
