/**
  The definitions of the module: assertions, the units that load images, and the file of logins that
  builds see.

  Type: { config, lib, namedImage, packages, pkgs, sources } -> attrs
*/
{
  # The configuration of the machine.
  config,
  lib,
  # By named-image.nix.
  namedImage,
  # By ../lib/scope.nix.
  packages,
  # The package set of the machine.
  pkgs,
  # By sources.nix.
  sources,
}:

let
  inherit (config.virtualisation.dockerImages) authFile loads;
  inherit (config.virtualisation.oci-containers) backend containers;

  loaders = {
    podman = packages.callPackage ./podman-load.nix { };
    docker = packages.callPackage ./docker-load.nix { };
  };
  load = loaders.${backend};

  containerOption = name: "virtualisation.oci-containers.containers.${name}";
  lockedImage = name: container: namedImage "${containerOption name}.locked" container.locked;

  lockedContainers = lib.filterAttrs (_name: container: container.locked != null) containers;

  checkLoads = import ./check-loads.nix { inherit lib namedImage sources; };
  preloads = import ./preloads.nix {
    inherit
      config
      lib
      namedImage
      packages
      pkgs
      ;
  };

  # All that is loaded on this machine: `user` is whose storage the image is loaded into.
  allLoads =
    lib.mapAttrsToList (name: container: {
      engine = backend;
      user = container.podman.user or "root";
      name = container.locked;
      option = "${containerOption name}.locked";
      unit = "${container.serviceName or "${backend}-${name}"}.service";
    }) lockedContainers
    ++ preloads.loads
    ++ loads;

  unpinned = import ./unpinned.nix { inherit lib; };
  # The links to archives of images, whichever they are, where k3s or rke2 imports from.
  archivesOf =
    service:
    let
      dataDir = config.services.${service}.dataDir or "/var/lib/rancher/${service}";
    in
    "${dataDir}/agent/images/*+sha*-*.tar";
  importing = lib.filter (service: config.services.${service}.enable or false) [
    "k3s"
    "rke2"
  ];
in
lib.mkMerge [
  {
    assertions =
      let
        loadedOnce = name: container: {
          assertion = container.imageFile == null && container.imageStream or null == null;
          message = "${containerOption name} has `locked`, which loads the image, and also imageFile or imageStream; remove those";
        };

        pullsNothing =
          name: container:
          let
            pulls = unpinned.pulls (container.extraOptions or [ ]);
          in
          {
            assertion = pulls == [ ];
            message = "${containerOption name} has `locked`, and extraOptions with ${lib.concatStringsSep " and " pulls}, which pulls another image than the locked one; remove it";
          };
      in
      checkLoads allLoads
      ++ preloads.assertions
      ++ lib.mapAttrsToList loadedOnce lockedContainers
      ++ lib.mapAttrsToList pullsNothing lockedContainers;

    warnings =
      let
        updated =
          name: container:
          map
            (
              { label, program }:
              "${containerOption name} has `locked`, and the label ${label}, by which ${program} replaces the locked image by another; remove the label, or `locked`"
            )
            (
              unpinned.updaters {
                labels = container.labels or { };
                arguments = container.extraOptions or [ ];
              }
            );
        # By force: without it, the definition contradicts that of `locked`.
        forced =
          name: container:
          lib.optional (container.pull or "never" != "never")
            "${containerOption name} has `locked`, and pull = \"${container.pull}\" by force, with which the engine may pull another image than the locked one";
      in
      lib.concatLists (
        lib.mapAttrsToList (name: container: updated name container ++ forced name container) lockedContainers
      );

    # k3s and rke2 import all archives in a directory of links, and nixpkgs removes none of these. The
    # archive of a superseded image has the tag of the one that superseded it: what is imported last
    # would win. This removes all of them, before those of the configuration are linked anew.
    systemd.tmpfiles.rules = map (service: "r ${archivesOf service}") importing;

    # The script runs as the unit does: with its user, its HOME, and the engine in its PATH. It has
    # the store path of the image in it, so that the unit changes whenever the image does.
    systemd.services = lib.mapAttrs' (
      name: container:
      lib.nameValuePair (container.serviceName or "${backend}-${name}") {
        serviceConfig.ExecStartPre = lib.mkBefore [ "${load (lockedImage name container).image}" ];
      }
    ) lockedContainers;
  }

  (lib.mkIf (authFile != null) {
    # With "?": without it, Nix would fail every build on the machine where the file is missing.
    nix.settings.extra-sandbox-paths = [ "/etc/nixfetch-docker/auth.json=${authFile}?" ];
  })

  preloads.definitions
]
