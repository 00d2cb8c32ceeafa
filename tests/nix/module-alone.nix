/**
  What nix/nixos/module.nix defines, without nixpkgs: see host-nixos.nix.

  Type: { file, … } -> { failed, warnings, containers, services, config }
*/
{
  # The images.toml, or null.
  file,
  # virtualisation.oci-containers.containers
  containers ? { },
  # virtualisation.dockerImages.preload
  preload ? [ ],
  # virtualisation.oci-containers.backend
  backend ? "podman",
  # Other definitions of the machine.
  machine ? { },
}:

let
  inherit
    (import ./host-nixos.nix (import ./host-pkgs.nix) {
      imports = [
        ../../nix/nixos/module.nix
        machine
      ];
      virtualisation = {
        dockerImages = { inherit file preload; };
        oci-containers = { inherit backend containers; };
      };
    })
    config
    failed
    ;
in
{
  inherit config failed;
  inherit (config) warnings;
  inherit (config.virtualisation.oci-containers) containers;
  inherit (config.systemd) services;
}
