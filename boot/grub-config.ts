/** A server of the site beside the one that a machine is started by. */
export interface OtherServer {
  /** Address and port of its agents' listener, `10.0.0.2:7443`. */
  readonly agents: string;
  /** Base URL of its boot files, `http://10.0.0.2:7480`. */
  readonly boot: string;
}

/** More would make the kernel's command line, of 2048 bytes, too long. */
const MOST_OTHERS = 8;

/** What the text depends on; the server's address and the client's MAC come from GRUB's own variables. */
export interface GrubSettings {
  readonly bootHttpPort: number;
  readonly agentPort: number;
  /** Other servers of the site; machines go on with them when the one that started them is gone. */
  readonly others?: readonly OtherServer[];
  /** Further kernel arguments, already quoted for a kernel command line. */
  readonly kernelArguments?: readonly string[];
}

/**
 * The kernel's command line of Linux PE.
 *
 * @param names the server's address, and the adapter's MAC address with hyphens, as the loader writes them
 */
export function linuxPeArguments(
  settings: GrubSettings,
  { server, mac }: { readonly server: string; readonly mac: string },
): string {
  const serialAndScreen = 'console=ttyS0,115200 console=tty0';
  const others = (settings.others ?? []).slice(0, MOST_OTHERS);
  return [
    `metalwright.server=${server}`,
    `metalwright.boot-port=${settings.bootHttpPort}`,
    `metalwright.agent-port=${settings.agentPort}`,
    ...(others.length === 0
      ? []
      : [
          `metalwright.servers=${others.map(({ agents }) => agents).join(',')}`,
          `metalwright.boot-servers=${others.map(({ boot }) => boot).join(',')}`,
        ]),
    `BOOTIF=01-${mac}`,
    serialAndScreen,
    ...(settings.kernelArguments ?? []),
  ].join(' ');
}

/**
 * The text of `grub/grub.cfg` for Linux PE. One file serves all machines: GRUB fills in the address it
 * was booted from (`net_default_server`) and its MAC (`net_default_mac`).
 *
 * Written for Debian's signed GRUB, which can load no further module: `regexp`, `sleep`, `test`,
 * `linux`, `initrd`, `tftp` are in it, `http` is not. It must end with `boot`: a configuration without a
 * menu entry does not boot what it loaded. Sizes matter to nobody here, so the loader's texts are long
 * enough to act on: a person in front of the machine sees nothing else.
 */
export function grubConfig(settings: GrubSettings): string {
  const kernelArguments = linuxPeArguments(settings, { server: '$server', mac: '$mac' });
  return `set timeout=0
set server="$net_default_server"
regexp --set=1:server '^\\(?tftp,([0-9.]+)' "$root"
regexp --set=1:m1 --set=2:m2 --set=3:m3 --set=4:m4 --set=5:m5 --set=6:m6 '^(..):(..):(..):(..):(..):(..)' "$net_default_mac"
set mac="$m1-$m2-$m3-$m4-$m5-$m6"
echo "Metalwright: this machine is $net_default_ip ($net_default_mac), the server is $server."
set try=first
while true; do
  echo "Loading the kernel ..."
  if linux /vmlinuz ${kernelArguments}; then
    echo "Loading the boot image ..."
    if initrd /loader.img /site.img; then
      boot
    fi
  fi
  echo
  echo "METALWRIGHT COULD NOT LOAD ITS BOOT IMAGE FROM $server BY TFTP."
  echo "Is the server running, does it have a boot image, is UDP port 69 open?"
  echo "On the server, \\"metalwright doctor\\" tells what is missing."
  if [ "$try" = third ]; then
    echo "Giving up; back to the firmware in 60 seconds (Esc: now)."
    sleep --interruptible 60
    exit
  fi
  echo "Next try in 20 seconds (Esc: now)."
  sleep --interruptible 20
  if [ "$try" = second ]; then set try=third; else set try=second; fi
done
boot
`;
}
