/**
  The definitions of the module: assertions, the units that load images, and the file of logins that
  builds see.

  Type: { config, lib, namedImage, packages } -> attrs
*/
{
  # The configuration of the machine.
  config,
  lib,
  # By named-image.nix.
  namedImage,
  # By ../lib/scope.nix.
  packages,
}:

let
  inherit (config.virtualisation.dockerImages)
    authFile
    file
    images
    preload
    ;
  inherit (config.virtualisation.oci-containers) backend containers;

  loaders = {
    podman = packages.callPackage ./podman-load.nix { };
    docker = packages.callPackage ./docker-load.nix { };
  };
  load = loaders.${backend};

  containerOption = name: "virtualisation.oci-containers.containers.${name}";
  lockedImage = name: container: namedImage "${containerOption name}.locked" container.locked;
  preloadedImage = namedImage "virtualisation.dockerImages.preload";

  lockedContainers = lib.filterAttrs (_name: container: container.locked != null) containers;
in
lib.mkMerge [
  {
    assertions =
      let
        exists = named: {
          assertion = named.problem == null;
          message = toString named.problem;
        };

        loadedOnce = name: container: {
          assertion = container.imageFile == null && container.imageStream or null == null;
          message = "${containerOption name} has `locked`, which loads the image, and also imageFile or imageStream; remove those";
        };

        # An engine gives a name to one image only: one container would run another's image.
        used = lib.filter (name: images ? ${name}) (
          lib.unique (lib.mapAttrsToList (_name: container: container.locked) lockedContainers ++ preload)
        );
        fullName = name: "${images.${name}.imageName}:${images.${name}.imageTag}";
        isOneImage = fullName: names: {
          assertion = lib.length (lib.unique (map (name: images.${name}.imageId) names)) == 1;
          message = "the images ${lib.concatStringsSep ", " names} are not the same and are all loaded as ${fullName}; ask for all but one by digest, without the tag, in ${baseNameOf file}";
        };
      in
      lib.mapAttrsToList (name: container: exists (lockedImage name container)) lockedContainers
      ++ lib.mapAttrsToList loadedOnce lockedContainers
      ++ map (name: exists (preloadedImage name)) preload
      ++ lib.mapAttrsToList isOneImage (lib.groupBy fullName used);

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

  (lib.mkIf (preload != [ ]) {
    virtualisation.podman.enable = lib.mkIf (backend == "podman") true;
    virtualisation.docker.enable = lib.mkIf (backend == "docker") true;

    # No container's unit has this name, because theirs begin with the name of the backend.
    systemd.services.preload-docker-images = {
      description = "Container images that are loaded into ${backend} at boot";
      wantedBy = [ "multi-user.target" ];
      after = lib.optionals (backend == "docker") [
        "docker.service"
        "docker.socket"
      ];
      requires = lib.optional (backend == "docker") "docker.socket";
      path = [ config.virtualisation.${backend}.package ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = map (name: "${load (preloadedImage name).image}") preload;
      };
    };
  })
]
