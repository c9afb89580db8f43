#!/bin/sh
# First program of the boot image: finds the network, fetches the rest of the boot image over
# plain HTTP, checks it by the signed manifest, and hands over to it. It never gives up and never
# restarts the machine: each try that fails says why, on the screen and on the serial line.
export PATH=/usr/bin:/usr/sbin
mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount -t devtmpfs -o nosuid,mode=755 devtmpfs /dev
mount -t tmpfs -o mode=755,size=80% tmpfs /run
mkdir -p /run/metalwright
dmesg -n 3

. /usr/lib/metalwright/console.sh
. /usr/lib/metalwright/coldplug.sh
. /usr/lib/metalwright/network.sh
find_terminals

server=$(argument metalwright.server)
boot_port=$(argument metalwright.boot-port)
boot_mac=$(argument BOOTIF | tr 'A-F-' 'a-f:')
boot_mac=${boot_mac#01:}
# Boot files of the server that started this machine, then those of the other servers of its site.
boot_bases="http://$(url_host "$server"):${boot_port:-7480} $(argument metalwright.boot-servers | tr ',' ' ')"

# wget that is ended when nothing arrived for 20 seconds. Its own -T crashes in this release's busybox.
watched_wget() {
  wget -q -c -O "$2" "$1" 2>/run/metalwright/wget.log &
  watched=$!
  idle=0
  before=
  while kill -0 "$watched" 2>/dev/null; do
    now=$(stat -c %s "$2" 2>/dev/null)
    [ "$now" = "$before" ] || idle=0
    before=$now
    if [ "$idle" -ge 100 ]; then
      kill "$watched"
      echo "nothing arrived for 20 seconds" >/run/metalwright/wget.log
    fi
    idle=$((idle + 1))
    sleep 0.2
  done
  wait "$watched"
}

# fetch URL FILE SIZE: goes on where an earlier try ended. SIZE 0: not known, starts anew.
fetch() {
  [ "$3" = 0 ] && rm -f "$2"
  for try in 1 2 3 4 5; do
    have=$(stat -c %s "$2" 2>/dev/null || echo 0)
    [ "$3" != 0 ] && [ "$have" = "$3" ] && return 0
    [ "$3" != 0 ] && [ "$have" -gt "$3" ] && rm -f "$2"
    watched_wget "$1" "$2"
    status=$?
    have=$(stat -c %s "$2" 2>/dev/null || echo 0)
    if [ "$status" = 0 ] && { [ "$3" = 0 ] || [ "$have" = "$3" ]; }; then
      return 0
    fi
    reason=$(tail -n 1 /run/metalwright/wget.log)
    # Resuming sends what is beyond the size that the manifest gives, so this is found only now.
    if [ "$3" != 0 ] && [ "$have" -gt "$3" ]; then
      reason="it has more than the $3 bytes of the manifest: was the boot image replaced just now?"
      rm -f "$2"
    fi
    say "fetching $1, try $try: ${reason:-connection ended after $have of $3 bytes}"
    sleep "$try"
  done
  return 1
}

# The signed list of what the boot image consists of.
fetch_manifest() {
  cd /run/metalwright || return 1
  if ! fetch "$image_base/manifest" manifest 0 || ! fetch "$image_base/manifest.sig" manifest.sig 0; then
    complain "the server does not answer: $image_base" \
      "Our address is $address." "Is the server running, and is TCP port ${boot_port:-7480} open to this subnet?"
    return 1
  fi
  if ! signify-openbsd -V -q -p /etc/metalwright/boot.pub -x manifest.sig -m manifest 2>signify.log; then
    complain "the signature of $image_base/manifest is wrong: $(tail -n 1 signify.log)" \
      "Nothing that is not signed by this site is started." \
      "Was the site's key changed after this machine began to boot? Restart the machine once."
    return 1
  fi
}

# rest.squashfs, as the manifest says it must be.
fetch_rest() {
  entry=$(awk '$3 == "rest.squashfs" { print $1 " " $2 }' /run/metalwright/manifest)
  want=${entry% *}
  size=${entry#* }
  if [ -z "$entry" ]; then
    complain "the manifest of the boot image does not name rest.squashfs"
    return 1
  fi
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  need=$((size / 1048576 + 256))
  if [ "$free" -lt "$need" ]; then
    complain "not enough memory: $free MB are free, $need MB are needed" \
      "Linux PE needs a machine with 1 GB of memory."
    return 1
  fi
  say "fetching the boot image, $((size / 1048576)) MB"
  if ! fetch "$image_base/rest.squashfs" /run/metalwright/rest.squashfs "$size"; then
    complain "the boot image did not arrive whole from $image_base" "It is tried again from where it stopped."
    return 1
  fi
  got=$(sha256sum /run/metalwright/rest.squashfs | cut -d ' ' -f 1)
  if [ "$got" != "$want" ]; then
    rm -f /run/metalwright/rest.squashfs
    complain "rest.squashfs is damaged or was changed on the way" \
      "SHA-256 is   $got" "but must be   $want" "It is fetched again."
    return 1
  fi
}

# hand_over IMAGE: the rest of the boot image, checked.
hand_over() {
  mkdir -p /run/metalwright/image /run/metalwright/writable/upper /run/metalwright/writable/work /newroot
  modprobe -a -b -q loop squashfs overlay
  if ! mount -t squashfs -o ro,loop "$1" /run/metalwright/image \
    || ! mount -t overlay -o lowerdir=/run/metalwright/image,upperdir=/run/metalwright/writable/upper,workdir=/run/metalwright/writable/work overlay /newroot; then
    complain "the boot image cannot be mounted" "$(dmesg | tail -n 3)"
    return 1
  fi
  mkdir -p /newroot/etc/metalwright
  cp /etc/metalwright/* /newroot/etc/metalwright/
  cp /run/metalwright/resolv.conf /newroot/etc/resolv.conf 2>/dev/null
  {
    if [ -n "$media" ]; then
      echo "METALWRIGHT_MEDIA_ID='$media'"
    else
      echo "METALWRIGHT_BOOT_BASE='$boot_base'"
      echo "METALWRIGHT_SERVER='$(url_host "$server"):$(argument metalwright.agent-port | grep . || echo 7443)'"
      echo "METALWRIGHT_SERVERS='$(argument metalwright.servers)'"
    fi
    echo "METALWRIGHT_SITE_CA=/etc/metalwright/site-ca.pem"
    echo "METALWRIGHT_ENVIRONMENT=linux-pe"
    [ -n "$boot_mac" ] && echo "METALWRIGHT_BOOT_MAC='$boot_mac'"
  } >/run/metalwright/settings
  for directory in proc sys dev run; do
    mount --move "/$directory" "/newroot/$directory"
  done
  exec switch_root /newroot /usr/lib/metalwright/rest-init.sh
}

# Media bring the rest along, in the memory that GRUB filled: no driver of a disk and no network is needed for it.
start_from_media() {
  say "Linux PE $(uname -r), started from media $media"
  want=$(awk '$3 == "rest.squashfs" { print $1 }' /media/manifest)
  if ! signify-openbsd -V -q -p /etc/metalwright/boot.pub -x /media/manifest.sig -m /media/manifest 2>/run/metalwright/signify.log; then
    complain "media.signature: the signature of boot/rest.img is wrong: $(tail -n 1 /run/metalwright/signify.log)" \
      "Nothing that is not signed by this site is started. Make the media again."
  elif [ "$(sha256sum /media/rest.squashfs | cut -d ' ' -f 1)" != "$want" ]; then
    complain "media.damaged: boot/rest.img is not what was put on the media" \
      "The media are damaged, or were changed. Make them again."
  else
    hand_over /media/rest.squashfs
  fi
  while :; do sleep 3600; done
}

media=$(argument metalwright.media)
[ -z "$media" ] || start_from_media
say "Linux PE $(uname -r), server ${server:-not set}"
if [ -z "$server" ]; then
  complain "metalwright.server is not on the kernel's command line" "It is $(cat /proc/cmdline)" \
    "This boot image is started by the server's own GRUB configuration."
  while :; do sleep 3600; done
fi

while :; do
  coldplug
  found=
  for interface in $(interfaces); do
    found="$found $interface"
    connect "$interface" || continue
    for boot_base in $boot_bases; do
      image_base="$boot_base/boot/linux-pe/x64"
      if fetch_manifest && fetch_rest; then
        hand_over /run/metalwright/rest.squashfs
      fi
    done
  done
  if [ -z "$found" ]; then
    complain "no network adapter with a driver in this boot image" \
      "Devices without a driver (PCI vendor, device, class):" "$(unclaimed_devices | tr '\n' ';')" \
      "An adapter that is plugged in now is found."
  fi
  say "trying again in 5 seconds"
  sleep 5
done
