# shellcheck shell=dash
# Loads the modules of the devices that are there, and tells which devices have none.

# One pass over all buses. Says by its exit status whether there was a device it had not seen yet:
# bus drivers (virtio, USB, Hyper-V, VMD) make new devices, so a caller goes on until there are none.
# What belongs to the processor (KVM, frequencies, ciphers) no deployment needs, and it is the most to load.
coldplug_pass() {
  coldplug_new=$(cat /sys/bus/*/devices/*/modalias 2>/dev/null | sort -u | grep -v '^cpu:' | grep -vxFf /run/metalwright/seen-modalias)
  [ -n "$coldplug_new" ] || return 1
  printf '%s\n' "$coldplug_new" >>/run/metalwright/seen-modalias
  # shellcheck disable=SC2086 # one argument a device; a modalias has no blanks
  modprobe -a -b -q $coldplug_new 2>/dev/null
  return 0
}

# Passes until nothing new shows up; forgets what earlier calls saw, so that failed loads are tried again.
coldplug() {
  mkdir -p /run/metalwright
  echo none >/run/metalwright/seen-modalias
  coldplug_left=8
  while [ "$coldplug_left" -gt 0 ] && coldplug_pass; do
    coldplug_left=$((coldplug_left - 1))
    sleep 0.2
  done
}

# PCI devices that no driver claims, as `vendor device class` (4, 4, 6 hex digits). Only classes that a
# deployment can miss: storage 01, network 02, USB controllers 0c03, wireless 0d, unclassified 00 and
# ff. Displays, sound, sensors and bridges have no driver here on purpose.
unclaimed_devices() {
  for unclaimed in /sys/bus/pci/devices/*; do
    [ -e "$unclaimed/class" ] || continue
    [ -e "$unclaimed/driver" ] && continue
    read -r unclaimed_class <"$unclaimed/class"
    case $unclaimed_class in
      0x00* | 0x01* | 0x02* | 0x0c03* | 0x0d* | 0xff*) ;;
      *) continue ;;
    esac
    read -r unclaimed_vendor <"$unclaimed/vendor"
    read -r unclaimed_device <"$unclaimed/device"
    printf '%s %s %s\n' "${unclaimed_vendor#0x}" "${unclaimed_device#0x}" "${unclaimed_class#0x}"
  done | sort
}
