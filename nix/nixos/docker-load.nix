/**
  A script that loads an image into docker, under its name and tag.

  Where docker has this image under this name already, the script does nothing. Otherwise it streams
  the whole image to the daemon, which keeps the layers that it lacks: docker has no other way to
  load an image.

  Of several such scripts of a user, one loads at a time. Whichever waited looks again.

  The script takes docker from the PATH.

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
shellScript "docker-load" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}

  # The ID is the digest of the config, and in docker's containerd image store that of the manifest.
  holds() {
    case $(docker image inspect --format '{{.Id}}' "$name" 2>/dev/null) in
      ${image.imageId} | ${image.imageDigest}) ;;
      *) return 1 ;;
    esac
  }

  lists() {
    docker images --all --no-trunc --quiet
  }
  ${loadRecord.record {
    inherit owner image;
    storage = "docker";
  }}
  want
  if holds; then
    exit
  fi

  send() {
    ${image.stream} | docker load --quiet >/dev/null
  }

  load() {
    if holds; then
      return
    fi
    record

    # The containerd image store drops the image that had the name before while it unpacks. This can
    # make one load fail, and the next one succeeds.
    if ! { send || send; } || ! holds; then
      # It also gives the name before all layers are there. The next start must not take that for the
      # image.
      if holds; then
        docker image rm --force "$name" >/dev/null || true
      fi
      echo "docker did not load $name from ${image}; docker's message above tells why, and the next start tries again" >&2
      forget
      exit 1
    fi
    echo "loaded $name" >&2
  }

  ${oneLoad {
    engine = "docker";
    waits = "waiting for docker, which loads another image";
  }}
  load 9>&-
''
