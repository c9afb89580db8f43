# shellcheck shell=dash
# Finds the network: by the loader, and in the rest where media started the machine. `boot_mac` is the address
# of the adapter that booted, where it is known.

# Ethernet interfaces with hardware behind them, the one that booted first.
interfaces() {
  for path in /sys/class/net/*; do
    [ -e "$path/device" ] || continue
    if [ "$(cat "$path/address" 2>/dev/null)" = "$boot_mac" ]; then
      echo "0 ${path##*/}"
    else
      echo "1 ${path##*/}"
    fi
  done | sort | cut -d ' ' -f 2
}

driver_of() {
  basename "$(readlink "/sys/class/net/$1/device/driver")"
}

# The link may need seconds for negotiation and for the switch's spanning tree.
wait_for_link() {
  for _ in $(seq 1 "$2"); do
    [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ] && return 0
    sleep 0.5
  done
  return 1
}

# connect INTERFACE: a lease, or a reason on the screen.
connect() {
  mac=$(cat "/sys/class/net/$1/address")
  ip link set dev "$1" up
  patience=6
  [ "$mac" = "$boot_mac" ] && patience=30
  if ! wait_for_link "$1" "$patience"; then
    say "$1 ($mac, driver $(driver_of "$1")): no link. Is the cable plugged in?"
    return 1
  fi
  rm -f /run/metalwright/lease /run/metalwright/dhcp-nak
  say "$1 ($mac, driver $(driver_of "$1")): asking for an address"
  udhcpc -i "$1" -f -n -q -t 5 -T 3 -O staticroutes -s /usr/lib/metalwright/udhcpc.sh >/run/metalwright/udhcpc.log 2>&1
  if [ ! -s /run/metalwright/lease ]; then
    complain "no address: no DHCP server gave a lease on $1 ($mac)" \
      "The link is up, 5 requests went out in 15 seconds." \
      "$(cat /run/metalwright/dhcp-nak 2>/dev/null || echo "Check the DHCP server's scope, and the switch port's VLAN and port security.")"
    return 1
  fi
  address=$(sed -n 's/^address=//p' /run/metalwright/lease)
  say "$1: address $address"
}
