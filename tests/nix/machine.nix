/**
  The units of a machine whose containers the modules declare: those of test_machine.py, as JSON in a
  file that has in its closure what they run. `services` is `systemd.services`; `quadlets` and
  `homeQuadlets` have the texts of containers that quadlet-nix runs, by names; `storage` has the settings
  of podman's storage.conf, and `etc` what files in /etc are links to.

  What runs a container is nixpkgs' nixos/modules/virtualisation/oci-containers.nix where OCI_CONTAINERS
  and NIXPKGS_LIB name it (see nixos.nix). Elsewhere it stands here: a unit that starts a container
  of `image` as a process of podman or docker, pulls as `pull` says, and removes it in the end.

  Type: { file, … } -> derivation
*/
{
  # The images.toml.
  file,
  # virtualisation.oci-containers.containers
  containers ? { },
  # Definitions of virtualisation.dockerImages
  dockerImages ? { },
  # virtualisation.oci-containers.backend
  backend ? "podman",
  # virtualisation.quadlet.containers of the machine, and of a user by Home Manager
  quadlets ? { },
  homeQuadlets ? { },
}:

let
  pkgs = import ./host-pkgs.nix;
  inherit (pkgs) lib;
  variable = builtins.getEnv;
  hasNixpkgs = variable "NIXPKGS_LIB" != "" && variable "OCI_CONTAINERS" != "";

  # Without a network of its own, a container needs nothing of the machine's firewall.
  offline =
    _name: container:
    container
    // {
      extraOptions = container.extraOptions or [ ] ++ [ "--network=none" ];
    };

  configuration = {
    virtualisation = {
      dockerImages = dockerImages // {
        inherit file;
      };
      oci-containers = {
        inherit backend;
        containers = builtins.mapAttrs offline containers;
      };
    };
  };

  real = realConfig.systemd.services;
  realConfig =
    (import ./nixos.nix {
      lib = /. + variable "NIXPKGS_LIB";
      oci-containers = /. + variable "OCI_CONTAINERS";
      module = configuration // {
        users.users.ann = {
          uid = 1000;
          linger = true;
        };
      };
      overlay = true;
    }).config;

  alone =
    (import ./host-nixos.nix pkgs {
      imports = [
        ../../nix/nixos/module.nix
        configuration
      ];
    }).config;

  service =
    name: container:
    let
      ours = alone.systemd.services."${backend}-${name}".serviceConfig or { };
      user = container.podman.user or "root";
      podman = backend == "podman";
      sdnotify = container.podman.sdnotify or "conmon";
      # As nixpkgs: then the health check runs in the user's own systemd.
      manager = lib.optional (user != "root" && sdnotify == "healthy") "user@1000.service";
    in
    {
      name = "${backend}-${name}";
      value = {
        wantedBy = [ "multi-user.target" ];
        after = lib.optional (!podman) "docker.service" ++ manager;
        requires = manager;
        environment = lib.optionalAttrs (user != "root") { HOME = "/home/${user}"; };
        script = toString (
          [ "exec ${backend} run --rm --name=${name} --pull=${container.pull or "missing"}" ]
          ++ lib.optional podman "--cidfile=/run/${name}/ctr-id --cgroups=enabled --sdnotify=${sdnotify} -d --replace"
          ++ map lib.escapeShellArg container.extraOptions
          ++ [ container.image ]
          ++ map lib.escapeShellArg (container.cmd or [ ])
        );
        preStop =
          if podman then "podman stop --ignore --cidfile=/run/${name}/ctr-id" else "docker stop ${name} || true";
        postStop =
          if podman then
            "podman rm -f --ignore --cidfile=/run/${name}/ctr-id"
          else
            "docker rm -f ${name} || true";
        serviceConfig =
          ours
          // {
            ExecStartPre = ours.ExecStartPre or [ ] ++ [ "-/usr/bin/rm -f /run/${name}/ctr-id" ];
            TimeoutStartSec = 0;
            TimeoutStopSec = 120;
            Restart = "always";
          }
          // lib.optionalAttrs podman {
            Environment = "PODMAN_SYSTEMD_UNIT=%n";
            Type = "notify";
            NotifyAccess = "all";
            RuntimeDirectory = name;
            User = user;
            Delegate = sdnotify == "healthy";
          };
      };
    };

  stoodIn =
    alone.systemd.services
    // builtins.listToAttrs (lib.mapAttrsToList service alone.virtualisation.oci-containers.containers);
  # Without QUADLET_NIX and NIXPKGS_LIB with what stands in for quadlet-nix.
  declared =
    isHome: containers:
    (import ./declared.nix {
      inherit isHome;
      quadlet-nix =
        if variable "QUADLET_NIX" != "" && variable "NIXPKGS_LIB" != "" then
          /. + variable "QUADLET_NIX"
        else
          null;
      modules = [
        (if isHome then ../../nix/home/quadlet.nix else ../../nix/nixos/quadlet.nix)
        {
          virtualisation = {
            # No user has the options of root's podman.
            dockerImages =
              removeAttrs dockerImages (
                lib.optionals isHome [
                  "mount"
                  "mountFallback"
                ]
              )
              // {
                inherit file;
              };
            quadlet.containers = builtins.mapAttrs (
              _name: container: container // { containerConfig.podmanArgs = [ "--network=none" ]; }
            ) containers;
          };
        }
      ];
    }).config;
  textsOf = lib.mapAttrs (_name: container: container._configText);
  ofQuadlets = declared false quadlets;
  configured =
    if quadlets != { } then
      ofQuadlets
    else if hasNixpkgs then
      realConfig
    else
      alone;
  quadletServices = removeAttrs ofQuadlets.systemd.services (builtins.attrNames quadlets);
in
pkgs.writeText "units" (
  builtins.toJSON {
    services =
      if quadlets != { } then
        quadletServices
      else if hasNixpkgs then
        real
      else
        stoodIn;
    quadlets = textsOf ofQuadlets.virtualisation.quadlet.containers;
    storage = configured.virtualisation.containers.storage.settings or { };
    etc = lib.mapAttrs (_name: file: "${file.source}") (
      lib.filterAttrs (name: _file: lib.hasPrefix "nixfetch-docker/" name) (
        configured.environment.etc or { }
      )
    );
    homeQuadlets = textsOf (declared true homeQuadlets).virtualisation.quadlet.containers;
  }
)
