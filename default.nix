/**
  The project without flakes: the overlay, the modules for NixOS and Home Manager, the command and the functions.

      nix-build -A package
      imports = [ (import /path/to/nixfetch-docker { }).nixosModules.default ];

  The overlay and the modules do not evaluate `pkgs`.

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

  # By their paths, so that a module that is imported twice counts once.
  nixosModules = rec {
    nixfetch-docker.imports = [ ./nix/nixos/module.nix ];
    default = nixfetch-docker;
    quadlet.imports = [ ./nix/nixos/quadlet.nix ];
  };
  homeModules = rec {
    nixfetch-docker.imports = [ ./nix/home/module.nix ];
    default = nixfetch-docker;
    quadlet.imports = [ ./nix/home/quadlet.nix ];
  };

  inherit (packages)
    dockerImageStore
    fetchDocker
    fetchDockerBlob
    fetchDockerConfig
    fetchDockerImages
    fetchDockerLayer
    fetchdocker
    nixfetch-docker
    ;
}
