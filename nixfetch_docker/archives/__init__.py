"""Images in files: reading them, and writing them for container engines.

Read are OCI image layouts and docker-archives; written is a directory or a tar that is both at
once. Blobs come from a registry, so this room fetches through `registry`.

Face: `local_reference`, `reader`, `writer`, `sinks`, `decompress`. `lockfile` and `cli` may import
them, and `nix` and `imports` may too.
"""
