"""Files of programs around Nix.

`evaluated` is what `nix eval --json` prints, `prefetched` what nix-prefetch-docker prints, and
`pins` has the files of npins and nvfetcher.
"""
