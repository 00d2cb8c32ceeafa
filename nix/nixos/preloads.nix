/**
  What `virtualisation.dockerImages.preload` defines: a unit for each storage that images are loaded
  into at boot. A storage is that of an engine, with podman of a user, with containerd in a namespace.

  Type: { config, lib, mounted, namedImage, packages, pkgs } -> { assertions, loads, definitions }
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
}:

let
  inherit (config.virtualisation.oci-containers) backend;
  inherit (config.users) users;
  text = import ../lib/text.nix { inherit lib; };
  option = "virtualisation.dockerImages.preload";

  entries = map (
    entry:
    if builtins.isString entry then
      {
        name = entry;
        engine = backend;
        user = "root";
        namespace = null;
      }
    else
      entry // { engine = if entry.engine == null then backend else entry.engine; }
  ) config.virtualisation.dockerImages.preload;

  # No container's unit has such a name, because theirs begin with the name of the backend.
  unitOf =
    entry:
    lib.concatStringsSep "-" (
      [ "preload-docker-images" ]
      ++ lib.optional (entry.engine != backend || entry.user != "root") entry.engine
      ++ lib.optional (entry.user != "root") entry.user
      ++ lib.optional (entry.namespace != null) entry.namespace
    );

  hasOwn = {
    # Without the user's directory in /run, podman would take another for good. The manager of the user
    # makes it.
    podman =
      entry:
      lib.optionalAttrs (entry.user != "root") (
        let
          user = users.${entry.user};
          before =
            lib.optional user.linger "linger-users.service"
            ++ lib.optional (user.uid != null) "user@${toString user.uid}.service";
        in
        {
          wants = before;
          after = before;
          environment.HOME = user.home;
          unitConfig.RequiresMountsFor = [ user.home ];
        }
      )
      // {
        path = [ config.virtualisation.podman.package ];
      };
    docker = _entry: {
      path = [ config.virtualisation.docker.package ];
      after = [
        "docker.service"
        "docker.socket"
      ];
      requires = [ "docker.socket" ];
    };
    containerd =
      entry:
      {
        path = [ pkgs.containerd ];
        after = [ "containerd.service" ];
        requires = [ "containerd.service" ];
      }
      // lib.optionalAttrs (entry.namespace != null) {
        environment.CONTAINERD_NAMESPACE = entry.namespace;
      };
  };

  load =
    entry: if mounted.isMounted entry then mounted.script else loaders.${entry.engine};
  loaders = {
    podman = packages.callPackage ./podman-load.nix { owner = "nixos"; };
    docker = packages.callPackage ./docker-load.nix { owner = "nixos"; };
    containerd = packages.callPackage ./containerd-load.nix { owner = "nixos"; };
  };

  unit =
    of:
    let
      first = lib.head of;
      whose = lib.optionalString (first.user != "root") " of ${first.user}";
    in
    hasOwn.${first.engine} first
    // {
      description = "Container images that are loaded into ${first.engine}${whose} at boot";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = map (entry: "${load entry (namedImage option entry.name).image}") of;
      }
      // lib.optionalAttrs (first.user != "root") { User = first.user; };
    };

  uses = engine: lib.filter (entry: entry.engine == engine) entries != [ ];
in
{
  assertions = lib.concatMap (
    entry:
    let
      near = text.closest (lib.attrNames users) entry.user;
      meant =
        if near != null then
          "did you mean '${near}'?"
        else
          "declare it there, or name another user";
    in
    [
      {
        assertion = entry.user == "root" || entry.engine == "podman";
        message = "${option} loads '${entry.name}' into ${entry.engine} for the user ${entry.user}, and ${entry.engine} has one storage for all users; remove `user`";
      }
      {
        assertion = entry.user == "root" || entry.engine != "podman" || users ? ${entry.user};
        message = "${option} loads '${entry.name}' for the user '${entry.user}', whom users.users does not have; ${meant}";
      }
      {
        assertion = entry.namespace == null || entry.engine == "containerd";
        message = "${option} loads '${entry.name}' into ${entry.engine} with the namespace ${toString entry.namespace}, and only containerd has namespaces; remove `namespace`, or write engine = \"containerd\"";
      }
    ]
  ) entries;

  # As the option `loads` has it.
  loads = map (
    entry:
    {
      inherit (entry) engine user name;
      inherit option;
      unit = "${unitOf entry}.service";
    }
    // lib.optionalAttrs (entry.namespace != null) { inherit (entry) namespace; }
  ) entries;

  definitions = lib.mkIf (entries != [ ]) {
    virtualisation.podman.enable = lib.mkIf (uses "podman") true;
    virtualisation.docker.enable = lib.mkIf (uses "docker") true;
    virtualisation.containerd.enable = lib.mkIf (uses "containerd") true;
    systemd.services = lib.mapAttrs (_name: unit) (lib.groupBy unitOf entries);
  };
}
