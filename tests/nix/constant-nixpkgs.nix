/**
  A package set whose builders are constants, so that the store paths of what the overlay makes with
  it are the same on every machine, whatever its tools are. Nothing in it can be built.

  Type: { system ? "x86_64-linux" } -> package set
*/
{
  system ? "x86_64-linux",
}:

let
  lib = import ./host-lib.nix;

  derive =
    name: attributes:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
      }
      // attributes
    );

  base = self: {
    inherit lib;

    stdenv = {
      hostPlatform = { inherit system; };
      buildPlatform = { inherit system; };
    };
    buildPackages = self;
    newScope = extra: lib.callPackageWith (self // extra);
    callPackage = self.newScope { };

    runCommand =
      name: attributes: buildCommand:
      derive name (removeAttrs attributes [ "passthru" ] // { inherit buildCommand; })
      // attributes.passthru or { };
    writeTextFile = { name, ... }@attributes: derive name (removeAttrs attributes [ "name" ]);

    runtimeShell = "/bin/sh";
    erofs-utils = derive "erofs-utils" { };
    gnutar = derive "gnutar" { };
    util-linux = derive "util-linux" { };
    cacert = derive "cacert" { };
  };

  extend =
    overlay:
    let
      previous = base final;
      # The command is a constant too: the store path of an image does not depend on it.
      constants = {
        nixfetch-docker = derive "nixfetch-docker" { };
      };
      final = previous // overlay final previous // constants;
    in
    final;
in
{
  inherit extend;
}
