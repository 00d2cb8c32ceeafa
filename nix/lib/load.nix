/**
  The programs that load an image into an engine: `podman`, `docker` and `containerd`. Each makes the
  engine of whoever runs it hold just this image under its name and tag, and does nothing where it
  does. They run the same scripts as the units of the modules.

  Type: { lib, runCommand, runtimeShell, stdenv, util-linux, writeTextFile } -> derivation
    -> { podman, docker, containerd }
*/
{
  lib,
  runCommand,
  runtimeShell,
  stdenv,
  util-linux,
  writeTextFile,
}:

let
  loadProgram = import ./load-program.nix { inherit lib runtimeShell writeTextFile; };
  tools = {
    inherit
      lib
      runtimeShell
      stdenv
      util-linux
      writeTextFile
      ;
  };

  loaders = {
    podman = import ../nixos/podman-load.nix (tools // { inherit runCommand; });
    docker = import ../nixos/docker-load.nix tools;
    containerd = import ../nixos/containerd-load.nix tools;
  };
in

# The image, by fetchDocker.
image:

lib.mapAttrs (
  engine: loaderOf:
  loadProgram {
    name = "${engine}-load";
    engine = if engine == "containerd" then "ctr" else engine;
    loader = loaderOf image;
  }
) loaders
