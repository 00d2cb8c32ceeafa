/**
  A script that has podman hold an image, under its name and tag.

  It does nothing where podman has that image already. Otherwise podman copies the layers that its
  storage lacks, and no others: `podman load` would unpack every one of a tar again.

  podman comes from the PATH, and loads into the storage of whoever runs the script.

  Type: derivation -> derivation
*/
{
  lib,
  runCommand,
  writeShellScript,
}:

image:

let
  name = "${image.imageName}:${image.imageTag}";

  # podman before 4.4 names what it pulls by the directory, which must then be a valid name: a tag
  # with capital letters in it is none.
  layout = runCommand "oci-layout" { } "ln -s ${image} $out";
in
writeShellScript "podman-load" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}

  # The ID is the config's digest. Where layers came from a registry in pieces (zstd:chunked),
  # podman makes up another ID, and the manifest's digest tells.
  holds() {
    case $(podman image inspect --format 'sha256:{{.Id}} {{.Digest}}' "$name" 2>/dev/null) in
      '${image.imageId} '* | *' ${image.imageDigest}') ;;
      *) return 1 ;;
    esac
  }

  if holds; then
    exit
  fi

  # The name comes last: what has it is whole.
  if ! id=$(podman pull --quiet oci:${layout}) || ! podman tag "$id" "$name" || ! holds; then
    echo "podman did not load $name from ${image}; podman's message above tells why, and the next start tries again" >&2
    exit 1
  fi
  podman untag "$id" localhost${layout}:latest 2>/dev/null || true
  echo "loaded $name ($id)" >&2
''
