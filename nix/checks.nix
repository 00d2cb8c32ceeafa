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

  # Whether they are locked for machines like this one.
  isLocked = lib.elem pkgs.stdenv.hostPlatform.system [
    "aarch64-linux"
    "x86_64-linux"
  ];

  # A file with a value. Without the context of the value, so that nothing in it is built.
  evaluated =
    name: value: pkgs.writeText name (builtins.unsafeDiscardStringContext (builtins.toJSON value));
in
{
  inherit (pkgs) nixfetch-docker;

  # The command once more, with its unit tests.
  unit-tests = pkgs.nixfetch-docker.tests.unit;

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
// lib.optionalAttrs isLocked {
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
          system.stateVersion = "25.11";
        };
    in
    evaluated "template" (
      (pkgs.nixos machine).config.systemd.services.podman-redis.serviceConfig.ExecStartPre
    );
}
