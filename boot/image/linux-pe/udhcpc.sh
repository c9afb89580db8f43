#!/bin/sh
# Called by udhcpc for each event of a lease (busybox, networking/udhcp/README.udhcpc): configures
# the interface and keeps what the lease said in /run/metalwright/lease.
case $1 in
  deconfig)
    ip link set dev "$interface" up
    ;;
  bound | renew)
    if [ "$1" = bound ]; then
      ip -4 address flush dev "$interface"
    fi
    ip address replace "$ip/${mask:-24}" broadcast "${broadcast:-+}" dev "$interface"
    [ -n "$mtu" ] && ip link set dev "$interface" mtu "$mtu" 2>/dev/null
    if [ -n "$staticroutes" ]; then
      # RFC 3442: with option 121 the router of option 3 is ignored.
      # shellcheck disable=SC2086 # pairs of destination and gateway
      set -- $staticroutes
      while [ $# -ge 2 ]; do
        if [ "$2" = 0.0.0.0 ]; then
          ip route replace "$1" dev "$interface"
        else
          ip route replace "$1" via "$2" dev "$interface" onlink
        fi
        shift 2
      done
    elif [ -n "$router" ]; then
      ip route replace default via "${router%% *}" dev "$interface" onlink
    fi
    for server in $dns; do
      echo "nameserver $server"
    done >/run/metalwright/resolv.conf
    [ -n "$domain" ] && echo "search $domain" >>/run/metalwright/resolv.conf
    {
      echo "interface=$interface"
      echo "address=$ip"
      echo "router=${router%% *}"
      echo "dhcp_server=$serverid"
    } >/run/metalwright/lease
    ;;
  nak)
    echo "${message:-the DHCP server refused}" >/run/metalwright/dhcp-nak
    ;;
esac
exit 0
