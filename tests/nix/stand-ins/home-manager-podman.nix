/**
  What stands in for Home Manager's `services.podman` where its sources are not at hand: the options
  that a locked container is declared by, and the text of the quadlet.
  https://github.com/nix-community/home-manager

  modules/services/podman/linux/containers.nix, modules/services/podman/linux/podman-lib.nix

  Type: module
*/
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };

  primitive = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.str
    ]
  );
  primitiveAttrs = types.attrsOf (types.either primitive (types.listOf primitive));

  container.options = {
    autoStart = option types.bool true;
    autoUpdate = option (types.enum [
      null
      "registry"
      "local"
    ]) null;
    exec = option (types.nullOr types.str) null;
    extraConfig = option (types.attrsOf (
      types.attrsOf (
        types.oneOf [
          primitiveAttrs
          (types.listOf primitive)
          primitive
        ]
      )
    )) { };
    extraPodmanArgs = option (types.listOf types.str) [ ];
    image = mkOption { type = types.str; };
    labels = option (types.attrsOf types.str) { };
    ports = option (types.listOf types.str) [ ];
  };

  # Lists of both sides are joined.
  join =
    one: other:
    one
    // builtins.mapAttrs (
      name: value:
      if builtins.isAttrs value && builtins.isAttrs (one.${name} or null) then
        join one.${name} value
      else if builtins.isList value && builtins.isList (one.${name} or null) then
        one.${name} ++ value
      else
        value
    ) other;

  settings =
    name: one:
    join {
      Unit.Description = "Service for container ${name}";
      Container = {
        AutoUpdate = one.autoUpdate;
        ContainerName = name;
        Exec = one.exec;
        Image = one.image;
        PodmanArgs = one.extraPodmanArgs;
        PublishPort = one.ports;
      };
      Service = {
        Environment.PATH = "/run/wrappers/bin:/run/current-system/sw/bin";
        Restart = "always";
      };
      Install.WantedBy = lib.optional one.autoStart "default.target";
    } one.extraConfig;

  lines =
    key: value:
    if value == null then
      ""
    else if builtins.isAttrs value then
      lib.concatStrings (lib.mapAttrsToList (name: one: lines key "${name}=${toString one}") value)
    else
      lib.concatStrings (map (one: "${key}=${toString one}\n") (lib.toList value));
  text =
    sections:
    lib.concatStrings (
      lib.mapAttrsToList (
        name: section: "[${name}]\n${lib.concatStrings (lib.mapAttrsToList lines section)}"
      ) sections
    );
in
{
  options.services.podman = {
    enable = option types.bool false;
    package = option types.unspecified "/usr";
    containers = option (types.attrsOf (types.submodule container)) { };
    internal.quadletDefinitions = option (types.listOf types.unspecified) [ ];
  };

  config = lib.mkIf config.services.podman.enable {
    services.podman.internal.quadletDefinitions = lib.mapAttrsToList (name: one: {
      resourceType = "container";
      serviceName = "podman-${name}";
      source = text (settings name one);
    }) config.services.podman.containers;
  };
}
