/**
  A package with one program, such as `podman-load`, that runs a loader: so that `lib.getExe` and
  `nix run` find it.

  A loader takes its engine from the PATH. A program for units, whose PATH has little, is given a
  PATH of its own.

  Type: { lib, runtimeShell, writeTextFile } -> { name, loader, path ? null } -> derivation
*/
{
  lib,
  runtimeShell,
  writeTextFile,
}:

{
  # The name of the package and of its program.
  name,
  # The loader, by ../nixos/podman-load.nix and its like.
  loader,
  # The directories where the loader finds its programs, in place of the caller's: [ "/usr/bin" … ]
  path ? null,
}:

writeTextFile {
  inherit name;
  executable = true;
  destination = "/bin/${name}";
  # A machine that has a binary cache has perhaps nothing to build with: see shell-script.nix.
  allowSubstitutes = true;
  meta = {
    mainProgram = name;
    description = "Loads one image out of the Nix store, unless it is there already";
  };
  text = "#!${runtimeShell}\n${
    lib.optionalString (path != null) "export PATH=${lib.escapeShellArg (lib.concatStringsSep ":" path)}\n"
  }exec ${loader}\n";
}
