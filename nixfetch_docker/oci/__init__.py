"""The values of the OCI specs, without I/O: they parse themselves and are immutable.

- `digest`, `reference`, `platform`: how content, images and platforms are named.
- `blob`, `descriptor`, `media_types`: what a manifest says of other content.
- `manifest`, `image`: manifests, indexes, and one image for one platform.
- `config`, `labels`: an image's config, and the origin that its labels give.
- `document`: reading the JSON of a registry.

Every room above may use it; it uses base/ and errors.
"""
