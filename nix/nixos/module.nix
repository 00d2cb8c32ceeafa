# The NixOS module: containers of `virtualisation.oci-containers` that start from the lock and never
# pull. What it declares stands in options.nix, what it defines in configuration.nix.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (import ./locked-images.nix { inherit config lib pkgs; })
    namedImage
    packages
    sources
    ;
  mounted = import ./mounted.nix { inherit config lib packages; };
in
{
  options.virtualisation = import ./options.nix {
    inherit
      lib
      mounted
      namedImage
      sources
      ;
  };

  config = import ./configuration.nix {
    inherit
      config
      lib
      mounted
      namedImage
      packages
      pkgs
      sources
      ;
  };
}
