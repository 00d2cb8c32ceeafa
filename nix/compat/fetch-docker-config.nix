/**
  Fetch the config of an image, with the arguments that nixpkgs' function of this name had: for
  expressions that docker2nix wrote. In new expressions, prefer `fetchDockerImages`.

  The config is found by its digest, which is `sha256`, whatever the tag points at now. The
  store path is the same as in an image that is locked.

  Type: { tag ? null, registry ? …, repository ? "library", imageName, sha256 } -> derivation
*/
{ lib, fetchDockerBlob }:

let
  strict = import ../lib/strict.nix { inherit lib; };
  parseRegistry = import ./registry-url.nix { inherit lib; };
  sha256ToHex = import ./sha256-to-hex.nix { inherit lib; };
in

strict "fetchDockerConfig" (
  {
    # The tag that the config was found by when the expression was written. It is not used.
    tag ? null,
    # The URL of the registry, with http:// where it speaks plain HTTP.
    registry ? "https://registry-1.docker.io/v2/",
    # The part of the image's name before imageName.
    repository ? "library",
    # The last part of the image's name.
    imageName,
    # The digest of the config, in any form that Nix takes.
    sha256,
  }:

  let
    source = parseRegistry registry;
  in
  fetchDockerBlob {
    repository = "${source.host}/${repository}/${imageName}";
    blob.sha256 = sha256ToHex sha256;
    inherit (source) registries;
  }
)
