import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LINUX_PE_SCRIPT } from '#boot/boot-names.ts';
import { grubConfig, type OtherServer } from '#boot/grub-config.ts';
import { linuxPeScript } from '#boot/ipxe-script.ts';
import type { BootSigner } from '../trust/boot-signing.ts';
import { siteImage } from './site-image.ts';
import type { BootFile, BootFileMap } from './snapshot.ts';

/** Files of the boot image that are served as they are. Machines fetch them in this order. */
export const imageFiles = [
  'shimx64.efi',
  'grubx64.efi',
  'vmlinuz',
  'loader.img',
  'rest.squashfs',
  'manifest',
] as const;

/** Shim asks for its key manager only when somebody at the machine enrols keys. */
const optionalFiles: readonly string[] = ['mmx64.efi', 'undionly.kpxe', 'snponly.efi'];

/** Client architectures that can boot, by the file that they need beside those of the image. */
const architectureFiles: readonly (readonly [architecture: string, file: string])[] = [
  ['uefi-x64', 'shimx64.efi'],
  ['bios', 'undionly.kpxe'],
  ['http-x64', 'snponly.efi'],
];

/** Below this name the plain HTTP listener serves the image, `/boot/linux-pe/x64/manifest`. */
const HTTP_FOLDER = 'linux-pe/x64';

/** What is served to machines that boot, and whether it is all there. */
export interface BootPublication {
  readonly files: BootFileMap;
  /** The same files, which name other servers of the site to machines. */
  readonly withOthers: (others: readonly OtherServer[]) => BootFileMap;
  /** Client architectures that can boot, by name in boot/architecture.ts. */
  readonly architectures: ReadonlySet<string>;
  readonly image: {
    readonly name: string;
    readonly architecture: string;
    readonly ready: boolean;
    readonly detail: string;
  };
}
export interface BootPublicationSettings {
  /** Directory with the boot image; null when none is configured. */
  readonly directory: string | null;
  readonly siteCa: string;
  readonly signer: BootSigner;
  readonly bootPort: number;
  readonly agentPort: number;
}

/**
 * Makes the map of boot files: the image's own, and what only this site can add: its CA and boot key as a
 * second initramfs (`site.img`), GRUB's configuration, the manifest's signature. An image that is not
 * whole is not served, and `detail` says what to do.
 */
export async function publishBootFiles(
  settings: BootPublicationSettings,
): Promise<BootPublication> {
  const { directory } = settings;
  if (directory === null)
    return missing('No directory with boot images is set: start with --boot-images <directory>.');
  const files = new Map<string, BootFile>();
  const absent: string[] = [];
  for (const name of [...imageFiles, ...optionalFiles]) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true || found.size === 0) {
      if (!optionalFiles.includes(name)) absent.push(name);
      continue;
    }
    const file: BootFile = { kind: 'file', path, sizeBytes: found.size };
    files.set(name, file);
    files.set(`${HTTP_FOLDER}/${name}`, file);
  }
  if (absent.length > 0)
    return missing(
      `${directory} has no ${absent.join(', ')}: build the boot image with \`node scripts/build-boot.ts --out ${directory}\`, then start the server again.`,
    );
  const manifest = await readFile(join(directory, 'manifest'));
  const made: Readonly<Record<string, Uint8Array>> = {
    'site.img': siteImage(settings.siteCa, settings.signer.publicKey),
    manifest,
    'manifest.sig': Buffer.from(settings.signer.sign(manifest)),
  };
  for (const [name, bytes] of Object.entries(made)) put(files, name, bytes);
  const { bootPort, agentPort } = settings;
  const withOthers = (others: readonly OtherServer[]) => {
    const all = new Map(files);
    const text = grubConfig({ bootHttpPort: bootPort, agentPort, others });
    put(all, 'grub/grub.cfg', Buffer.from(text));
    const script = linuxPeScript({ bootHttpPort: bootPort, agentPort, others });
    all.set(LINUX_PE_SCRIPT, { kind: 'bytes', bytes: Buffer.from(script) });
    return all;
  };
  return {
    files: withOthers([]),
    withOthers,
    architectures: new Set(
      architectureFiles.flatMap(([name, file]) => (files.has(file) ? [name] : [])),
    ),
    image: {
      name: 'Linux PE',
      architecture: 'x64',
      ready: true,
      detail: `Served from ${directory}`,
    },
  };
}

function put(files: Map<string, BootFile>, name: string, bytes: Uint8Array): void {
  const file: BootFile = { kind: 'bytes', bytes };
  files.set(name, file);
  files.set(`${HTTP_FOLDER}/${name}`, file);
}

function missing(detail: string): BootPublication {
  const image = { name: 'Linux PE', architecture: 'x64', ready: false, detail };
  const files: BootFileMap = new Map();
  return { files, withOthers: () => files, architectures: new Set(), image };
}
