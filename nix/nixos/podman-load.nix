/**
  A script that loads an image into podman, under its name and tag.

  Where podman has this image under this name already, the script does nothing. Otherwise podman
  copies the layers that its storage lacks, and no others. `podman load` would unpack every layer of
  a tar again.

  Of several such scripts of a user, one loads at a time. Whichever waited looks again.

  The script takes podman from the PATH, and loads into the storage of the user that runs it.

  Type: { lib, runCommand, runtimeShell, stdenv, util-linux, writeTextFile, owner ? null }
    -> derivation -> derivation
*/
{
  lib,
  runCommand,
  runtimeShell,
  stdenv,
  util-linux,
  writeTextFile,
  # The module that loads the image, "nixos" or "home", by which remove-superseded.nix may remove it
  # later. Nothing that is loaded for nobody is removed.
  owner ? null,
  # Whether podman has the image as a read-only one too, by podman-mount.nix, whose layers it does not
  # mount. It must not take them for those of its storage.
  hasReadOnly ? false,
}:

# The image, by fetchDocker.
image:

let
  shellScript = import ../lib/shell-script.nix { inherit runtimeShell writeTextFile; };
  loadRecord = import ./load-record.nix { inherit lib; };
  oneLoad = import ./one-load.nix { inherit lib stdenv util-linux; };
  name = "${image.imageName}:${image.imageTag}";

  # podman before 4.4 names a pulled image by the directory, whose name must then be valid in a
  # reference. The name of the image's own directory is not: its tag can have capital letters.
  layout = runCommand "oci-layout" { } "ln -s ${image} $out";
in
shellScript "podman-load" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}
  ${lib.optionalString hasReadOnly ''
    # An option for the storage takes the place of those that storage.conf has.
    podman() {
      command podman --storage-opt=overlay.skip_mount_home=false "$@"
    }
  ''}
  # The ID is the digest of the config. Where layers came from a registry in pieces (zstd:chunked),
  # podman makes up another ID, and the digest of the manifest tells.
  holds() {
    case $(podman image inspect --format 'sha256:{{.Id}} {{.Digest}}' "$name" 2>/dev/null) in
      '${image.imageId} '* | *' ${image.imageDigest}') ;;
      *) return 1 ;;
    esac
  }

  lists() {
    podman images --all --no-trunc --format 'sha256:{{.Id}} {{.Digest}}'
  }
  ${loadRecord.record {
    inherit owner image;
    storage = "podman";
  }}
  want
  if holds; then
    exit
  fi

  load() {
    if holds; then
      return
    fi
    record

    # The name is given last: an image that has it is complete.
    if ! id=$(podman pull --quiet oci:${layout}) || ! podman tag "$id" "$name" || ! holds; then
      echo "podman did not load $name from ${image}; podman's message above tells why, and the next start tries again" >&2
      forget
      exit 1
    fi
    podman untag "$id" localhost${layout}:latest 2>/dev/null || true
    echo "loaded $name ($id)" >&2
  }

  ${oneLoad {
    engine = "podman";
    waits = "waiting for podman, which loads another image";
  }}
  load 9>&-
''
