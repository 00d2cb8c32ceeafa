/**
  The definitions of the module: assertions, the units that load images, and the file of logins that
  builds see.

  Type: { config, lib, mounted, namedImage, packages, pkgs, sources } -> attrs
*/
{
  # The configuration of the machine.
  config,
  lib,
  # By mounted.nix.
  mounted,
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
  inherit (config.virtualisation.dockerImages)
    authFile
    loads
    mount
    mountFallback
    ;
  inherit (config.virtualisation.oci-containers) backend containers;

  loaders = {
    podman = packages.callPackage ./podman-load.nix { owner = "nixos"; };
    docker = packages.callPackage ./docker-load.nix { owner = "nixos"; };
  };
  # What runs before a container.
  load =
    container: if mounted.isMounted (loadOf container) then mounted.script else loaders.${backend};

  loadRecord = import ./load-record.nix { inherit lib; };
  containerOption = name: "virtualisation.oci-containers.containers.${name}";
  lockedImage = name: container: namedImage "${containerOption name}.locked" container.locked;

  lockedContainers = lib.filterAttrs (_name: container: container.locked != null) containers;

  checkLoads = import ./check-loads.nix { inherit lib namedImage sources; };
  preloads = import ./preloads.nix {
    inherit
      config
      lib
      mounted
      namedImage
      packages
      pkgs
      ;
  };
  loadOf = container: {
    engine = backend;
    user = container.podman.user or "root";
    name = container.locked;
  };

  # All that is loaded on this machine: `user` is whose storage the image is loaded into.
  allLoads =
    lib.mapAttrsToList (
      name: container:
      loadOf container
      // {
        option = "${containerOption name}.locked";
        unit = "${container.serviceName or "${backend}-${name}"}.service";
      }
    ) lockedContainers
    ++ preloads.loads
    ++ loads;

  checkContainer = import ./check-container.nix { inherit lib; };
  checked = lib.mapAttrsToList (
    name: container:
    checkContainer {
      container = containerOption name;
      argumentsOption = "extraOptions";
      arguments = container.extraOptions or [ ];
      labels = container.labels or { };
      pull = container.pull or "never";
    }
  ) lockedContainers;

  foundLoads = import ./found-loads.nix { inherit lib namedImage sources; };
  mountedImages = lib.attrValues (
    lib.mapAttrs (_key: loads: (lib.head loads).image) (
      lib.groupBy (load: loadRecord.keyOf load.image) (foundLoads (lib.filter mounted.isMounted allLoads))
    )
  );

  removeSuperseded = packages.callPackage ./remove-superseded.nix { } {
    owner = "nixos";
    self = "root";
    remove = config.virtualisation.dockerImages.removeSuperseded;
    loads = foundLoads allLoads;
  };
  uses = engine: lib.elem engine (map (load: load.engine) allLoads);
  has = engine: uses engine || config.virtualisation.${engine}.enable or false;

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
      in
      checkLoads allLoads
      ++ preloads.assertions
      ++ lib.mapAttrsToList loadedOnce lockedContainers
      ++ lib.concatMap (found: found.assertions) checked;

    warnings = lib.concatMap (found: found.warnings) checked ++ mounted.warningsOf allLoads;

    # k3s and rke2 import all archives in a directory of links, and nixpkgs removes none of these. The
    # archive of a superseded image has the tag of the one that superseded it: what is imported last
    # would win. This removes all of them, before those of the configuration are linked anew.
    systemd.tmpfiles.rules = map (service: "r ${archivesOf service}") importing;

    # The script runs as the unit does: with its user, its HOME, and the engine in its PATH. It has
    # the store path of the image in it, so that the unit changes whenever the image does.
    systemd.services = lib.mapAttrs' (
      name: container:
      lib.nameValuePair (container.serviceName or "${backend}-${name}") {
        serviceConfig.ExecStartPre = lib.mkBefore [ "${load container (lockedImage name container).image}" ];
      }
    ) lockedContainers
    // {
      # Also where nothing is loaded any more. What was loaded before has no containers by then.
      remove-superseded-images = {
        description = "Removal of container images that are not locked any more";
        wantedBy = [ "multi-user.target" ];
        after = [
          "docker.service"
          "docker.socket"
          "containerd.service"
        ]
        ++ lib.unique (map (load: load.unit) allLoads);
        path =
          lib.optional (has "podman") config.virtualisation.podman.package
          ++ lib.optional (has "docker") config.virtualisation.docker.package
          ++ lib.optional (has "containerd") pkgs.containerd;
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "${removeSuperseded}";
        };
      };
    };
  }

  (lib.mkIf (authFile != null) {
    # With "?": without it, Nix would fail every build on the machine where the file is missing.
    nix.settings.extra-sandbox-paths = [ "/etc/nixfetch-docker/auth.json=${authFile}?" ];
  })

  # The driver, on which this depends, is a setting of the same file: so the list alone may depend on it.
  (lib.mkIf (mount != false) {
    virtualisation.containers.storage.settings.storage.options.additionalimagestores =
      mounted.stores mountedImages;
    environment.etc = lib.mkIf mounted.isUsed (mounted.files mountedImages);
    boot.supportedFilesystems = lib.mkIf mounted.isUsed [ "erofs" ];
    # No module is loaded later, where podman asks for it.
    boot.kernelModules = lib.mkIf (mounted.isUsed && config.security.lockKernelModules or false) [
      "erofs"
    ];
    system.requiredKernelConfig = lib.mkIf (mounted.isUsed && !mountFallback) [
      (config.lib.kernelConfig.isEnabled "EROFS_FS")
    ];
  })

  preloads.definitions
]
