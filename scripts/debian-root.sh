# Functions for scripts that run something in a Debian of its own. To be read by `.`, as root and
# within namespaces of the script (`unshare_for`), with which all mounts and processes end.
# shellcheck shell=sh

cache=/var/cache/nixfetch-docker
repository=$(cd "$(dirname "$0")/.." && pwd -P)

fail() {
  echo "scripts/${0##*/}: $1" >&2
  exit 1
}

# Run this script again, in namespaces of its own and with `--unshared` as its first argument.
unshare_for() {
  [ "$(id -u)" = 0 ] || fail 'only root can make a root file system and mount it; run it as root'
  command -v mmdebstrap > /dev/null || fail 'mmdebstrap is not installed; run `make setup`'
  unshare --mount --pid --fork true \
    || fail 'cannot make namespaces; where this is a container, start it with --privileged'
  exec unshare --mount --pid --fork --kill-child --mount-proc "$0" --unshared "$@"
}

# make_root SUITE PACKAGES: make a root file system once, below $cache, and set $root to its path.
# It is made from the mirror and with the settings of this machine's apt.
make_root() {
  root=$cache/$1-$(echo "$2" | sha256sum | cut -c -16)
  { mkdir -p "$cache" && : > "$cache/lock"; } \
    || fail "$cache cannot be written; make it writable, or mount a file system there"
  (
    flock 9
    if [ -d "$root" ]; then
      touch "$root"
      exit
    fi
    # Another checkout may use one with other packages: a root goes a week after its last use.
    find "$cache" -maxdepth 1 -name "$1-*" -mtime +6 -exec rm -rf {} +
    rm -rf "$root.part"
    apt-config dump Acquire > "$cache/apt.conf"
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
      'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u)
    # Before the first `apt-get update`, apt names no mirror; then mmdebstrap has its own.
    # shellcheck disable=SC2086
    mmdebstrap --variant=apt --include="$2" --aptopt="$cache/apt.conf" \
      "$1" "$root.part" $mirror
    mv "$root.part" "$root"
  ) 9> "$cache/lock" \
    || fail "$root could not be made (see above); check that \`apt-get update\` works"
}

# over UPPER LOWER TARGET: show LOWER at TARGET; files written there go to UPPER.
over() {
  mkdir -p "$1/written" "$1/work" "$3"
  mount -t overlay -o "lowerdir=$2,upperdir=$1/written,workdir=$1/work" overlay "$3" \
    || fail "cannot mount an overlay of $2; it needs overlayfs, and in a container --privileged"
}

# show PATH: mount a file or directory of this machine at the same path in the root, to be read.
show() {
  if [ -d "$1" ]; then
    mkdir -p "$work/root$1"
  else
    mkdir -p "$work/root${1%/*}"
    : > "$work/root$1"
  fi
  mount --bind "$1" "$work/root$1"
  mount -o remount,bind,ro "$work/root$1"
}

# Show $root at $work/root, with the repository in it; what is written there is gone in the end.
mount_root() {
  work=$cache/mounted
  mkdir -p "$work"
  mount -t tmpfs tmpfs "$work" \
    || fail 'cannot mount a tmpfs; where this is a container, start it with --privileged'
  over "$work/root-layer" "$root" "$work/root"
  over "$work/repository-layer" "$repository" "$work/root$repository"
  # The files of a git worktree are in one directory, and its history in another.
  history=$(git -C "$repository" rev-parse --path-format=absolute --git-common-dir) || history=
  case $history in
    '' | "$repository"/*) ;;
    *) show "$history" ;;
  esac
}

# Make $work/root the root of this process, and the repository its working directory.
enter_root() {
  cd "$work/root"
  cp -L /etc/hosts /etc/resolv.conf etc/
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --rbind /dev dev
  mkdir host
  # In a chroot, Nix could not make its sandbox.
  pivot_root . host || fail 'cannot pivot_root; where this is a container, start it with --privileged'
  umount --lazy /host
  cd "$repository"
  mkdir -p .venv
  mount -t tmpfs tmpfs .venv
}

# Run a command with nothing of this machine's environment.
inside() {
  env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
