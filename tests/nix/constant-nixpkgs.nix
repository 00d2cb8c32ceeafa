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
    callPackage =
      file: arguments:
      let
        function = import file;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) self // arguments);

    runCommand = name: attributes: buildCommand: derive name (attributes // { inherit buildCommand; });
    writeText = name: text: derive name { inherit text; };
    writeShellScript = name: text: derive name { script = text; };
    linkFarm = name: entries: derive name { links = builtins.toJSON entries; };

    gnutar = derive "gnutar" { };
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
