/**
  A package with one program, such as `podman-load`, that runs a loader: so that `lib.getExe` and
  `nix run` find it.

  A loader takes its engine from the PATH. A program for units, whose PATH has little, is given a
  PATH of its own. Where the engine's program is on neither, the program says so, once.

  Type: { lib, runtimeShell, writeTextFile } -> { name, loader, engine, path ? null } -> derivation
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
  # The engine's own program that the loader runs: "podman", "docker" or "ctr".
  engine,
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
  text = lib.concatStringsSep "\n" (
    [ "#!${runtimeShell}" ]
    ++ lib.optional (
      path != null
    ) "export PATH=${lib.escapeShellArg (lib.concatStringsSep ":" path)}"
    ++ [
      "if ! command -v ${engine} >/dev/null; then"
      "  echo '${name}: there is no ${engine} on the PATH; install it, or run this where it is' >&2"
      "  exit 127"
      "fi"
      "exec ${loader}\n"
    ]
  );
}
