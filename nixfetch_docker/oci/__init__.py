"""The values of the OCI specs, without I/O: they parse themselves and are immutable.

- `digest`, `reference`, `platform`: how content, images and platforms are named.
- `platform_names`: Go's names of systems and CPUs, and others that people write.
- `blob`, `descriptor`, `media_types`: how a manifest refers to other content.
- `manifest`, `image`, `artifact`: manifests, indexes, and one image for one platform.
- `config`, `labels`: an image's config, and the origin that its labels give.
- `document`: reading the JSON documents of a registry.

Every room but base/, versions/ and errors may import it; it imports base/ and errors.
"""
