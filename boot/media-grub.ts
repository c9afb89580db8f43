/** The texts of GRUB on media. Written for Debian's signed GRUB for discs, as `grub-config.ts` is for that of the network. */

/** Where media have what GRUB loads. */
export const mediaBootFiles = {
  kernel: 'boot/vmlinuz',
  initial: ['boot/loader.img', 'boot/rest.img', 'boot/site.img'],
  config: 'boot/grub/grub.cfg',
} as const;

/**
 * `boot/grub/grub.cfg` of the small file system that UEFI starts from: goes on where the media are, which an empty
 * file at `mark` tells, so that other media in the machine are not taken for them.
 */
export function mediaFirstGrubConfig(mark: string): string {
  return `search --no-floppy --set=root --file /${mark}
set prefix=($root)/boot/grub
configfile ($root)/${mediaBootFiles.config}
`;
}

/**
 * `boot/grub/grub.cfg` of media. GRUB loads all of Linux PE, the rest too, by the firmware: so the loader needs no
 * driver for what it was started from, and the media are not needed again until the machine has all its drivers.
 * A BIOS is asked for its processor first (M43): the kernel would say no more than that it does not start.
 */
export function mediaGrubConfig(mediaId: string): string {
  const [kernel, initial] = [
    mediaBootFiles.kernel,
    mediaBootFiles.initial.map((file) => `/${file}`).join(' '),
  ];
  return `set timeout=0
if [ "$grub_platform" = pc ]; then
  if cpuid -l; then
    true
  else
    echo
    echo "NOTHING WAS STARTED."
    echo "media.architecture: The Linux PE of these media is for x64; this machine is x86 with BIOS"
    echo "Start the machine from media for its architecture, or from the network."
    echo "Back to the firmware in 60 seconds (Esc: now)."
    sleep --interruptible 60
    exit
  fi
fi
echo "Metalwright: loading Linux PE from the media ..."
if linux /${kernel} metalwright.media=${mediaId} console=ttyS0,115200 console=tty0; then
  if initrd ${initial}; then
    boot
  fi
fi
echo
echo "METALWRIGHT COULD NOT LOAD ITS BOOT IMAGE FROM THESE MEDIA."
echo "They are damaged, or cannot be read: make them again."
echo "Back to the firmware in 60 seconds (Esc: now)."
sleep --interruptible 60
exit
`;
}
