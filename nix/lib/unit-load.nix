/**
  The command of a unit that loads an image into podman: with a PATH of its own, because a unit's has
  neither podman nor the setuid programs that rootless podman needs.

  Type: { callPackage, lib, runtimeShell, writeTextFile } -> [ string ] -> derivation -> string
*/
{
  callPackage,
  lib,
  runtimeShell,
  writeTextFile,
  # As in podman-load.nix.
  owner ? null,
  # The name of the command.
  name ? "podman-load",
  # What loads an image: the image, by fetchDocker, -> a script.
  load ? callPackage ../nixos/podman-load.nix { inherit owner; },
}:

let
  loadProgram = import ./load-program.nix { inherit lib runtimeShell writeTextFile; };
in

# The directories of the podman that runs the containers.
path:
# The image, by fetchDocker.
image:

lib.getExe (loadProgram {
  inherit name;
  engine = "podman";
  loader = load image;
  # NixOS has the setuid programs in a directory of its own, other distributions beside the rest.
  path = [
    "/run/wrappers/bin"
  ]
  ++ path
  ++ [
    "/run/current-system/sw/bin"
    "/usr/bin"
    "/bin"
  ];
})
