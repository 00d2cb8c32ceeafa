/**
  Fetch one layer, with the arguments that nixpkgs' function of this name had: for expressions that
  docker2nix wrote. In new expressions, prefer `fetchDockerImages`.

  The store path is the same as in an image that is locked.

  Type: { registry ? …, repository ? "library", imageName, layerDigest, sha256 ? … } -> derivation
*/
{ lib, fetchDockerBlob }:

let
  strict = import ../lib/strict.nix { inherit lib; };
  parseRegistry = import ./registry-url.nix { inherit lib; };
  sha256ToHex = import ./sha256-to-hex.nix { inherit lib; };
in

strict "fetchDockerLayer" (
  {
    # The URL of the registry, with http:// where it speaks plain HTTP.
    registry ? "https://registry-1.docker.io/v2/",
    # The part of the image's name before imageName.
    repository ? "library",
    # The last part of the image's name.
    imageName,
    # The digest of the layer, in hexadecimal, with or without "sha256:".
    layerDigest,
    # The same digest, in any form that Nix takes.
    sha256 ? layerDigest,
  }:

  let
    source = parseRegistry registry;
    hex = sha256ToHex layerDigest;
  in
  if sha256ToHex sha256 != hex then
    throw "the layer of ${imageName} has the layerDigest ${hex} and another sha256, ${sha256ToHex sha256}; both are the hash of the same bytes: remove the sha256"
  else
    fetchDockerBlob {
      repository = "${source.host}/${repository}/${imageName}";
      blob.sha256 = hex;
      inherit (source) registries;
    }
)
