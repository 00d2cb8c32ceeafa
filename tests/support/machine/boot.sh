#!/bin/sh
# Start systemd as process 1 of new namespaces, without a network.
#
#   boot.sh cgroup WORK      in the mount and process namespaces that hold.sh made for WORK
#
# The script prints the process ID of systemd. What systemd may write of this machine is nothing:
# /sys and /proc/sys are read-only there, and its devices and its cgroup are its own.
set -eu
cd "$2"
case $1 in
  cgroup)
    echo 0 > "cgroups/machine-${2##*/}/cgroup.procs"
    exec unshare --mount --pid --fork --cgroup --uts --ipc --net --kill-child "$0" start "$2"
    ;;
  start)
    read -r pid _ < /proc/self/stat
    echo "$pid"
    mount --make-rprivate /
    mount --rbind root root
    cd root
    mount -t proc proc proc
    for path in proc/sys proc/sysrq-trigger; do
      [ -e $path ] || continue
      mount --bind $path $path
      mount -o remount,bind,ro $path
    done
    mount --bind proc/sys/net proc/sys/net
    mount -o remount,bind,rw proc/sys/net
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs tmpfs run
    mount -t tmpfs -o mode=755 tmpfs dev
    mkdir dev/pts dev/shm dev/mqueue
    mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
    mount -t tmpfs tmpfs dev/shm
    mount -t mqueue mqueue dev/mqueue
    for device in null zero full random urandom tty fuse; do
      [ ! -e /dev/$device ] || cp -a /dev/$device dev/
    done
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    for n in 0 1 2; do
      ln -s /proc/self/fd/$n dev/$(echo stdin stdout stderr | cut -d ' ' -f $((n + 1)))
    done
    # The kernel lets a user's namespace have a /proc only where there is one with nothing over it.
    mkdir -m 700 dev/.visible
    mkdir dev/.visible/proc
    mount -t proc proc dev/.visible/proc
    hostname machine
    pivot_root . mnt
    umount --lazy /mnt
    # As systemd has it on a machine of its own; rootless podman wants it.
    mount --make-rshared /
    exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
      --unit=multi-user.target --log-target=journal --show-status=no < /dev/null > /dev/null 2>&1
    ;;
esac
