"""Images in files: reading them, and writing them for container engines.

It reads OCI image layouts and docker-archives. It writes a directory or a tar that is both at once,
with blobs that it fetches through `registry`.

Face: `local_reference`, `reader` and `local_image` for images that are read; `writer`, `sinks` and
`decompress` for those that are written. The rooms `lockfile`, `nix`, `imports` and `cli` may import
it.
"""
