/**
  A configuration of nix/home/module.nix with nixpkgs' own module system. What else of Home Manager
  the module touches is declared here, with Home Manager's meaning.

  Type: { lib, module } -> { config, failed }
*/
{
  # Where nixpkgs' lib is: NIXPKGS_LIB.
  lib,
  # The configuration to evaluate.
  module,
}:

let
  nixpkgs = import (lib + "/lib");
  inherit (nixpkgs) mkOption types;
  option = type: default: mkOption { inherit type default; };

  inherit
    (nixpkgs.evalModules {
      modules = [
        {
          options = {
            assertions = option (types.listOf types.unspecified) [ ];
            warnings = option (types.listOf types.str) [ ];
            home.username = option types.str "ann";
            home.packages = option (types.listOf types.unspecified) [ ];
            home.profileDirectory = option types.str "/home/ann/.nix-profile";
            systemd.user.services = option (types.attrsOf types.unspecified) { };
          };
          config._module.args.pkgs = import ./host-nixpkgs.nix { };
        }
        ../../nix/home/module.nix
        module
      ];
    })
    config
    ;
in
{
  inherit config;
  failed = map (one: one.message) (builtins.filter (one: !one.assertion) config.assertions);
}
