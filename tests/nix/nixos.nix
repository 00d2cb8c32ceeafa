/**
  A NixOS configuration of this project's module and nixpkgs' own oci-containers.nix, with the real
  module system, as far as the sources at hand go: what else of NixOS the two touch is declared
  here, with nixpkgs' meaning.

  Type: { lib, oci-containers, module } -> { config, … }
*/
{
  # Where nixpkgs' lib is: NIXPKGS_LIB.
  lib,
  # Where nixos/modules/virtualisation/oci-containers.nix is: OCI_CONTAINERS.
  oci-containers,
  # The configuration to evaluate.
  module,
  # Whether the person has added the overlay.
  overlay ? false,
}:

let
  nixpkgs = import (lib + "/lib");
  inherit (nixpkgs) mkOption types;

  host = if overlay then import ./host-pkgs.nix else import ./host-nixpkgs.nix { };
  pkgs = host // {
    writeShellApplication =
      { name, text, ... }:
      host.runCommand name { script = host.writeShellScript name "set -euo pipefail\n${text}"; } ''
        mkdir -p $out/bin
        ln -s $script $out/bin/${name}
      '';
  };

  # nixos/lib/utils.nix: lists are repeatable settings.
  unitOption = nixpkgs.mkOptionType {
    name = "systemd option";
    merge =
      location: definitions:
      if nixpkgs.isList (nixpkgs.head definitions).value then
        nixpkgs.concatMap (definition: definition.value) definitions
      else
        nixpkgs.mergeEqualOption location definitions;
  };

  option =
    type: default:
    mkOption {
      inherit type default;
    };
  list = option (types.listOf types.unspecified) [ ];
  settings = option (types.attrsOf unitOption) { };
  text = option types.lines "";

  # pkgs/pkgs-lib/formats.nix
  toml = types.nullOr (
    types.oneOf (
      with types;
      [
        bool
        int
        float
        str
        path
        (attrsOf toml)
        (listOf toml)
      ]
    )
  );

  engine.options = {
    enable = option types.bool false;
    package = option types.unspecified "/usr";
  };

  service.options = {
    wants = list;
    after = list;
    requires = list;
    wantedBy = list;
    path = list;
    description = option types.str "";
    environment = settings;
    unitConfig = settings;
    serviceConfig = settings;
    script = text;
    preStop = text;
    postStop = text;
  };

  user =
    { name, ... }:
    {
      options = {
        uid = option (types.nullOr types.int) null;
        linger = option types.bool false;
        home = option types.str "/home/${name}";
      };
    };

  nixos = {
    options = {
      assertions = list;
      warnings = list;
      nix.settings = option (types.attrsOf types.unspecified) { };
      networking.proxy.envVars = option (types.attrsOf types.str) { };
      system.stateVersion = option types.str "25.11";
      services = option (types.attrsOf types.unspecified) { };
      systemd.services = option (types.attrsOf (types.submodule service)) { };
      systemd.tmpfiles.rules = list;
      users.users = option (types.attrsOf (types.submodule user)) { };
      environment.etc = option (types.attrsOf (types.attrsOf types.path)) { };
      boot.supportedFilesystems = list;
      boot.kernelModules = list;
      system.requiredKernelConfig = list;
      virtualisation.containers.storage.settings = mkOption { type = toml; };
      virtualisation.podman = option (types.submodule engine) { };
      virtualisation.docker = option (types.submodule engine) { };
      virtualisation.containerd = option (types.submodule engine) { };
    };
    config = {
      _module.args = { inherit pkgs; };
      users.users.root.uid = 0;
      # nixos/modules/virtualisation/containers.nix
      virtualisation.containers.storage.settings.storage.driver = nixpkgs.mkDefault "overlay";
    };
  };

  inherit
    (nixpkgs.evalModules {
      modules = [
        nixos
        oci-containers
        ../../nix/nixos/module.nix
        module
      ];
    })
    config
    options
    ;

  # nixos/modules/system/activation/top-level.nix
  failed = map (one: one.message) (builtins.filter (one: !one.assertion) config.assertions);
in
{
  inherit options pkgs;
  config =
    if failed == [ ] then
      config
    else
      throw "\nFailed assertions:\n${nixpkgs.concatStringsSep "\n" (map (one: "- ${one}") failed)}";
}
