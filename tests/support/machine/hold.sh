#!/bin/sh
# Hold what a machine keeps while it is off: a root file system over that of Debian, and its disks.
#
#   hold.sh hold ROOT WORK STORE      in a mount namespace of its own; stdin is a pipe
#
# ROOT is Debian's file system, which is only read; WORK is an empty directory, STORE a Nix store.
# The script prints the process ID of the machine's holder. At the end of its stdin, which comes too
# where whoever started it is killed, all processes of the machine are killed, and its mounts, its
# cgroups and WORK end with them.
set -eu
here=$(dirname "$0")
case $1 in
  hold)
    root=$2 work=$3 store=$4
    mount -t tmpfs -o mode=755 tmpfs "$work"
    cd "$work"
    mkdir cgroups root written work
    mount -t cgroup2 cgroup2 cgroups
    # The name of WORK is like that of no other directory here.
    cgroup=$work/cgroups/machine-${work##*/}
    mkdir "$cgroup"
    mount -t overlay -o "lowerdir=$root,upperdir=written,workdir=work" overlay root
    # Engines cannot keep layers on an overlay.
    for disk in var/lib/containers var/lib/docker home; do
      mkdir -p "root/$disk"
      mount -t tmpfs -o mode=755 tmpfs "root/$disk"
    done
    mkdir -p "root$store"
    mount --bind "$store" "root$store"
    mount -o remount,bind,ro "root$store"
    status=0
    unshare --pid --fork --kill-child "$here/hold.sh" wait || status=$?
    find "$cgroup" -depth -type d -exec rmdir {} +
    cd /
    umount --recursive --lazy "$work"
    rmdir "$work"
    exit $status
    ;;
  wait)
    # The first process of its namespace: when it ends, the kernel kills all others there.
    read -r pid _ < /proc/self/stat
    echo "$pid"
    exec cat
    ;;
esac
