/**
  What nix/home/module.nix defines, without nixpkgs: see host-nixos.nix.

  Type: { module } -> { config, failed }
*/
{
  # The configuration to evaluate.
  module,
}:

import ./host-nixos.nix (import ./host-nixpkgs.nix { }) {
  imports = [
    ../../nix/home/module.nix
    {
      home.profileDirectory = "/home/ann/.nix-profile";
      home.username = "ann";
    }
    module
  ];
}
