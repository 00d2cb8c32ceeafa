# quadlet-nix on NixOS (https://github.com/SEIAROTg/quadlet-nix): containers of
# `virtualisation.quadlet` that start from the lock and never pull. quadlet-nix itself is another
# project's module, which a machine imports beside this one.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (import ./locked-images.nix { inherit config lib pkgs; }) namedImage packages;
  quadlet = import ../lib/quadlet.nix {
    inherit lib namedImage packages;
    owner = "nixos";
    path = [ "${config.virtualisation.podman.package}/bin" ];
    mountFor =
      container: if mounted.isMounted (storageOf container) then mounted.script else null;
  };
  mounted = import ./mounted.nix { inherit config lib packages; };
  checked = quadlet.check config.virtualisation.quadlet.containers;

  # quadlet-nix names by its number whose storage it is; `podman.user` of oci-containers by its name.
  user =
    container:
    let
      uid = container.rootlessConfig.uid or null;
      named = lib.filterAttrs (_name: user: user.uid or null == uid) config.users.users;
    in
    if uid == null then
      "root"
    else if named == { } then
      toString uid
    else
      lib.head (lib.attrNames named);
  storageOf = container: {
    engine = "podman";
    user = user container;
  };
in
{
  imports = [ ./module.nix ];

  options.virtualisation.quadlet = { inherit (quadlet) containers; };

  config = {
    inherit (checked) warnings assertions;

    virtualisation.dockerImages.loads = lib.mapAttrsToList (
      name: container:
      storageOf container
      // {
        name = container.locked;
        option = quadlet.lockedOption name;
        unit = "${name}.service";
      }
    ) checked.locked;
  };
}
