/**
  What each module of ours begins with: the overlay's functions, also where pkgs have no overlay; the
  images that `virtualisation.dockerImages` names; and the image that an option names among these.

  Type: { config, lib, pkgs } -> { packages, sources, namedImage }
*/
{
  # The configuration of the machine, or of the user.
  config,
  lib,
  pkgs,
}:

let
  packages = import ../lib/scope.nix pkgs;
  sources = import ./sources.nix {
    inherit lib;
    inherit (packages) fetchDockerImages;
    inherit (config.virtualisation) dockerImages;
  };
in
{
  inherit packages sources;
  namedImage = import ./named-image.nix { inherit lib sources; };
}
