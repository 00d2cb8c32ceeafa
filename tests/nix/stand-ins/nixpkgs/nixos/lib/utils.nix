/**
  The parts of nixpkgs' nixos/lib/utils.nix that quadlet-nix uses.

  nixos/lib/systemd-lib.nix, nixos/lib/systemd-unit-options.nix

  Type: { lib, config, pkgs } -> attrs
*/
{ lib, ... }:

let
  toOption =
    value:
    if value == true then
      "true"
    else if value == false then
      "false"
    else
      toString value;
in
{
  systemdUtils = {
    lib = {
      inherit toOption;
      attrsToSection =
        settings:
        lib.concatStrings (
          lib.concatLists (
            lib.mapAttrsToList (
              name: value: map (one: "${name}=${toOption one}\n") (lib.toList value)
            ) settings
          )
        );
    };

    # Definitions are all lists, whose elements are a line each, or none is.
    unitOptions.unitOption = lib.mkOptionType {
      name = "systemd option";
      merge =
        location: definitions:
        let
          counting = lib.filterOverrides definitions;
          lists = lib.filter (one: lib.isList one.value) counting;
        in
        if lists == [ ] then
          lib.mergeEqualOption location counting
        else if lists == counting then
          lib.concatMap (one: one.value) counting
        else
          throw "The definitions for the option ${lib.showOption location} are a mix of list and non-list";
    };
  };
}
