#!/bin/sh
# Init of the rest of Linux PE: brings up all devices, fetches the agent and runs it. When the agent
# ends, why it ended stays on the screen and the machine holds; only the agent restarts a machine.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
export HOME=/root LC_ALL=C.UTF-8 TERM=linux
. /usr/lib/metalwright/console.sh
. /usr/lib/metalwright/coldplug.sh

mkdir -p /dev/pts /dev/shm
mount -t devpts -o nosuid,noexec,gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev tmpfs /dev/shm
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs /tmp
ln -snf /proc/self/fd /dev/fd
hostname metalwright-pe
ip link set dev lo up
find_terminals

say "looking for disks and other devices"
# Keyboards and USB disks that are plugged in later then need nobody to load a module for them.
modprobe -a -b -q efivarfs fuse usbhid hid_generic usb_storage uas sd_mod sr_mod atkbd i8042
[ -d /sys/firmware/efi/efivars ] && mount -t efivarfs -o nosuid,nodev,noexec efivarfs /sys/firmware/efi/efivars
coldplug
sleep 2 # SATA and SAS links come up after their driver has returned
coldplug
unclaimed_devices >/run/metalwright/unclaimed
if [ -s /run/metalwright/unclaimed ]; then
  say "devices without a driver (PCI vendor, device, class):"
  while read -r line; do say "  $line"; done </run/metalwright/unclaimed
fi

set -a
. /run/metalwright/settings
set +a
if [ -n "$METALWRIGHT_MEDIA_ID" ]; then
  . /usr/lib/metalwright/media.sh
  agent_of_media
else
  # The lease of the loader is kept alive from here.
  interface=$(sed -n 's/^interface=//p' /run/metalwright/lease)
  address=$(sed -n 's/^address=//p' /run/metalwright/lease)
  busybox udhcpc -i "$interface" -r "$address" -f -t 5 -T 3 -A 10 -O staticroutes \
    -s /usr/lib/metalwright/udhcpc.sh >/run/metalwright/udhcpc.log 2>&1 &
  . /usr/lib/metalwright/bootstrap.sh
  bootstrap
fi

say "starting the agent"
# The agent draws on METALWRIGHT_TERMINALS itself; what it writes besides that is for the log.
setsid --wait /run/metalwright/agent </dev/null >/run/metalwright/agent.log 2>&1
status=$?
# 0: the run is done; 1: it failed. The agent has drawn what there is to say, and the screen is left
# as it is. Anything else, and an end by an exception, is told here.
if [ "$status" -le 1 ] && ! grep -q '^    at ' /run/metalwright/agent.log; then
  METALWRIGHT_TERMINALS=$(printf '%s' "$METALWRIGHT_TERMINALS" | sed 's#/dev/tty1,*##; s#,$##')
else
  complain "the agent ended with status $status$([ "$status" -gt 128 ] && echo " (signal $((status - 128)))")" \
    "Its last words:"
  tail -n 15 /run/metalwright/agent.log | while read -r line; do say "  $line"; done
fi
say "The agent has ended with status $status. The machine holds here; restart it by hand."
while :; do sleep 3600; done
