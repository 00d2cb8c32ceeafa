/**
  What nix/nixos/module.nix defines, without nixpkgs: the module called with the arguments that the
  module system would give it, and its definitions read as they stand. Whether nixpkgs takes them is
  for nixos.nix to show, with nixpkgs' own sources.

  Type: { file, … } -> { failed, containers, services }
*/
{
  # The images.toml, or null.
  file,
  # virtualisation.oci-containers.containers
  containers ? { },
  # virtualisation.dockerImages.preload
  preload ? [ ],
  # virtualisation.oci-containers.backend
  backend ? "podman",
}:

let
  pkgs = import ./host-pkgs.nix;
  inherit (pkgs) lib;

  merge =
    one: other:
    if builtins.isAttrs one && builtins.isAttrs other then
      one
      // builtins.mapAttrs (name: value: if one ? ${name} then merge one.${name} value else value) other
    else
      other;

  # What the module system does with these, where each value is defined once.
  moduleLib = lib // {
    mkOption = option: option;
    mkIf = condition: definitions: if condition then definitions else { };
    mkMerge = builtins.foldl' merge { };
    mkBefore = definition: definition;
    literalExpression = text: text;
    types = {
      inherit (builtins) path;
      addCheck = type: _check: type;
      attrsOf = element: { inherit element; };
      lazyAttrsOf = element: { inherit element; };
      listOf = element: { inherit element; };
      nullOr = element: { inherit element; };
      package = { };
      str = { };
      submodule = module: { inherit module; };
    };
  };

  module = import ../../nix/nixos/module.nix {
    inherit config pkgs;
    lib = moduleLib;
  };
  inherit (module.options.virtualisation) dockerImages oci-containers;

  container =
    name: given:
    let
      set = {
        locked = null;
        imageFile = null;
        imageStream = null;
      }
      // given;
      defined = oci-containers.containers.type.element.module {
        inherit name;
        config = set;
        options.pull = { };
      };
    in
    set // defined.config;

  config.virtualisation = {
    dockerImages = builtins.mapAttrs (_name: option: option.default) dockerImages // {
      inherit file preload;
    };
    oci-containers = {
      inherit backend;
      containers = builtins.mapAttrs container containers;
    };
    podman.package = "/usr";
    docker.package = "/usr";
  };
in
{
  failed = map (one: one.message) (builtins.filter (one: !one.assertion) module.config.assertions);
  inherit (config.virtualisation.oci-containers) containers;
  inherit (module.config.systemd) services;
}
