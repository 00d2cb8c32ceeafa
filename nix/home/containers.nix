/**
  What Home Manager's `services.podman.containers` gains: the option `locked`, and checks that nothing
  in a locked container runs another image.

  Type: { config, lib, namedImage, packages } -> { containers, loads, assertions, warnings }
*/
{
  # The configuration of the user.
  config,
  lib,
  # By ../nixos/named-image.nix.
  namedImage,
  # By ../lib/scope.nix.
  packages,
}:

let
  option = "services.podman.containers";
  checkContainer = import ../nixos/check-container.nix { inherit lib; };
  unitLoad = packages.callPackage ../lib/unit-load.nix { owner = "home"; } [
    "${config.services.podman.package}/bin"
  ];

  inherit (config.services.podman) containers;
  locked = lib.filterAttrs (_name: container: container.locked != null) containers;

  # The section of the quadlet that extraConfig has. Its values come after those of the options, or
  # take their place.
  sectionOf = container: container.extraConfig.Container or { };
  checked = lib.mapAttrsToList (
    name: container:
    let
      section = sectionOf container;
      textsOf = values: map toString (lib.toList values);
      given = section.Label or { };
      isNamed = builtins.isAttrs given;
      labels = lib.optionalAttrs isNamed (lib.mapAttrs (_name: toString) given);
      listed = lib.optionals (!isNamed) (textsOf given);
    in
    checkContainer {
      container = "${option}.${name}";
      argumentsOption = "extraPodmanArgs";
      # An element may have several arguments of podman.
      arguments =
        lib.concatMap (lib.splitString " ") (
          container.extraPodmanArgs ++ textsOf (section.PodmanArgs or [ ])
        )
        ++ map (label: "--label=${label}") listed;
      labels = container.labels // labels;
      autoUpdate = section.AutoUpdate or container.autoUpdate;
      pull = section.Pull or null;
    }
  ) locked;
in
{
  # The option, which merges with Home Manager's own.
  containers = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (import ../lib/locked-quadlet.nix {
        inherit lib namedImage option;
        needs = {
          option = "extraConfig";
          remedy = "update Home Manager to 24.11 or newer";
        };
        definitions = _container: image: {
          image = "${image.imageName}:${image.imageTag}";
          extraConfig = {
            Container.Pull = "never";
            Service.ExecStartPre = lib.mkBefore [ (unitLoad image) ];
          };
        };
      })
    );
  };

  loads = lib.mapAttrsToList (name: container: {
    engine = "podman";
    user = config.home.username;
    name = container.locked;
    option = "${option}.${name}.locked";
    unit = "podman-${name}.service";
  }) locked;

  assertions =
    lib.mapAttrsToList (name: container: {
      assertion = !(sectionOf container) ? Image;
      message = "${option}.${name} has `locked`, and also extraConfig.Container.Image, which takes the place of the locked image; remove one";
    }) locked
    ++ lib.concatMap (found: found.assertions) checked;

  warnings = lib.concatMap (found: found.warnings) checked;
}
