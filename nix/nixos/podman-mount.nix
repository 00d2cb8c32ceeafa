/**
  A script that lets root's podman run an image out of the Nix store: after it, the name of the image
  is that of the read-only image, and of no other.

  The read-only image is in a store that storage.conf names (`additionalimagestores`), and
  /etc/nixfetch-docker/mounted/ID is what mounted-image.nix makes of it: the script names no file of it,
  so that a unit restarts where its image is another, and not where the same files have another path.

  The first time since the machine booted, the script compares the files of the image with what they
  were built as: the kernel notices no changed byte in them. A file that changed is an error. Then it
  lets podman mount the image, apart from all other storage. Where podman mounts nothing, the script
  loads the image, as podman-load.nix does, and says so, if the blobs are on the machine too; else it
  fails.

  A copy of the image that a module loaded before is removed, unless a container uses it: podman would
  prefer it.

  The script takes podman from the PATH.

  Type: { lib, callPackage, coreutils, runtimeShell, stdenv, util-linux, writeTextFile, owner }
    -> { image, hasBlobs } -> derivation
*/
{
  lib,
  callPackage,
  coreutils,
  runtimeShell,
  stdenv,
  util-linux,
  writeTextFile,
  # As in podman-load.nix.
  owner,
}:

{
  # The image, by fetchDocker.
  image,
  # Whether the blobs of the image are on the machine too, to load it from.
  hasBlobs,
}:

let
  shellScript = import ../lib/shell-script.nix { inherit runtimeShell writeTextFile; };
  loadRecord = import ./load-record.nix { inherit lib; };
  oneLoad = import ./one-load.nix { inherit lib stdenv util-linux; };
  name = "${image.imageName}:${image.imageTag}";
  hex = lib.removePrefix "sha256:" image.imageId;

  load = callPackage ./podman-load.nix {
    inherit owner;
    hasReadOnly = true;
  } image;
in
shellScript "podman-mount" ''
  set -euo pipefail
  name=${lib.escapeShellArg name}
  ${loadRecord.directory}
  record=$loaded/${owner}/podman/records/${loadRecord.keyOf image}
  files=$(${coreutils}/bin/readlink --canonicalize /etc/nixfetch-docker/mounted/${hex})
  podman=$(${coreutils}/bin/readlink --canonicalize "$(command -v podman)")
  # What was tried since the machine booted, and did well.
  tried=/run/nixfetch-docker/mounted/${hex}

  # What a container of this name runs.
  holds() {
    case $(podman image inspect --format 'sha256:{{.Id}}' "$name" 2>/dev/null) in
      ${image.imageId}) ;;
      *) return 1 ;;
    esac
  }

  if [ "$(cat "$tried" 2>/dev/null)" = "$podman $files" ] && [ ! -e "$record" ] && holds; then
    exit
  fi

  # podman without its read-only images: an option for the storage takes the place of those that
  # storage.conf has.
  writable() {
    podman --storage-opt=overlay.skip_mount_home=false "$@"
  }

  # Of a podman that does not know such layers, the container would be empty.
  mounts() {
    local place container="" directory status=1
    place=$(${coreutils}/bin/mktemp --directory /run/nixfetch-docker/mount.XXXXXX) || return
    # All storages share the locks of containers, but for those that are files.
    printf '[engine]\nlock_type = "file"\nevents_logger = "none"\n' >"$place/containers.conf"
    apart() {
      CONTAINERS_CONF_OVERRIDE=$place/containers.conf podman \
        --root "$place/root" --runroot "$place/run" --tmpdir "$place/tmp" \
        --storage-driver=overlay --storage-opt=overlay.skip_mount_home=true \
        --storage-opt=overlay.imagestore="$files/store" "$@"
    }
    if container=$(apart create --pull=never ${image.imageId} /) &&
      directory=$(apart mount "$container") &&
      [ -n "$(${coreutils}/bin/ls --almost-all "$directory")" ]; then
      status=0
    fi
    [ -z "$container" ] || apart rm --force "$container" >/dev/null || true
    rm -rf --one-file-system "$place"
    return $status
  }

  is_shown() {
    case $(podman images --all --no-trunc --filter readonly=true --format 'sha256:{{.Id}}') in
      *${image.imageId}*) ;;
      *)
        echo "podman does not show its read-only images: see additionalimagestores in /etc/containers/storage.conf" >&2
        return 1
        ;;
    esac
  }

  # Leaves the name to the read-only image. What somebody else brought stays.
  release() {
    local listed other names
    listed=$(writable images --all --no-trunc --format 'sha256:{{.Id}}{{range .Names}} {{.}}{{end}}')
    while read -r other names; do
      if [ "$other" != ${image.imageId} ]; then
        case " $names " in *" $name "*) writable untag "''${other#sha256:}" "$name" ;; esac
        continue
      fi
      if [ -e "$record" ]; then
        case $names in
          "" | "$name")
            if writable image rm "''${other#sha256:}" >/dev/null; then
              echo "removed the copy of $name in podman's storage: containers run it from the Nix store" >&2
              rm -f "$record"
              continue
            fi
            echo "$name stays in podman's storage too, while a container uses it there" >&2
            ;;
          *)
            echo "$name stays in podman's storage too, because somebody gave it another name: $names" >&2
            rm -f "$record"
            ;;
        esac
      fi
      # Without the name, the copy would hide the read-only image.
      writable tag "''${other#sha256:}" "$name"
    done <<<"$listed"
  }

  (umask 077; mkdir -p "''${tried%/*}")
  if [ -s "$files/sums" ] && ! changed=$(LC_ALL=C ${coreutils}/bin/sha256sum --check --quiet "$files/sums" 2>/dev/null); then
    echo "the files of $name are not as they were built ($changed); mend them by \`nix-store --repair-path\`" >&2
    exit 1
  fi

  if is_shown && mounts; then
    ${oneLoad {
      engine = "podman";
      waits = "waiting for podman, which loads another image";
    }}
    release 9>&-
    if ! holds; then
      echo "podman does not run $name from the Nix store: another image has its name" >&2
      exit 1
    fi
    echo "$podman $files" >"$tried"
  else
    ${
      if hasBlobs then
        ''
          echo "podman does not mount $name, which is loaded instead; the message above tells why" >&2
          exec ${load}
        ''
      else
        ''
          echo "podman does not mount $name; the message above tells why. Set virtualisation.dockerImages.mountFallback = true: then it is loaded instead" >&2
          exit 1
        ''
    }
  fi
''
