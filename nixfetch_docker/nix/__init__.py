"""Nix: its store, prefetches into it, and texts in its language.

Its face: `prefetch`, `fetch_progress` and `wanted` (locked images into a store), `deposit` (small
blobs that a run has read), `stored_blob` (one that the store has), `download_directory`, `store`,
`expression` (Nix code for an image) and `base32`. Only `program` runs Nix, and `depositor`, behind
the end of a run. The rooms `imports` and `cli` may import this one; it may import `lockfile` and
the rooms below that.
"""
