"""The endpoints of registries, and the certificates and proxies on the way to them.

It reads configuration and opens no connection. Its face:

- `configuration`: the endpoints of an image, and the certificates for a host, by all configuration.
- `endpoint`: a URL and a repository under which an image is asked for.
- `settings`: the table `[registries]` of images.toml.
- `registry_url`: texts that name a registry.
- `tls`: certificates as an OpenSSL context.
- `proxy`: the proxy for a request, by the environment.

Inside, `certs_d` and `registries_conf` (with `registry_rule` and `location`) read the files of
podman and docker.

The rooms registry/, lockfile/, nix/, imports/ and cli/ use it; it uses oci/, base/ and errors.
"""
