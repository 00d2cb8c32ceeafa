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
  strict = import ../lib/strict.nix { inherit lib; };
  checkRegistries = import ../lib/registries.nix { inherit lib; } "fetchDockerBlob: registries";
  checkRepository = import ../lib/repository.nix { inherit lib; } "fetchDockerBlob: repository";
  blobsOf = import ../lib/blob.nix {
    inherit
      lib
      stdenv
      buildPackages
      nixfetch-docker
      ;
  };
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

  blobsOf {
    repository = checkRepository repository;
    registries = checkRegistries registries;
  } isManifest blob
)
