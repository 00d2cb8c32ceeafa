"""What is found: images, and the errors about those that cannot be imported.

`image` has both. `podman_name` reads names as podman takes them, and `pull_image` the arguments of
nixpkgs' `pullImage`. What may be an image is `likely`, or started by `commands`; `objects` has the
parts of a document.
"""
