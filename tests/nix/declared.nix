/**
  A configuration of a machine or of a user with modules of other projects that declare containers:
  their real ones where their sources are at hand, or what stands in for them. What else of NixOS and
  of Home Manager the modules touch is declared here, with their meaning.

  Type: { modules, isHome, … } -> { config, options, failed, pkgs }
*/
{
  # The modules that the person writes and imports.
  modules,
  # Whether it is a configuration of Home Manager, and not of NixOS.
  isHome ? false,
  # Whether the modules of the other projects are imported.
  hasProjects ? true,
  # Where the sources of quadlet-nix and of Home Manager are, or null: QUADLET_NIX, HOME_MANAGER. They
  # need nixpkgs' lib, of NIXPKGS_LIB.
  quadlet-nix ? null,
  home-manager ? null,
}:

let
  checkout = builtins.getEnv "NIXPKGS_LIB";
  lib =
    if checkout != "" then import (checkout + "/lib") else import ./host-modules.nix (import ./host-lib.nix);
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  any = option (types.attrsOf types.unspecified) { };
  list = option (types.listOf types.unspecified) [ ];

  # quadlet-nix takes nixpkgs' nixos/lib/utils.nix from there.
  # Units name these packages.
  pkgs = import ./host-nixpkgs.nix { } // {
    path = ./stand-ins/nixpkgs;
    containerd = "/usr";
    docker = "/usr";
    podman = "/usr";
    nftables = "/usr";
    systemd = "/usr";
  };

  common = {
    assertions = list;
    warnings = list;
  };
  nixos = common // {
    environment.etc = any;
    environment.systemPackages = list;
    nix.settings = any;
    # nixos/modules/system/boot/kernel.nix
    boot.kernelPackages = any;
    boot.kernelModules = list;
    boot.supportedFilesystems = list;
    boot.isContainer = option types.bool false;
    lib = option (types.attrsOf types.unspecified) {
      kernelConfig.isEnabled = name: "CONFIG_${name} is not enabled!";
    };
    security.lockKernelModules = option types.bool false;
    system.requiredKernelConfig = list;
    systemd = {
      packages = list;
      services = option (types.attrsOf (types.submodule service)) { };
      timers = any;
      tmpfiles.rules = list;
    };
    services = {
      k3s = rancher;
      rke2 = rancher;
    };
    users.users = option (types.attrsOf (types.submodule user)) { };
    virtualisation = {
      # https://github.com/hercules-ci/arion, nixos-module.nix
      arion = any;
      # nixos/modules/virtualisation/containers.nix, whose type takes any TOML.
      containers.storage.settings = option (types.attrsOf (
        types.attrsOf (types.either (types.attrsOf types.unspecified) types.unspecified)
      )) { };
      podman.enable = option types.bool false;
      podman.package = option types.unspecified "/usr";
      containerd.enable = option types.bool false;
      docker.enable = option types.bool false;
      docker.package = option types.unspecified "/usr";
      oci-containers.backend = option types.str "podman";
      oci-containers.containers = option (types.attrsOf (types.submodule container)) { };
    };
  };
  # nixos/lib/systemd-unit-options.nix, of which these are the options that the modules define.
  service.options = {
    after = list;
    description = option types.str "";
    environment = any;
    overrideStrategy = option types.str "asDropinIfExists";
    path = list;
    requires = list;
    script = option types.str "";
    serviceConfig = option (types.attrsOf (
      types.either (types.listOf types.unspecified) types.unspecified
    )) { };
    unitConfig = any;
    wantedBy = list;
    wants = list;
  };
  user =
    { name, ... }:
    {
      options = {
        uid = option (types.nullOr types.int) null;
        isNormalUser = option types.bool false;
        linger = option types.bool false;
        home = option types.str "/home/${name}";
      };
    };
  # nixos/modules/services/cluster/rancher/default.nix
  rancher = {
    enable = option types.bool false;
    images = option (types.listOf types.package) [ ];
    manifests = any;
  };
  # nixos/modules/virtualisation/oci-containers.nix
  container.options = {
    image = mkOption { type = types.str; };
    imageFile = option (types.nullOr types.unspecified) null;
    imageStream = option (types.nullOr types.unspecified) null;
    pull = option types.str "missing";
    labels = option (types.attrsOf types.str) { };
    extraOptions = option (types.listOf types.str) [ ];
    podman = option (types.nullOr (types.submodule { options.user = option types.str "root"; })) null;
    ports = option (types.listOf types.str) [ ];
  };
  home = common // {
    home = {
      activation = any;
      file = any;
      packages = list;
      homeDirectory = option types.str "/home/ann";
      profileDirectory = option types.str "/home/ann/.nix-profile";
      username = option types.str "ann";
    };
    systemd.user.services = any;
    systemd.user.timers = any;
    xdg.configFile = any;
    xdg.configHome = option types.str "/home/ann/.config";
  };

  quadlet =
    if quadlet-nix == null then
      import ./stand-ins/quadlet-nix.nix { inherit isHome; }
    else
      quadlet-nix + (if isHome then "/home-manager-module.nix" else "/nixos-module.nix");
  # Not its install-quadlet.nix, which runs podman's generator while it evaluates.
  podman =
    if home-manager == null then
      [ ./stand-ins/home-manager-podman.nix ]
    else
      [
        (home-manager + "/modules/services/podman/linux/containers.nix")
        {
          options.services.podman = {
            enable = option types.bool false;
            package = option types.unspecified "/usr";
          };
        }
      ];

  evaluated = lib.evalModules {
    modules = [
      { options = if isHome then home else nixos; }
    ]
    ++ lib.optional hasProjects quadlet
    ++ lib.optionals (hasProjects && isHome) podman
    ++ modules;
    specialArgs = {
      inherit pkgs;
    }
    // lib.optionalAttrs isHome { osConfig = null; };
  };
in
{
  inherit (evaluated) config options;
  inherit pkgs;
  failed = map (one: one.message) (
    builtins.filter (one: !one.assertion) evaluated.config.assertions
  );
}
