/**
  Fetch an image's config, by the arguments that nixpkgs' function of this name had: for
  expressions that docker2nix wrote. New ones are better written with `fetchDockerImages`.

  The sha256 is the config's digest, and it alone says what is fetched, whatever the tag means now.
  The store path is the same as in an image that is locked.

  Type: { tag ? null, registry ? …, repository ? "library", imageName, sha256 } -> derivation
*/
{ lib, fetchDockerBlob }:

let
  parseRegistry = import ./registry-url.nix;
  sha256ToHex = import ./sha256-to-hex.nix { inherit lib; };
in

{
  # The tag that the config was once found by; not used.
  tag ? null,
  # http:// where the registry speaks plain HTTP.
  registry ? "https://registry-1.docker.io/v2/",
  repository ? "library",
  imageName,
  # In any form that Nix takes.
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
