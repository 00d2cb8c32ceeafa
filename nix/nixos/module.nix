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

  namedImage = import ./named-image.nix {
    inherit lib;
    inherit (config.virtualisation) dockerImages;
  };
in
{
  options.virtualisation = import ./options.nix {
    inherit
      config
      lib
      namedImage
      packages
      ;
  };

  config = import ./configuration.nix {
    inherit
      config
      lib
      namedImage
      packages
      ;
  };
}
