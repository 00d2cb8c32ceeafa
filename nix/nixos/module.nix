# The NixOS module: containers of `virtualisation.oci-containers` that start from the lock and never
# pull. What it declares stands in options.nix, what it defines in configuration.nix.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  # The overlay's functions, also on a machine whose pkgs have no overlay.
  packages = import ../lib/scope.nix pkgs;

  sources = import ./sources.nix {
    inherit lib;
    inherit (packages) fetchDockerImages;
    inherit (config.virtualisation) dockerImages;
  };
  namedImage = import ./named-image.nix { inherit lib sources; };
in
{
  options.virtualisation = import ./options.nix {
    inherit
      lib
      namedImage
      sources
      ;
  };

  config = import ./configuration.nix {
    inherit
      config
      lib
      namedImage
      packages
      pkgs
      sources
      ;
  };
}
