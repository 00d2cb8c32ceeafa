/**
  What quadlet-nix's `virtualisation.quadlet.containers` gains by the modules for NixOS and for Home
  Manager: the option `locked`, and checks that nothing in a locked container runs another image.

  Type: { lib, namedImage, packages, path } -> { containers, check, lockedOption }
*/
{
  lib,
  # By ../nixos/named-image.nix.
  namedImage,
  # By scope.nix.
  packages,
  # The directories of the podman that runs the containers.
  path,
}:

let
  option = "virtualisation.quadlet.containers";
  unitLoad = packages.callPackage ./unit-load.nix { } path;
  unpinned = import ../nixos/unpinned.nix { inherit lib; };
in
{
  # The option, which merges with quadlet-nix's own.
  containers = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (import ./locked-quadlet.nix {
        inherit lib namedImage option;
        definitions = image: {
          containerConfig = {
            image = "${image.imageName}:${image.imageTag}";
            pull = "never";
          };
          serviceConfig.ExecStartPre = lib.mkBefore [ (unitLoad image) ];
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
      each = function: lib.concatLists (lib.mapAttrsToList function locked);
    in
    {
      inherit locked;

      assertions = each (
        name: container:
        let
          # An element may have several arguments of podman.
          pulls = unpinned.pulls (lib.concatMap (lib.splitString " ") container.containerConfig.podmanArgs);
        in
        [
          {
            assertion = container.rawConfig == null;
            message = "${option}.${name} has `locked`, and also rawConfig, which takes the place of all other options; remove one";
          }
          {
            assertion = pulls == [ ];
            message = "${option}.${name} has `locked`, and podmanArgs with ${lib.concatStringsSep " and " pulls}, which pulls another image than the locked one; remove it";
          }
        ]
      );

      warnings = each (
        name: container:
        lib.optional (container.containerConfig.autoUpdate == "registry")
          "${option}.${name} has `locked`, and autoUpdate = \"registry\", by which podman auto-update pulls another image than the locked one; remove either"
      );
    };
}
