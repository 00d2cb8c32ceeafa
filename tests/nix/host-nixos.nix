/**
  nixpkgs' `nixos`, without nixpkgs' modules: the modules are called with the arguments that the module
  system would give them, and their definitions read as they stand. Whether nixpkgs takes them is for
  nixos.nix to show, with nixpkgs' own sources.

  nixos/default.nix, lib/modules.nix

  Type: package set -> module -> { config, failed }
*/
pkgs: configuration:

let
  inherit (pkgs) lib;

  merge =
    one: other:
    if builtins.isAttrs one && builtins.isAttrs other && !(one ? outPath || other ? outPath) then
      one
      // builtins.mapAttrs (name: value: if one ? ${name} then merge one.${name} value else value) other
    else
      other;

  # What the module system does with these, where each value is defined once, or once more by force
  # in a module that comes later.
  moduleLib = lib // {
    mkOption = option: option;
    mkEnableOption = _text: { default = false; };
    mkIf = condition: definitions: if condition then definitions else { };
    mkMerge = builtins.foldl' merge { };
    mkBefore = definition: definition;
    mkForce = definition: definition;
    literalExpression = text: text;
    types = {
      inherit (builtins) path;
      addCheck = type: _check: type;
      attrsOf = element: { inherit element; };
      bool = { };
      either = _one: _other: { };
      enum = _values: { };
      lazyAttrsOf = element: { inherit element; };
      listOf = element: { inherit element; };
      nullOr = element: { inherit element; };
      package = { };
      str = { };
      submodule = module: { inherit module; };
    };
  };

  modulesOf =
    module:
    let
      read = if builtins.isFunction module then module else import module;
      found =
        if builtins.isAttrs module then
          module
        else if builtins.isAttrs read then
          read
        else
          read {
            inherit config pkgs;
            lib = moduleLib;
          };
    in
    builtins.concatMap modulesOf (found.imports or [ ]) ++ [ found ];
  modules = modulesOf configuration;

  merged = builtins.foldl' merge { };
  declaring = builtins.filter (module: module ? options) modules;
  options = merged (map (module: module.options) declaring);

  # A module that declares options reads what the others define. So its own definitions come last.
  given = merged (
    map (module: removeAttrs module [ "imports" ]) (
      builtins.filter (module: !module ? options) modules
    )
  );

  # The definitions, and the defaults of those options that have none.
  filled =
    declared: defined:
    builtins.mapAttrs (
      name: option:
      if option ? default || option ? type then
        defined.${name} or option.default or { }
      else
        filled option (defined.${name} or { })
    ) declared
    // removeAttrs defined (builtins.attrNames declared);

  container =
    name: given:
    let
      set = {
        locked = null;
        imageFile = null;
        imageStream = null;
      }
      // given;
      defined = options.virtualisation.oci-containers.containers.type.element.module {
        inherit name;
        config = set;
        options.pull = { };
      };
    in
    set // defined.config;

  all = filled options given;
  config = all // {
    virtualisation = all.virtualisation // {
      oci-containers = {
        backend = "podman";
      }
      // all.virtualisation.oci-containers
      // {
        containers = builtins.mapAttrs container (given.virtualisation.oci-containers.containers or { });
      };
      podman.package = "/usr";
      docker.package = "/usr";
    };
  };
  defined = merged (map (module: module.config) declaring);
  final = merge config defined;

  # nixos/modules/system/activation/top-level.nix
  failed =
    map (one: one.message) (builtins.filter (one: !one.assertion) defined.assertions)
    ++ others;
  # nixos/modules/tasks/filesystems.nix, nixos/modules/misc/version.nix: what every machine has to say.
  others = lib.optional (
    !(given.boot.isContainer or false || given ? fileSystems)
  ) "The ‘fileSystems’ option does not specify your root file system.";
  warned =
    value:
    if given ? system.stateVersion then
      value
    else
      builtins.trace "evaluation warning: system.stateVersion is not set" value;
in
{
  failed = map (one: one.message) (builtins.filter (one: !one.assertion) defined.assertions);
  config = final // {
    system = given.system or { } // {
      build.toplevel =
        if failed != [ ] then
          throw "\nFailed assertions:\n${lib.concatStringsSep "\n" (map (one: "- ${one}") failed)}"
        else
          warned (
            pkgs.runCommand "nixos-system" { units = builtins.toJSON final.systemd.services; } "echo > $out"
          );
    };
  };
}
