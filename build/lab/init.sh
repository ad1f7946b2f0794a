#!/bin/sh
# PID 1 of the guest: lays a tmpfs over the machine's files, brings up what a boot has by then, runs the command and
# halts. Nothing may end it early: a guest without PID 1 spins for ever.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root LC_ALL=C.UTF-8 FIRSTLIGHT_LAB=1
export PATH HOME LC_ALL FIRSTLIGHT_LAB
modules=/usr/lib/uml/modules

# an overlay as root, so that whatever the guest writes stays in its memory
mount -t tmpfs tmpfs /run
mkdir /run/upper /run/work /run/root
insmod $modules/*/kernel/fs/overlayfs/overlay.ko
mount -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work root /run/root
# reboot(2) at once, without the package that brings the command halt
stop() { systemctl halt --force --force; }
cd /run/root || stop
mkdir -p proc sys dev run tmp var/tmp lib/modules .lower
pivot_root . .lower
cd /

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
umount -l /.lower
rmdir /.lower
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/lab /run/lock
mount -t hostfs -o "$lab_scratch" lab /run/lab
mount --bind $modules /lib/modules

date -s "@$lab_time" >/dev/null
hostname lab
ip link set lo up
modprobe -a loop dm-mod dm-crypt raid0 raid1 raid456 xfs btrfs vfat isofs udf ext4 nls_ascii nls_cp437
mkdir -p /run/udev
/lib/systemd/systemd-udevd --daemon
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add --subsystem-match=block --subsystem-match=misc
udevadm settle --timeout=30

stty -F /dev/ttyS0 raw -echo
stty -F /dev/ttyS1 raw -echo
sh /run/lab/command </dev/null >/dev/ttyS0 2>/dev/ttyS1
echo $? >/run/lab/status
sync
stop
