#!/bin/sh
# Brings up the network of a machine that media started. Started by the agent, which shows what is said here; ends
# when there is an address, and never gives up before.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
export METALWRIGHT_TERMINALS=/dev/stdout
. /usr/lib/metalwright/console.sh
. /usr/lib/metalwright/coldplug.sh
. /usr/lib/metalwright/network.sh
export boot_mac=

while :; do
  found=
  for interface in $(interfaces); do
    found=yes
    connect "$interface" || continue
    cp /run/metalwright/resolv.conf /etc/resolv.conf 2>/dev/null
    # The lease is kept alive from here.
    busybox udhcpc -i "$interface" -r "$address" -f -t 5 -T 3 -A 10 -O staticroutes \
      -s /usr/lib/metalwright/udhcpc.sh >/run/metalwright/udhcpc.log 2>&1 </dev/null &
    exit 0
  done
  [ -n "$found" ] || say "no network adapter with a driver in this boot image; one that is plugged in now is found"
  sleep 3
  coldplug
done
