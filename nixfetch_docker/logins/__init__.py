"""Logins for registries, as docker and podman keep them, or as given on the command line.

It reads files and asks credential helpers. It writes nothing, and shows no secret. Its face:

- `login`: a user name with a password, or a token; and the texts that it is read from.
- `credentials`: the login for a repository, by the files and helpers of docker and podman.
- `late`: the same logins, looked for once a registry asks for one.
- `sandbox`: the auth files in Nix's build sandbox, and the hint for a build that was denied.

Inside, `auth_file` reads the format of auth files, and `helper` runs a credential helper.

The rooms registry/ and cli/ use it; it uses oci/, base/ and errors.
"""
