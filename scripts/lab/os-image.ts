import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '#boot/image/linux-pe/command.ts';
import { debianSources } from '#boot/image/linux-pe/debian-packages.ts';
import { withBuildLock } from '../build-lock.ts';
import { cacheDirectory } from '../cache-directory.ts';

/**
 * The OS that the lab deploys: a small Debian with systemd, captured as a WIM. It gets an address by
 * DHCP on any Ethernet adapter, lets nobody log in, and starts from a kernel and an initrd on the ESP
 * with `root=PARTUUID=...` on a virtio, SATA or NVMe disk. Built once, then kept by its recipe's hash.
 */
const SUITE = 'bookworm';
const IMAGE_NAME = 'Debian 12 (lab)';

/** The cloud kernel would be smaller, but has no AHCI. libatomic1 and libstdc++6 are for the agent's Node. */
const packages = [
  'dbus',
  'e2fsprogs',
  'initramfs-tools',
  'iproute2',
  'kmod',
  'libatomic1',
  'libstdc++6',
  'linux-image-amd64',
  'systemd',
  'systemd-sysv',
  'udev',
  'zstd',
];

/** Modules of disks that the initrd must have; the rest of a kernel's drivers stays out of it. */
const initrdModules = [
  'ahci',
  'ata_piix',
  'ext4',
  'nvme',
  'sd_mod',
  'virtio_blk',
  'virtio_pci',
  'virtio_scsi',
];

/** All that a machine of the lab can have; a kernel's other drivers would be most of the image. */
const keptModules = [
  'arch/x86/crypto',
  'block', // t10-pi, which nvme and sd_mod need
  'crypto',
  'drivers/ata',
  'drivers/block/loop.ko',
  'drivers/block/virtio_blk.ko',
  'drivers/cdrom',
  'drivers/char/hw_random',
  'drivers/net/ethernet/intel/e1000',
  'drivers/net/ethernet/intel/e1000e',
  'drivers/net/net_failover.ko',
  'drivers/net/virtio_net.ko',
  'drivers/nvme',
  'drivers/scsi/scsi_common.ko',
  'drivers/scsi/scsi_mod.ko',
  'drivers/scsi/sd_mod.ko',
  'drivers/scsi/sr_mod.ko',
  'drivers/scsi/virtio_scsi.ko',
  'drivers/usb/common',
  'drivers/usb/core',
  'drivers/usb/host/xhci-hcd.ko',
  'drivers/usb/host/xhci-pci.ko',
  'drivers/usb/storage/usb-storage.ko',
  'drivers/virtio',
  'fs/autofs',
  'fs/configfs',
  'fs/efivarfs',
  'fs/ext4',
  'fs/fat',
  'fs/fuse',
  'fs/isofs',
  'fs/jbd2',
  'fs/mbcache.ko',
  'fs/nls',
  'lib',
  'net/core',
];
const unwantedPaths = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/zoneinfo/*',
  '/lib/modules/*/kernel/*',
];
const wantedPaths = keptModules.map((path) => `/lib/modules/*/kernel/${path}*`);

const network = '[Match]\nType=ether\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n';

/** Commands that mmdebstrap runs; `$1` is the root directory, as its manual has it. */
const setupHooks = [
  'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"',
  'printf "MODULES=list\\nCOMPRESS=zstd\\nRESUME=none\\n" > "$1/etc/initramfs-tools/conf.d/lab"',
  `printf '%s\\n' ${initrdModules.join(' ')} > "$1/usr/share/initramfs-tools/modules.d/lab"`,
];
const customizeHooks = [
  'echo metalwright-lab > "$1/etc/hostname"',
  'printf "127.0.0.1 localhost metalwright-lab\\n" > "$1/etc/hosts"',
  ': > "$1/etc/machine-id"', // made anew by each machine
  ': > "$1/etc/fstab"',
  `printf '%s' '${network}' > "$1/etc/systemd/network/80-ethernet.network"`,
  'chroot "$1" systemctl enable systemd-networkd.service',
  'chroot "$1" systemctl mask getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer',
  'chroot "$1" passwd --lock root',
  'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/boot/System.map*',
];
const imageProperties = ['METALWRIGHT/ARCHITECTURE=x64', 'METALWRIGHT/KIND=linux'];

export interface OsImageOptions {
  /** Where the WIM goes. */
  readonly output: string;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Builds the lab's OS image; does nothing when it is there and made by this recipe. */
export async function buildLabOsImage(options: OsImageOptions): Promise<void> {
  const { output, cacheDirectory, signal, log } = options;
  const key = createHash('sha256')
    .update(await readFile(import.meta.filename))
    .digest('hex');
  const recipe = `${output}.recipe`;
  if ((await isThere(output)) && (await readFile(recipe, 'utf8').catch(() => '')) === key) {
    log('OS image: nothing changed');
    return;
  }
  await mkdir(dirname(output), { recursive: true });
  await mkdir(cacheDirectory, { recursive: true });
  const root = join(cacheDirectory, 'os-root');
  await rm(root, { recursive: true, force: true });
  const sources = join(cacheDirectory, 'os-sources.list');
  await writeFile(sources, await debianSources(SUITE, { signal }));
  log('OS image: installing Debian');
  await run(
    'mmdebstrap',
    [
      '--variant=essential',
      '--format=directory',
      `--include=${packages.join(',')}`,
      '--aptopt=APT::Install-Recommends "false"',
      ...(await aptProxies(signal)).map((line) => `--aptopt=${line}`),
      ...unwantedPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
      ...wantedPaths.map((path) => `--dpkgopt=path-include=${path}`),
      ...setupHooks.map((hook) => `--setup-hook=${hook}`),
      ...customizeHooks.map((hook) => `--customize-hook=${hook}`),
      SUITE,
      root,
      sources,
    ],
    { signal },
  );
  log('OS image: capturing it');
  await rm(`${output}.new`, { force: true });
  await run(
    'wimlib-imagex',
    [
      'capture',
      root,
      `${output}.new`,
      IMAGE_NAME,
      '--unix-data',
      // Quicker to decompress than LZX on an emulated processor.
      '--compress=XPRESS',
      ...imageProperties.map((property) => `--image-property=${property}`),
    ],
    { signal },
  );
  await rename(`${output}.new`, output);
  await writeFile(recipe, key);
  await rm(root, { recursive: true, force: true });
  log(`OS image: ${output}`);
}

/** The host's proxies, as settings for the apt that mmdebstrap runs, which reads none of the host's. */
export async function aptProxies(signal: AbortSignal): Promise<string[]> {
  const text = await run('apt-config', ['dump', '--format', '%f "%v";%n', 'Acquire'], { signal });
  return text.split('\n').filter((line) => /^Acquire::https?::Proxy(::\S+)? "[^"]+";$/.test(line));
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(cacheDirectory, 'lab/debian.wim') },
      cache: { type: 'string', default: join(cacheDirectory, 'lab') },
    },
  });
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  const options = {
    output: resolve(values.out),
    cacheDirectory: resolve(values.cache),
    signal: abort.signal,
    log: (line: string) => console.log(line),
  };
  await withBuildLock(options.cacheDirectory, options, async () => buildLabOsImage(options));
}
