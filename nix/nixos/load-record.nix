/**
  What the modules know of the images that they loaded, in files that loaders write and
  remove-superseded.nix reads.

  Below `~/.local/state/nixfetch-docker/loaded`, for root `/var/lib/nixfetch-docker/loaded`, an owner
  (a module) has a directory for each storage, OWNER/STORAGE, such as nixos/podman, with two others:

  - `wanted/KEY`: the owner wants this image;
  - `records/KEY`: its loader loaded this image, which the storage did not have before, under any
    name. The file says so in a line: the ID, the digest of the manifest, the name.

  XDG_STATE_HOME means nothing here: units of the machine and of the user must find the same files.

  Type: { lib } -> { keyOf, directory, record }
*/
{ lib }:

let
  lineOf = image: "${image.imageId} ${image.imageDigest} ${image.imageName}:${image.imageTag}";
  keyOf = image: builtins.hashString "sha256" (lineOf image);
in
{
  /**
    The key of an image under its name.

    Type: derivation -> string
  */
  inherit keyOf;

  /**
    Shell: sets `loaded` to the directory of the user that runs it.
  */
  directory = ''
    if [ "$EUID" = 0 ]; then
      loaded=/var/lib/nixfetch-docker/loaded
    else
      loaded=''${HOME:-/}/.local/state/nixfetch-docker/loaded
    fi
  '';

  /**
    Shell for a loader: functions `want`, before it looks for the image; `record`, before it loads, with
    the lock of the engine; and `forget`, where it did not load. Without an owner, they do nothing.
    The loader has a function `lists`, which prints the IDs and digests of all images of the storage.

    Type: { owner, storage, image } -> string
  */
  record =
    {
      # "nixos", "home" or null.
      owner,
      # The storage, in shell: "podman".
      storage,
      image,
    }:
    if owner == null then
      ''
        want() { :; }
        record() { :; }
        forget() { :; }
      ''
    else
      ''
        ${(import ./load-record.nix { inherit lib; }).directory}
        loaded+=/${owner}/${storage}
        key=${keyOf image}

        want() {
          [ -e "$loaded/wanted/$key" ] ||
            (umask 077; mkdir -p "$loaded/wanted" && : >"$loaded/wanted/$key") 2>/dev/null || true
        }

        # Before the load: an interrupted one is found again. Another image of ours may have the ID.
        record() {
          local found line=${lib.escapeShellArg (lineOf image)}
          found=$(lists) || return 0
          case $found in
            *${image.imageId}* | *${image.imageDigest}*)
              grep -qs '^${image.imageId} ' "$loaded"/records/* || return 0
              ;;
          esac
          if [ -z "''${locked:-}" ] || ! (
            umask 077
            mkdir -p "$loaded/records" "$loaded/new" &&
              printf '%s\n' "$line" >"$loaded/new/$key" &&
              mv "$loaded/new/$key" "$loaded/records/$key"
          ) 2>/dev/null; then
            echo "cannot record in $loaded that $name is loaded: it stays also when another image supersedes it" >&2
          fi
        }

        # A person may bring the image now.
        forget() {
          local found
          found=$(lists) || return 0
          case $found in
            *${image.imageId}* | *${image.imageDigest}*) ;;
            *) rm -f "$loaded/records/$key" ;;
          esac
        }
      '';
}
