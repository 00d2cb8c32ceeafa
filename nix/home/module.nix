/**
  The Home Manager module: the command, the images of a lock, those that are loaded into the podman
  of the user, and the option `locked` of Home Manager's own `services.podman.containers`.

  What it declares has the names and the meaning that it has in the NixOS module.
*/
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (import ../nixos/locked-images.nix { inherit config lib pkgs; })
    namedImage
    packages
    sources
    ;
  options = import ../nixos/options.nix {
    inherit
      lib
      namedImage
      sources
      ;
  };

  podmanContainers = import ./containers.nix {
    inherit
      config
      lib
      namedImage
      packages
      ;
  };
  foundLoads = import ../nixos/found-loads.nix { inherit lib namedImage sources; };
  checkLoads = import ../nixos/check-loads.nix {
    inherit lib namedImage sources;
  };

  inherit (config.virtualisation.dockerImages) loads preload;

  # All that is loaded for the user.
  allLoads =
    podmanContainers.loads
    ++ map (name: {
      engine = "podman";
      user = config.home.username;
      inherit name;
      option = "virtualisation.dockerImages.preload";
      unit = "preload-docker-images.service";
    }) preload
    ++ loads;

  preloadedImage = namedImage "virtualisation.dockerImages.preload";
  load = packages.callPackage ../nixos/podman-load.nix { owner = "home"; };

  removeSuperseded = packages.callPackage ../nixos/remove-superseded.nix { } {
    owner = "home";
    self = config.home.username;
    remove = config.virtualisation.dockerImages.removeSuperseded;
    loads = foundLoads allLoads;
  };

  # Where podman and the setuid programs that rootless podman needs are: on NixOS, in the profile
  # of the user, and on other distributions.
  path = lib.concatStringsSep ":" [
    "/run/wrappers/bin"
    "${config.home.profileDirectory}/bin"
    "/run/current-system/sw/bin"
    "/usr/bin"
    "/bin"
  ];
  # In quotation marks: systemd ends a value at a blank, and reads "%" and backslashes in it.
  systemdPath = "\"PATH=${lib.replaceStrings [ "\\" "\"" "%" ] [ "\\\\" "\\\"" "%%" ] path}\"";
in
{
  options = {
    programs.nixfetch-docker = {
      enable = lib.mkEnableOption "nixfetch-docker, the command that locks container images";
      package = lib.mkOption {
        type = lib.types.package;
        default = packages.nixfetch-docker;
        defaultText = lib.literalExpression "pkgs.nixfetch-docker";
        description = "The package that has the command.";
      };
    };

    services.podman = { inherit (podmanContainers) containers; };

    virtualisation.dockerImages = {
      inherit (options.dockerImages)
        file
        files
        images
        loads
        removeSuperseded
        ;
      preload = options.dockerImages.preload // {
        type = lib.types.listOf lib.types.str;
        example = [ "redis" ];
        description = ''
          Names of images to load when the user logs in, and whenever they change: into the storage
          of the user's own podman.
        '';
      };
    };
  };

  config = lib.mkMerge [
    (lib.mkIf config.programs.nixfetch-docker.enable {
      home.packages = [ config.programs.nixfetch-docker.package ];
    })

    {
      assertions = checkLoads allLoads ++ podmanContainers.assertions;
      inherit (podmanContainers) warnings;
    }

    (lib.mkIf (sources.names != [ ]) {
      # Not a part of the unit before: containers may be ordered after that, and this is after them.
      systemd.user.services.remove-superseded-images = {
        Unit = {
          Description = "Removal of container images that are not locked any more";
          After = lib.unique (map (load: load.unit) allLoads);
        };
        Install.WantedBy = [ "default.target" ];
        Service = {
          Type = "oneshot";
          # So that a new lock restarts it.
          RemainAfterExit = true;
          Environment = [ systemdPath ];
          ExecStart = [ "${removeSuperseded}" ];
        };
      };
    })

    (lib.mkIf (preload != [ ]) {
      systemd.user.services.preload-docker-images = {
        Unit.Description = "Container images that are loaded into podman at login";
        Install.WantedBy = [ "default.target" ];
        Service = {
          Type = "oneshot";
          RemainAfterExit = true;
          Environment = [ systemdPath ];
          ExecStart = map (name: "${load (preloadedImage name).image}") preload;
        };
      };
    })
  ];
}
