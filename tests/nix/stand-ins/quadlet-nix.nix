/**
  What stands in for quadlet-nix where its sources are not at hand: the options that a locked container
  is declared by, and the text of the quadlet. https://github.com/SEIAROTg/quadlet-nix

  nixos-module.nix, home-manager-module.nix, container.nix, utils.nix

  Type: { isHome } -> module
*/
{ isHome }:

{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };

  # nixos/lib/systemd-unit-options.nix: all definitions are lists, or none is.
  unitOption = types.either (types.listOf types.str) (types.either types.str types.int);

  # Options of podman's that the tests set, with the names that quadlet has for them.
  properties = {
    autoUpdate = "AutoUpdate";
    exec = "Exec";
    image = "Image";
    podmanArgs = "PodmanArgs";
    publishPorts = "PublishPort";
    pull = "Pull";
  };

  container =
    { config, name, ... }:
    {
      options = {
        autoStart = option (types.either types.bool types.str) true;
        unitConfig = option (types.attrsOf unitOption) { };
        serviceConfig = option (types.attrsOf unitOption) { };
        rawConfig = option (types.nullOr types.str) null;
        containerConfig = {
          autoUpdate = option (types.nullOr (
            types.enum [
              "registry"
              "local"
            ]
          )) null;
          exec = option (types.nullOr types.str) null;
          image = option (types.nullOr types.str) null;
          labels = option (types.oneOf [
            (types.listOf types.str)
            (types.attrsOf types.str)
          ]) { };
          podmanArgs = option (types.listOf types.str) [ ];
          publishPorts = option (types.listOf types.str) [ ];
          pull = option (types.nullOr types.str) null;
        };
        _configText = mkOption { type = types.str; };
      }
      // lib.optionalAttrs (!isHome) {
        rootlessConfig.uid = option (types.nullOr types.int) null;
      };

      # The generated unit is one of the system, of another user.
      config.serviceConfig = lib.optionalAttrs (!isHome) {
        User = lib.mkIf (config.rootlessConfig.uid != null) config.rootlessConfig.uid;
      };

      config._configText =
        if config.rawConfig != null then
          config.rawConfig
        else
          text {
            Unit = {
              Description = "Podman container ${name}";
            }
            // config.unitConfig;
            Container = {
              ContainerName = name;
            }
            // lib.mapAttrs' (key: property: lib.nameValuePair property config.containerConfig.${key}) (
              lib.filterAttrs (key: _property: config.containerConfig.${key} != null) properties
            );
            Service = {
              Restart = "always";
              TimeoutStartSec = 900;
            }
            // config.serviceConfig;
          };
    };

  # A list is a line for each of its elements.
  text =
    sections:
    lib.concatStringsSep "\n\n" (
      lib.mapAttrsToList (
        name: settings:
        "[${name}]\n"
        + lib.concatStrings (
          lib.concatMap (key: map (value: "${key}=${toString value}\n") (lib.toList settings.${key})) (
            lib.attrNames settings
          )
        )
      ) sections
    );

  files = lib.mapAttrs' (
    name: one: lib.nameValuePair "containers/systemd/${name}.container" { text = one._configText; }
  ) config.virtualisation.quadlet.containers;

  # By these, a switch to another configuration finds the containers to restart.
  hashes = lib.mapAttrs (_name: one: {
    X-QuadletNixConfigHash = builtins.hashString "sha256" one._configText;
  }) config.virtualisation.quadlet.containers;
in
{
  options.virtualisation.quadlet.containers = option (types.attrsOf (types.submodule container)) { };

  config =
    if isHome then
      {
        xdg.configFile = files;
        systemd.user.services = lib.mapAttrs (_name: Unit: { inherit Unit; }) hashes;
      }
    else
      {
        environment.etc = files;
        systemd.services = lib.mapAttrs (_name: unitConfig: { inherit unitConfig; }) hashes;
      };
}
