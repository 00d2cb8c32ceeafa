# quadlet-nix in Home Manager (https://github.com/SEIAROTg/quadlet-nix): containers of
# `virtualisation.quadlet` that start from the lock and never pull, in the podman of the user.
# quadlet-nix itself is another project's module, which a configuration imports beside this one.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (import ../nixos/locked-images.nix { inherit config lib pkgs; }) namedImage packages;
  quadlet = import ../lib/quadlet.nix {
    inherit lib namedImage packages;
    owner = "home";
    path = [ "${config.home.profileDirectory}/bin" ];
  };
  checked = quadlet.check config.virtualisation.quadlet.containers;
in
{
  imports = [ ./module.nix ];

  options.virtualisation.quadlet = { inherit (quadlet) containers; };

  config = {
    inherit (checked) warnings assertions;

    virtualisation.dockerImages.loads = lib.mapAttrsToList (name: container: {
      engine = "podman";
      user = config.home.username;
      name = container.locked;
      option = quadlet.lockedOption name;
      unit = "${name}.service";
    }) checked.locked;
  };
}
