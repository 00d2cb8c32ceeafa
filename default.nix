/**
  The project without flakes: the overlay, the NixOS module, the command and the functions.

      nix-build -A package
      imports = [ (import /path/to/nixfetch-docker { }).nixosModules.default ];

  The overlay and the module do not evaluate `pkgs`.

  Type: { pkgs ? import <nixpkgs> { } } -> attrs
*/
{
  # The package set that the command and the functions are made of.
  pkgs ? import <nixpkgs> { },
}:

let
  packages = import ./nix/lib/scope.nix pkgs;
in
{
  overlays.default = import ./overlays;

  # The command.
  package = packages.nixfetch-docker;

  # By its path, so that a module that is imported twice counts once.
  nixosModules.default.imports = [ ./nix/nixos/module.nix ];

  inherit (packages)
    fetchDocker
    fetchDockerBlob
    fetchDockerConfig
    fetchDockerImages
    fetchDockerLayer
    fetchdocker
    nixfetch-docker
    ;
}
