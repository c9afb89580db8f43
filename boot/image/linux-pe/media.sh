# shellcheck shell=dash
# Finds the media that a machine was started from, and the agent on them. Needs METALWRIGHT_MEDIA_ID; leaves them
# mounted at METALWRIGHT_MEDIA, their writable partition, where they have one, as METALWRIGHT_MEDIA_DATA, and the
# agent in /run/metalwright/agent.

METALWRIGHT_MEDIA=/run/metalwright/media

# Mounts what holds the file /metalwright/<id of the media>: a disc, a whole stick, or a partition of it.
mount_media() {
  mkdir -p "$METALWRIGHT_MEDIA"
  for media_path in /sys/class/block/*; do
    media_device=/dev/${media_path##*/}
    case $media_device in /dev/loop* | /dev/ram* | /dev/zram* | /dev/fd*) continue ;; esac
    mount -t iso9660,vfat -o ro "$media_device" "$METALWRIGHT_MEDIA" 2>/dev/null || continue
    if [ -e "$METALWRIGHT_MEDIA/metalwright/$METALWRIGHT_MEDIA_ID" ]; then
      # A stick that is mounted whole lets nobody mount its partitions; behind a loop device it does.
      umount "$METALWRIGHT_MEDIA" && mount -t iso9660,vfat -o ro,loop "$media_device" "$METALWRIGHT_MEDIA"
      return
    fi
    umount "$METALWRIGHT_MEDIA"
  done
  return 1
}

# The agent of the media, by their signed manifest; says why not.
media_agent() {
  media_folder=$METALWRIGHT_MEDIA/metalwright
  if ! signify-openbsd -V -q -p /etc/metalwright/boot.pub -x "$media_folder/manifest.sig" -m "$media_folder/manifest" 2>/run/metalwright/signify.log; then
    complain "media.signature: the signature of metalwright/manifest is wrong: $(tail -n 1 /run/metalwright/signify.log)" \
      "Nothing that is not signed by this site is started. Make the media again."
    return 1
  fi
  media_want=$(awk '$3 == "metalwright/agent.zst" { print $1 }' "$media_folder/manifest")
  if [ "$(sha256sum "$media_folder/agent.zst" 2>/dev/null | cut -d ' ' -f 1)" != "$media_want" ]; then
    complain "media.damaged: metalwright/agent.zst is not what was put on the media" \
      "The media are damaged, or were changed. Make them again."
    return 1
  fi
  if ! zstd -q -d -f -o /run/metalwright/agent "$media_folder/agent.zst" 2>/run/metalwright/zstd.log; then
    complain "the agent cannot be unpacked: $(tail -n 1 /run/metalwright/zstd.log)"
    return 1
  fi
  chmod 755 /run/metalwright/agent
}

# Comes back with the agent unpacked; what cannot be started holds the machine with why.
agent_of_media() {
  say "looking for the media $METALWRIGHT_MEDIA_ID"
  media_try=1
  until mount_media; do
    [ "$media_try" -lt 5 ] || complain "media.not-found: the media that started this machine are on no disk, stick or disc" \
      "Plug them in again. They are looked for every 5 seconds."
    media_try=$((media_try + 1))
    sleep 5
    coldplug
  done
  if ! media_agent; then
    while :; do sleep 3600; done
  fi
  # A stick has a partition that can be written, named by the first characters of the id.
  METALWRIGHT_MEDIA_DATA=$(blkid -L "MW-$(printf '%s' "$METALWRIGHT_MEDIA_ID" | cut -c 1-8 | tr a-f A-F)" 2>/dev/null)
  METALWRIGHT_MEDIA_DEVICE=$media_device
  export METALWRIGHT_MEDIA METALWRIGHT_MEDIA_DEVICE METALWRIGHT_MEDIA_DATA
}
