/**
  A script that removes the images that a module loaded and wants no more, for one user: root, or the
  user that runs it. It reads what load-record.nix describes.

  It removes an image where the record says that the module brought it, no module wants it, it has no
  other name, and no container uses it, whether that runs or not. An image with another name loses
  ours. It never fails: what it cannot do, it says, and the next run tries again. It has the lock of
  an engine while it works, as loaders have.

  As root, it also runs as each user that root's modules ever loaded images for.

  The script takes the engines from the PATH, as the loaders do.

  Type: { lib, runtimeShell, stdenv, util-linux, writeTextFile } ->
    { owner, self, remove, loads } -> derivation
*/
{
  lib,
  runtimeShell,
  stdenv,
  util-linux,
  writeTextFile,
}:

{
  # "nixos" or "home".
  owner,
  # Whether anything is removed: otherwise the script only forgets what is wanted no more.
  remove,
  # The user that runs the script, as `loads` names it: "root".
  self,
  # What is wanted: [ { engine; user; image; namespace ? "default"; } ]
  loads,
}:

let
  shellScript = import ../lib/shell-script.nix { inherit runtimeShell writeTextFile; };
  oneLoad = import ./one-load.nix { inherit lib stdenv util-linux; };
  loadRecord = import ./load-record.nix { inherit lib; };

  storageOf =
    load:
    load.engine
    + lib.optionalString (load.engine == "containerd") "@${load.namespace or "default"}";
  wanted = lib.unique (
    map (load: "${load.user} ${storageOf load} ${loadRecord.keyOf load.image}") loads
  );
  others = lib.filter (user: user != self) (lib.unique (map (load: load.user) loads));
in
shellScript "remove-superseded-images" ''
  set -uo pipefail
  shopt -s nullglob
  wanted=${lib.escapeShellArg ("\n" + lib.concatStrings (map (line: "${line}\n") wanted))}

  ${loadRecord.directory}
  # Whose images these are, as `wanted` names them.
  user=''${1-${lib.escapeShellArg self}}
  own=$loaded/${owner}

  say() {
    echo "$*" >&2
  }

  # Each line: an image, by its ID, in containerd "-"; the digest of its manifest or "-"; names.
  list() {
    case $engine in
      podman)
        # Not those that podman only reads, by podman-mount.nix.
        podman images --all --no-trunc --filter readonly=false --format \
          'sha256:{{.Id}} {{with .Digest}}{{.}}{{else}}-{{end}}{{range .Names}} {{.}}{{end}}'
        ;;
      docker)
        local ids
        ids=$(docker images --all --no-trunc --quiet) || return
        [ -z "$ids" ] ||
          docker image inspect --format '{{.Id}} -{{range .RepoTags}} {{.}}{{end}}{{range .RepoDigests}} {{.}}{{end}}' $ids
        ;;
      containerd)
        ctr images ls | while read -r name _ digest _; do
          [ "$name" = REF ] || echo "- $digest $name"
        done
        ;;
    esac
  }

  # Whether a container has the image, also one that is stopped.
  uses() {
    case $engine in
      containerd)
        ctr containers ls | while read -r _ image _; do
          case " ''${ours[*]} $name $id " in *" $image "*) echo used ;; esac
        done
        ;;
      *) $engine ps --all --quiet --filter "ancestor=$found" ;;
    esac
  }

  # Takes our name from an image that has others.
  untag() {
    case $engine in
      podman) podman untag "$found" "$name" ;;
      docker) docker image rm --no-prune "$name" >/dev/null ;;
      containerd) ctr images rm "$name" >/dev/null ;;
    esac
  }

  # The engine refuses this, without force, where it knows of a use. Untagged parents are not ours.
  delete() {
    case $engine in
      podman)
        local prune="" one
        # It refuses to remove by its ID an image that has several names. It lists them more than once.
        for one in "''${ours[@]}"; do
          [ "$one" = "$name" ] || podman untag "$found" "$one" 2>/dev/null || true
        done
        case $(podman image rm --help) in *--no-prune*) prune=--no-prune ;; esac
        podman image rm $prune "$found" >/dev/null
        ;;
      docker) docker image rm --no-prune "$found" >/dev/null ;;
      containerd) ctr images rm "''${ours[@]}" >/dev/null ;;
    esac
  }

  # An image that is superseded, as `look` found it.
  supersede() {
    local other="" ours=() all called=$name one
    case $engine:$name in
      # What docker calls an image of Docker Hub.
      docker:docker.io/*) called=''${name#docker.io/} called=''${called#library/} ;;
    esac
    # Without expansion: a registry can be "[::1]:5000".
    read -ra all <<<"$names"
    for one in "''${all[@]}"; do
      case $engine:$one in
        "$engine:$called") ours+=("$one") ;;
        # Names that Kubernetes gives to each image.
        "containerd:''${name%:*}@$digest" | "containerd:$id") ours+=("$one") ;;
        # What podman-load.nix leaves where it is interrupted.
        podman:localhost${builtins.storeDir}/*-oci-layout:latest) ours+=("$one") ;;
        # A name that docker's containerd store has for each image; in the other store, who pulled it.
        "docker:''${called%:*}@$found") ;;
        *) other=$one ;;
      esac
    done

    local used
    if [ -n "$other" ]; then
      case " $names " in *" $called "*) untag || return ;; esac
      rm -f "$record"
      say "$name is not locked any more; its image $found stays, because it is $other too"
    elif ! used=$(uses); then
      say "$name is not locked any more, and stays: $engine does not tell whether a container uses it"
    elif [ -n "$used" ]; then
      say "$name is not locked any more, and stays while a container uses it ($found)"
    elif [ $engine = containerd ] && [ ''${#ours[@]} = 0 ]; then
      rm -f "$record"
    elif delete; then
      rm -f "$record"
      say "removed $name, which is not locked any more ($found)"
    else
      say "$name is not locked any more, and $engine did not remove it ($found); $engine's message above tells why, and the next run tries again"
    fi
  }

  # Whether a module wants the image, this one or another. What this one wants may not be loaded yet.
  is_wanted() {
    case $wanted in *$'\n'"$user $storage $key"$'\n'*) return 0 ;; esac
    local wants=("$loaded"/*/"$storage/wanted/$key")
    [ ''${#wants[@]} != 0 ]
  }

  # Finds the image of the record: `found` is what the engine knows it by, `names` has its names.
  look() {
    local alike="" listed_id listed_digest listed_names
    found="" names=""
    while read -r listed_id listed_digest _; do
      case $listed_id in "$id" | "$digest") found=$listed_id ;; esac
      # containerd has no ID, and podman may have made up one: see podman-load.nix.
      case $listed_digest in "$digest") alike=$listed_id ;; esac
    done <<<"$images"
    found=''${found:-$alike}
    found=''${found/#-/$digest}
    while read -r listed_id listed_digest listed_names; do
      case $found in "$listed_id" | "$listed_digest") names+=" $listed_names" ;; esac
    done <<<"$images"
  }

  sweep() {
    local images record key id digest name found names
    if ! images=$(list); then
      say "$engine does not answer: images that are not locked any more stay until it does"
      return
    fi
    for record in "$own/$storage"/records/*; do
      key=''${record##*/}
      if ! read -r id digest name <"$record"; then
        rm -f "$record"
        continue
      fi
      look
      [ $engine != podman ] || found=''${found#sha256:}
      if [ -z "$found" ]; then
        # Whoever brings it now brings it anew.
        rm -f "$record"
      elif ! is_wanted; then
        supersede
        # Another record may be of the same image, under another name.
        images=$(list) || return
      fi
    done
  }

  # Each storage that images were ever loaded into.
  for directory in "$own"/*/; do
    storage=''${directory%/}
    storage=''${storage##*/}
    engine=''${storage%%@*}
    for file in "$directory"wanted/*; do
      case $wanted in
        *$'\n'"$user $storage ''${file##*/}"$'\n'*) ;;
        *) rm -f "$file" ;;
      esac
    done
    records=("$directory"records/*)
    if [ ${if remove then "1" else "0"} = 0 ] || [ ''${#records[@]} = 0 ]; then
      continue
    fi
    command=''${engine/containerd/ctr}
    if ! command -v "$command" >/dev/null; then
      say "$engine is not here: images that are not locked any more stay in its storage"
      continue
    fi
    export CONTAINERD_NAMESPACE=''${storage#*@}
    (
      ${oneLoad {
        engine = "$engine";
        waits = "waiting for a load into the same engine";
      }}
      if [ -z "''${locked:-}" ]; then
        say "cannot have the lock of $engine: images that are not locked any more stay"
      else
        sweep 9>&-
      fi
    )
  done

  ${lib.optionalString (owner == "nixos") ''
    # The users' own. A user that left the configuration has images still.
    if [ "$EUID" = 0 ] && [ $# = 0 ]; then
      ${lib.concatStrings (
        map (user: ''
          (umask 077; mkdir -p "$loaded/users" && : >"$loaded/users"/${lib.escapeShellArg user})
        '') others
      )}
      for file in "$loaded"/users/*; do
        name=''${file##*/}
        # The name in the configuration may be a number.
        if ! uid=$(id -u "$name" 2>/dev/null) || ! gid=$(id -g "$name") || ! login=$(id -un "$name"); then
          rm -f "$file"
          continue
        fi
        printf -v quoted %q "$login"
        eval "home=~$quoted"
        ${util-linux}/bin/setpriv --reuid="$uid" --regid="$gid" --init-groups \
          env -i HOME="$home" USER="$login" LOGNAME="$login" PATH="/run/wrappers/bin:$PATH" "$0" "$name" ||
          say "cannot look for superseded images of $name"
      done
    fi
  ''}
  exit 0
''
