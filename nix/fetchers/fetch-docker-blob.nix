/**
  Fetch one blob, or one manifest, of a registry as a fixed-output derivation.

  The store path depends on the digest alone: not on the repository, the registry or the
  version of nixfetch-docker. So a layer that fifty images share is fetched and kept once.

  Type: { repository, blob, isManifest ? false, registries ? { } } -> derivation
*/
{
  lib,
  stdenv,
  buildPackages,
}:

{
  # Where the blob is, with the registry: "docker.io/library/redis".
  repository,
  # The digest in hexadecimal and the size in bytes: { sha256 = "…"; size = 1572; }.
  # In place of sha256 there may be sha512; without a size, the digest alone tells the end.
  blob,
  # Whether the digest is a manifest's, which a registry keeps apart from its blobs.
  isManifest ? false,
  # How to reach registries, as in the [registries] of images.toml.
  registries ? { },
}:

let
  algorithm = if blob ? sha512 then "sha512" else "sha256";
  hex = blob.${algorithm};
in
# Bare, not by stdenv: the builder is the command itself, which needs no shell and no phases.
derivation (
  {
    name = "${algorithm}-${hex}";
    inherit (stdenv.buildPlatform) system;

    builder = "${buildPackages.nixfetch-docker}/bin/nixfetch-docker";
    args = [
      "fetch-blob"
      repository
      "${algorithm}:${hex}"
      "--output"
      (placeholder "out")
      "--registries"
      (builtins.toJSON registries)
      "--ca-file"
      "${buildPackages.cacert}/etc/ssl/certs/ca-bundle.crt"
    ]
    ++ lib.optionals (blob ? size) [
      "--size"
      (toString blob.size)
    ]
    ++ lib.optional isManifest "--manifest";

    outputHashMode = "flat";
    outputHashAlgo = algorithm;
    outputHash = hex;

    impureEnvVars = lib.unique (
      lib.fetchers.proxyImpureEnvVars
      ++ [
        "NIX_SSL_CERT_FILE"
        # Names a file of logins, where the sandbox holds one at another path than usual.
        "NIXFETCH_DOCKER_AUTH_FILE"
      ]
    );
    preferLocalBuild = true;

    # A layer made by Nix holds the text of store paths, some of which may be inputs of this very
    # build. They are no references of ours, and with them Nix would refuse the output.
    __structuredAttrs = true;
  }
  # Before 2.18 it is an experimental feature, and the attribute alone fails every build of 2.14 to 2.17.
  // lib.optionalAttrs (lib.versionAtLeast builtins.nixVersion "2.18") {
    unsafeDiscardReferences.out = true;
  }
)
