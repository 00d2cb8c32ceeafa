/**
  The checks of the flake. They need no registry: images are evaluated and not fetched.

  Type: { pkgs } -> { <name> = derivation; }
*/
{
  # The package set, with the overlay.
  pkgs,
}:

let
  inherit (pkgs) lib;

  # Images with made-up digests, which no registry has.
  file = ../tests/nix/locked/images.toml;

  # A file with a value. Without the context of the value, so that nothing in it is built.
  evaluated =
    name: value: pkgs.writeText name (builtins.unsafeDiscardStringContext (builtins.toJSON value));
in
{
  inherit (pkgs) nixfetch-docker;

  # The images of a lock.
  images =
    let
      locked = pkgs.fetchDockerImages {
        inherit file;
        platform = "linux/amd64";
      };
      pathsOf = image: [
        image.outPath
        image.archive.outPath
        image.stream.outPath
      ];
    in
    evaluated "images" (lib.mapAttrs (_name: pathsOf) locked);
}
// lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
  # The template's container on a NixOS machine: the command that loads its image.
  template =
    let
      machine =
        { lib, ... }:
        {
          imports = [
            ./nixos/module.nix
            ../templates/default/containers.nix
          ];
          virtualisation.dockerImages.file = lib.mkForce file;
          system.stateVersion = "25.05";
        };
    in
    evaluated "template" (
      (pkgs.nixos machine).config.systemd.services.podman-redis.serviceConfig.ExecStartPre
    );
}
