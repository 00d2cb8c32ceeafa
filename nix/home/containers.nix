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
  unpinned = import ../nixos/unpinned.nix { inherit lib; };
  unitLoad = packages.callPackage ../lib/unit-load.nix { } [
    "${config.services.podman.package}/bin"
  ];

  locked = lib.filterAttrs (_name: container: container.locked != null) config.services.podman.containers;
  each = function: lib.concatLists (lib.mapAttrsToList function locked);
in
{
  # The option, which merges with Home Manager's own.
  containers = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (import ../lib/locked-quadlet.nix {
        inherit lib namedImage option;
        definitions = image: {
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

  assertions = each (
    name: container:
    let
      # An element may have several arguments of podman.
      pulls = unpinned.pulls (lib.concatMap (lib.splitString " ") container.extraPodmanArgs);
    in
    [
      {
        assertion = pulls == [ ];
        message = "${option}.${name} has `locked`, and extraPodmanArgs with ${lib.concatStringsSep " and " pulls}, which pulls another image than the locked one; remove it";
      }
    ]
  );

  warnings = each (
    name: container:
    lib.optional (container.autoUpdate == "registry")
      "${option}.${name} has `locked`, and autoUpdate = \"registry\", by which podman auto-update pulls another image than the locked one; remove either"
  );
}
