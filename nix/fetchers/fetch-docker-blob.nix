/**
  Fetch one blob, or one manifest, of a registry as a fixed-output derivation.

  The store path depends on the digest alone, and not on the repository, the registry or the version of
  nixfetch-docker. So a layer that fifty images share is fetched and stored once.

  Type: { repository, blob, isManifest ? false, registries ? { } } -> derivation
*/
{
  lib,
  stdenv,
  buildPackages,
  # The command, for the system that builds.
  nixfetch-docker,
}:

let
  only = import ../lib/only.nix { inherit lib; };
  strict = import ../lib/strict.nix { inherit lib; };
  text = import ../lib/text.nix { inherit lib; };
  checkRegistries = import ../lib/registries.nix { inherit lib; } "fetchDockerBlob: registries";
  checkRepository = import ../lib/repository.nix { inherit lib; };

  # Whether settings need no check but the builder's. The whole check costs as much as all else here,
  # and there are thousands of blobs.
  isPlain =
    registries:
    builtins.isAttrs registries
    && builtins.all (
      settings:
      builtins.isAttrs settings
      && removeAttrs settings [
        "plain-http"
        "mirrors"
        "ca-file"
      ] == { }
    ) (lib.attrValues registries)
    && !text.hasLogin (builtins.toJSON registries);

  checkBlob = only "fetchDockerBlob: blob" "key" [
    "sha256"
    "sha512"
    "size"
    # Only manifests have one, for the index of an image.
    "media-type"
  ];
in

strict "fetchDockerBlob" (
  {
    # Where the blob is, with the registry: "docker.io/library/redis".
    repository,
    # The digest in hexadecimal and the size in bytes: { sha256 = "…"; size = 1572; }.
    # There may be sha512 in place of sha256. The size may be missing: then only the digest is verified.
    blob,
    # Whether the digest is that of a manifest, which registries serve at another URL than blobs.
    isManifest ? false,
    # How to reach registries, as in the [registries] of images.toml.
    registries ? { },
  }:

  let
    algorithm = if blob ? sha512 then "sha512" else "sha256";
    hex = (checkBlob blob).${algorithm};
  in
  # By `derivation` and not by stdenv: the builder is the command itself, which needs no shell.
  derivation (
    {
      name = "${algorithm}-${hex}";
      inherit (stdenv.buildPlatform) system;

      builder = "${nixfetch-docker}/bin/nixfetch-docker";
      args = [
        "fetch-blob"
        (checkRepository "fetchDockerBlob: repository" repository)
        "${algorithm}:${hex}"
        "--output"
        (placeholder "out")
        "--registries"
        (builtins.toJSON (if isPlain registries then registries else checkRegistries registries))
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
          # The path of a file of logins in the sandbox, where it is not the usual one.
          "NIXFETCH_DOCKER_AUTH_FILE"
        ]
      );
      preferLocalBuild = true;

      # A layer that Nix made contains the text of store paths, perhaps of inputs of this build. Nix takes
      # them for references and refuses the output, unless it discards references.
      __structuredAttrs = true;
    }
    # Before Nix 2.18 this is an experimental feature, and from 2.14 on the attribute alone makes every
    # build fail.
    // lib.optionalAttrs (lib.versionAtLeast builtins.nixVersion "2.18") {
      unsafeDiscardReferences.out = true;
    }
  )
)
