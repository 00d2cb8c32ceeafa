/**
  What nix/nixos/module.nix defines, without nixpkgs: see host-nixos.nix.

  Type: { file, … } -> { failed, containers, services }
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
}:

let
  inherit
    (import ./host-nixos.nix (import ./host-pkgs.nix) {
      imports = [ ../../nix/nixos/module.nix ];
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
  inherit failed;
  inherit (config.virtualisation.oci-containers) containers;
  inherit (config.systemd) services;
}
