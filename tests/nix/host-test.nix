/**
  nixpkgs' `testers.runNixOSTest`, as far as evaluation goes: no machine boots. The machines are those of
  `pkgs.nixos`, and what the test asks of the driver is a text.

  nixos/lib/testing/default.nix, pkgs/build-support/testers/default.nix

  Type: package set -> module -> derivation with nodes, script, meta
*/
pkgs: test:

let
  inherit (pkgs) lib;

  # The options of nixos/lib/testing that tests of a module set. The module system refuses others.
  known = [
    "defaults"
    "imports"
    "meta"
    "name"
    "nodes"
    "testScript"
  ];

  modulesOf =
    module:
    let
      read = if builtins.isAttrs module || builtins.isFunction module then module else import module;
      found =
        if builtins.isFunction read then
          read {
            inherit lib;
            hostPkgs = pkgs;
          }
        else
          read;
      unknown = lib.attrNames (removeAttrs found known);
    in
    if unknown != [ ] then
      throw "The option `${lib.head unknown}' does not exist."
    else
      builtins.concatMap modulesOf (found.imports or [ ]) ++ [ found ];

  found = builtins.foldl' (one: other: one // other) { } (modulesOf test);

  nodes = lib.mapAttrs (
    name: node:
    let
      machine = pkgs.nixos {
        imports = [ node ] ++ found.defaults.imports or [ ];
      };
    in
    # Of nixos.nix it is `config` that fails.
    if machine.failed or [ ] == [ ] then
      machine.config
    else
      throw "\nFailed assertions of ${name}:\n${lib.concatStringsSep "\n" machine.failed}"
  ) found.nodes;

  script =
    if builtins.isFunction found.testScript then
      found.testScript { inherit nodes; }
    else
      found.testScript;
in
pkgs.writeTextFile {
  name = "vm-test-run-${found.name}";
  text = script;
  inherit (found) meta;
  passthru = { inherit nodes script; };
}
