/**
  Lines of shell by which a script has the lock of an engine, until the process of its shell ends:
  one load at a time. Several at once of one image would each copy the whole image.

  The lock is the file descriptor 9. What runs with `9>&-` does not keep it: podman without rights
  leaves a process behind, which would have it for ever. `waits` is said where another script has
  it. Where no lock can be had, `locked` is empty, and the script goes on without.

  It is a file in a directory that only its user may read: who can read a file can lock it.

  Type: { lib, stdenv, util-linux } -> { engine, waits } -> string
*/
{
  lib,
  stdenv,
  util-linux,
}:

{
  # The name of the engine, "podman".
  engine,
  # What is said before the script waits.
  waits,
}:

# Engines run on Linux: a Mac has their clients, and no units that load at once.
lib.optionalString stdenv.hostPlatform.isLinux ''
  locked=
  if [ "$EUID" = 0 ]; then
    places=(/run)
  else
    places=("''${XDG_RUNTIME_DIR:-/run/user/$EUID}" "''${HOME:-/}/.local/state")
  fi
  for place in "''${places[@]}"; do
    lock=$place/nixfetch-docker/${engine}.lock
    if (umask 077; mkdir -p "''${lock%/*}" && : >>"$lock") 2>/dev/null; then
      exec 9>>"$lock"
      if ! ${util-linux}/bin/flock --nonblock 9; then
        echo ${lib.escapeShellArg waits} >&2
        ${util-linux}/bin/flock 9 || break
      fi
      locked=1
      break
    fi
  done
''
