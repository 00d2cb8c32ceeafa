/**
  The command and the functions of the overlay, made of a package set, and a `callPackage` that knows
  them. Their derivations are those that the overlay makes; but `pkgs.extend` would evaluate the whole
  set again. A set that has the overlay already is returned as it is.

  Type: package set -> attrs
*/
pkgs:

let
  own = import ../../overlays {
    inherit callPackage;
    buildPackages = import ./scope.nix pkgs.buildPackages;
  } pkgs;
  callPackage = pkgs.newScope own;
in
if pkgs ? fetchDockerImages then pkgs else own // { inherit callPackage; }
