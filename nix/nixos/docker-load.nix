/**
  A script that has docker hold an image, under its name and tag.

  It does nothing where docker has that image already. Otherwise it streams the whole image to the
  daemon, which keeps the layers that it lacks: docker has no other way in.

  docker comes from the PATH.

  Type: derivation -> derivation
*/
{ lib, writeShellScript }:

image:

let
  name = "${image.imageName}:${image.imageTag}";
in
writeShellScript "docker-load" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}

  # The ID is the config's digest, and in docker's containerd image store the manifest's.
  holds() {
    case $(docker image inspect --format '{{.Id}}' "$name" 2>/dev/null) in
      ${image.imageId} | ${image.imageDigest}) ;;
      *) return 1 ;;
    esac
  }

  if holds; then
    exit
  fi

  load() {
    ${image.stream} | docker load --quiet >/dev/null
  }

  # The containerd image store drops what had the name before while it unpacks, and may stumble over
  # that once.
  if ! { load || load; } || ! holds; then
    # It also gives the name before all is there: the next start must not take that for the image.
    if holds; then
      docker image rm --force "$name" >/dev/null || true
    fi
    echo "docker did not load $name from ${image}; docker's message above tells why, and the next start tries again" >&2
    exit 1
  fi
  echo "loaded $name" >&2
''
