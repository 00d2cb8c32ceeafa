/**
  An executable script for bash, which a binary cache may have: Nix would not look there for one by
  nixpkgs' writeShellScript, and a machine that has a cache alone has nothing to make it with.

  Type: { runtimeShell, writeTextFile } -> string -> string -> derivation
*/
{ runtimeShell, writeTextFile }:

# The name of the script in the store.
name:
# What the script does.
text:

writeTextFile {
  inherit name;
  executable = true;
  allowSubstitutes = true;
  text = "#!${runtimeShell}\n${text}";
}
