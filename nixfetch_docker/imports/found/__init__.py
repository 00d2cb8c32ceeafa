"""What is found: images, and the errors about those that cannot be imported.

`image` has both. `podman_name` reads names as podman takes them, and `pull_image` the arguments of
nixpkgs' `pullImage`. `candidates` are texts that may be images, `commands` start some, and
`objects` has the parts of a document.
"""
