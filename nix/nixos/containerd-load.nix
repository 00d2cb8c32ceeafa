/**
  A script that loads an image into containerd, under its name and tag.

  Where containerd has this image under this name already, with all layers, the script does nothing.
  Otherwise it streams the whole image to containerd, which keeps the layers that it lacks.

  Of several such scripts of a user, one loads at a time. Whichever waited looks again.

  The script takes ctr from the PATH, and the rest from the environment, as ctr does:
  CONTAINERD_ADDRESS, CONTAINERD_NAMESPACE (for Kubernetes `k8s.io`), CONTAINERD_SNAPSHOTTER.

  Type: { lib, runtimeShell, stdenv, util-linux, writeTextFile, owner ? null }
    -> derivation -> derivation
*/
{
  lib,
  runtimeShell,
  stdenv,
  util-linux,
  writeTextFile,
  # The module that loads the image, "nixos" or "home", by which remove-superseded.nix may remove it
  # later. Nothing that is loaded for nobody is removed.
  owner ? null,
}:

# The image, by fetchDocker.
image:

let
  shellScript = import ../lib/shell-script.nix { inherit runtimeShell writeTextFile; };
  loadRecord = import ./load-record.nix { inherit lib; };
  oneLoad = import ./one-load.nix { inherit lib stdenv util-linux; };
  name = "${image.imageName}:${image.imageTag}";
in
shellScript "containerd-load" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}

  # A name with the digest of the manifest, and all that the manifest names: "complete (3/3)".
  holds() {
    local found
    found=$(ctr images check "name==\"$name\"" 2>/dev/null) || return 1
    case $found in
      *" ${image.imageDigest} "*complete*) case $found in *incomplete*) return 1 ;; esac ;;
      *) return 1 ;;
    esac
  }

  lists() {
    ctr images ls
  }
  ${loadRecord.record {
    inherit owner image;
    storage = "containerd@\${CONTAINERD_NAMESPACE:-default}";
  }}
  want
  if holds; then
    exit
  fi

  send() {
    ${image.stream} | ctr images import - >/dev/null
  }

  load() {
    if holds; then
      return
    fi
    record

    # Where the name was another image's, containerd may collect a layer meanwhile that both have.
    if ! { send || send; } || ! holds; then
      echo "containerd did not load $name from ${image}; the message of ctr above tells why, and the next start tries again" >&2
      forget
      exit 1
    fi
    echo "loaded $name" >&2
  }

  ${oneLoad {
    engine = "containerd";
    waits = "waiting for containerd, which loads another image";
  }}
  load 9>&-
''
