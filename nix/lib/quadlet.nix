/**
  What quadlet-nix's `virtualisation.quadlet.containers` gains by the modules for NixOS and for Home
  Manager: the option `locked`, and checks that nothing in a locked container runs another image.

  Type: { lib, namedImage, packages, owner, path, … } -> { containers, check, lockedOption }
*/
{
  lib,
  # By ../nixos/named-image.nix.
  namedImage,
  # By scope.nix.
  packages,
  # As in ../nixos/podman-load.nix.
  owner,
  # The directories of the podman that runs the containers.
  path,
  # What prepares root's podman for an image in place of a loader, where a container is to have that:
  # the container -> null, or the image -> a script.
  mountFor ? (_container: null),
}:

let
  option = "virtualisation.quadlet.containers";
  unitLoad =
    container:
    let
      mount = mountFor container;
    in
    packages.callPackage ./unit-load.nix (
      if mount == null then
        { inherit owner; }
      else
        {
          name = "podman-mount";
          load = mount;
        }
    ) path;
  checkContainer = import ../nixos/check-container.nix { inherit lib; };
in
{
  # The option, which merges with quadlet-nix's own.
  containers = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (import ./locked-quadlet.nix {
        inherit lib namedImage option;
        needs = {
          option = "containerConfig";
          remedy = "import the module of quadlet-nix too (https://github.com/SEIAROTg/quadlet-nix)";
        };
        definitions = container: image: {
          containerConfig = {
            image = "${image.imageName}:${image.imageTag}";
            pull = "never";
          };
          serviceConfig.ExecStartPre = lib.mkBefore [ (unitLoad container image) ];
        };
      })
    );
  };

  lockedOption = name: "${option}.${name}.locked";

  # The containers that are locked, with assertions and warnings about them.
  check =
    containers:
    let
      locked = lib.filterAttrs (_name: container: container.locked != null) containers;
      checked = lib.mapAttrsToList (
        name: container:
        let
          inherit (container.containerConfig)
            autoUpdate
            labels
            podmanArgs
            pull
            ;
          listed = lib.optionals (builtins.isList labels) labels;
        in
        checkContainer {
          container = "${option}.${name}";
          argumentsOption = "containerConfig.podmanArgs";
          # An element may have several arguments of podman.
          arguments =
            lib.concatMap (lib.splitString " ") podmanArgs ++ map (label: "--label=${label}") listed;
          labels = lib.optionalAttrs (builtins.isAttrs labels) labels;
          inherit autoUpdate pull;
        }
      ) locked;
    in
    {
      inherit locked;

      assertions =
        lib.mapAttrsToList (name: container: {
          assertion = container.rawConfig == null;
          message = "${option}.${name} has `locked`, and also rawConfig, which takes the place of all other options; remove one";
        }) locked
        ++ lib.concatMap (found: found.assertions) checked;

      warnings = lib.concatMap (found: found.warnings) checked;
    };
}
