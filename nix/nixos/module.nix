# Containers that start from the lock, and never pull: extends `virtualisation.oci-containers`.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;

  cfg = config.virtualisation.dockerImages;
  inherit (config.virtualisation.oci-containers) backend containers;

  # Whoever has the overlay has the functions; nobody needs it for the module's sake.
  packages = if pkgs ? fetchDockerImages then pkgs else pkgs.extend (import ../../overlays);

  load = {
    podman = packages.callPackage ./podman-load.nix { };
    docker = packages.callPackage ./docker-load.nix { };
  };

  # What is wrong with the name that an option gives an image, or null.
  problem =
    option: name:
    if cfg.file == null then
      "${option} names the image '${name}', and virtualisation.dockerImages.file is not set; set it to your images.toml"
    else if !cfg.images ? ${name} then
      "${option} names the image '${name}', which ${baseNameOf cfg.file} does not have; it has ${
        if cfg.images == { } then "none" else lib.concatStringsSep ", " (lib.attrNames cfg.images)
      }"
    else
      null;

  find =
    option: name:
    let
      message = problem option name;
    in
    if message == null then cfg.images.${name} else throw message;

  lockedOption = name: "virtualisation.oci-containers.containers.${name}.locked";
  preloadOption = "virtualisation.dockerImages.preload";

  lockedContainers = lib.filterAttrs (_name: container: container.locked != null) containers;

  containerModule =
    {
      config,
      name,
      options,
      ...
    }:
    {
      options.locked = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "redis";
        description = ''
          The name that an image has in {option}`virtualisation.dockerImages.file`. The container
          runs this image, as it is locked, out of the Nix store: `image` becomes its name and tag,
          and nothing is ever pulled.

          Before the container starts, the image is loaded into the engine, as the user that the
          container runs as, unless the engine has just this image under this name already. When
          another image is locked, the unit restarts, even where the tag is the same.
        '';
      };

      config = lib.mkIf (config.locked != null) (
        let
          image = find (lockedOption name) config.locked;
        in
        {
          image = "${image.imageName}:${image.imageTag}";
        }
        # nixpkgs before 25.05 has no such option and says `--pull missing`, which this follows.
        // (if options ? pull then { pull = "never"; } else { extraOptions = [ "--pull=never" ]; })
      );
    };
in
{
  options.virtualisation.dockerImages = {
    file = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./images.toml";
      description = ''
        The `images.toml` that names the images. The lock beside it, `images.lock.toml`, pins them;
        `nix run .#update-images` writes it.
      '';
    };

    images = mkOption {
      type = types.lazyAttrsOf types.package;
      readOnly = true;
      default = if cfg.file == null then { } else packages.fetchDockerImages cfg.file;
      defaultText = lib.literalExpression "pkgs.fetchDockerImages config.virtualisation.dockerImages.file";
      description = ''
        The images of {option}`virtualisation.dockerImages.file` by their names, for use in other
        options, such as
        `services.k3s.images = [ config.virtualisation.dockerImages.images.redis.archive ];`.
      '';
    };

    authFile = mkOption {
      type = types.nullOr (
        types.addCheck types.str (file: lib.hasPrefix "/" file && !lib.hasPrefix builtins.storeDir file)
        // {
          description = "absolute path outside the Nix store, as a string";
        }
      );
      default = null;
      example = "/run/secrets/registries.json";
      description = ''
        A file of registry logins, in the format of docker's `config.json` and podman's `auth.json`,
        for builds that fetch images. It is shown to builds at `/etc/nixfetch-docker/auth.json` while
        they run; it is never copied into the store, and where it is missing, builds go on without.

        The build users must be able to read it: group `nixbld`, mode `0440`. Name the file itself:
        a symbolic link leads nowhere in the sandbox.

        **Who can see it:** every build on this machine, whoever starts it, and fixed-output builds
        have the network too. Who may build here may read these logins. So name logins that may do
        nothing but pull, and leave this unset on machines where people build whom you would not give
        them to: there, `nixfetch-docker prefetch` fetches with each person's own login.
      '';
    };

    preload = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "redis" ];
      description = ''
        Names of images to load at boot, and whenever they change, without a container of their
        own: into root's storage of {option}`virtualisation.oci-containers.backend`.
      '';
    };
  };

  options.virtualisation.oci-containers.containers = mkOption {
    type = types.attrsOf (types.submodule containerModule);
  };

  config = lib.mkMerge [
    {
      assertions =
        let
          named =
            option: name:
            let
              message = problem option name;
            in
            {
              assertion = message == null;
              message = toString message;
            };
          # The engine can give a name to one image only: containers would run each other's.
          used = lib.filter (name: cfg.images ? ${name}) (
            lib.unique (lib.mapAttrsToList (_name: container: container.locked) lockedContainers ++ cfg.preload)
          );
          nameOf = name: "${cfg.images.${name}.imageName}:${cfg.images.${name}.imageTag}";
          sameName = fullName: names: {
            assertion = lib.length (lib.unique (map (name: cfg.images.${name}.imageId) names)) == 1;
            message = "the images ${lib.concatStringsSep ", " names} are not the same and are all loaded as ${fullName}; ask for all but one by digest, without the tag, in ${baseNameOf cfg.file}";
          };
          loadedTwice = name: container: {
            assertion = container.imageFile == null && container.imageStream or null == null;
            message = "virtualisation.oci-containers.containers.${name} has `locked`, which loads the image, and also imageFile or imageStream; remove those";
          };
        in
        lib.mapAttrsToList (name: container: named (lockedOption name) container.locked) lockedContainers
        ++ lib.mapAttrsToList loadedTwice lockedContainers
        ++ map (named preloadOption) cfg.preload
        ++ lib.mapAttrsToList sameName (lib.groupBy nameOf used);

      # The script runs as the unit does: its user, its HOME, its PATH with the engine. It names the
      # image by store path, so that the unit changes whenever the image does.
      systemd.services = lib.mapAttrs' (
        name: container:
        lib.nameValuePair (container.serviceName or "${backend}-${name}") {
          serviceConfig.ExecStartPre = lib.mkBefore [
            "${load.${backend} (find (lockedOption name) container.locked)}"
          ];
        }
      ) lockedContainers;
    }

    (lib.mkIf (cfg.authFile != null) {
      # "?": where the file is not there, Nix would fail every build on the machine.
      nix.settings.extra-sandbox-paths = [ "/etc/nixfetch-docker/auth.json=${cfg.authFile}?" ];
    })

    (lib.mkIf (cfg.preload != [ ]) {
      virtualisation.podman.enable = lib.mkIf (backend == "podman") true;
      virtualisation.docker.enable = lib.mkIf (backend == "docker") true;

      # No container's unit has this name: theirs begin with the backend's.
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
          ExecStart = map (name: "${load.${backend} (find preloadOption name)}") cfg.preload;
        };
      };
    })
  ];
}
