import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BootImageError } from './linux-pe/command.ts';
import {
  type DebianArchive,
  type DebianPackage,
  openDebianArchive,
} from './linux-pe/debian-packages.ts';
import { makeMergedRoot, unpackPackages } from './linux-pe/file-tree.ts';
import { openKernelTree } from './linux-pe/kernel-tree.ts';
import { makeLoaderImage } from './linux-pe/loader-image.ts';
import { formatManifest, type ManifestEntry } from './linux-pe/manifest.ts';
import { makeMediaLoaders } from './linux-pe/media-loaders.ts';
import {
  firmwarePackages,
  KERNEL_META_PACKAGE,
  loaderPackages,
  lonePackages,
  mediaLoaderPackages,
  NETWORK_GRUB_SUITE,
  SUITE,
  toolPackages,
  unneededPackages,
} from './linux-pe/recipe.ts';
import { makeRestImage } from './linux-pe/rest-image.ts';

/** `build.json` of a Linux PE: what it was made of. */
export const LinuxPeBuild = z.object({
  /** Hash of the packages and of the recipe: equal keys are equal builds. */
  key: z.string(),
  kernelVersion: z.string(),
  packages: z.record(z.string(), z.string()),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.int(), sha256: z.string() })),
  modules: z.object({ loader: z.int(), rest: z.int() }),
  /** Firmware of Ethernet adapters that only the rest has. */
  firmwareLeftOutOfLoader: z.array(z.string()),
});
export type LinuxPeBuild = z.infer<typeof LinuxPeBuild>;

export interface LinuxPeOptions {
  readonly outDirectory: string;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/**
 * Builds Linux PE for x64 from Debian's packages: loaders, kernel, `loader.img`, `rest.squashfs`,
 * `manifest` and, last, `build.json`. Nothing is done when the directory has this build already.
 * @throws {BootImageError} `boot-image.*`
 */
export async function buildLinuxPe(options: LinuxPeOptions): Promise<LinuxPeBuild> {
  const { outDirectory, cacheDirectory, signal, log } = options;
  log(`Linux PE: asking apt for the packages of Debian ${SUITE}`);
  const archive = await openDebianArchive({
    suite: SUITE,
    components: ['non-free-firmware'],
    cacheDirectory,
    signal,
  });
  const newerArchive = await openDebianArchive({
    suite: NETWORK_GRUB_SUITE,
    likeSuite: SUITE,
    components: [],
    cacheDirectory,
    signal,
  });
  const packages = await choosePackages(archive, newerArchive);
  const { tools, kernel: kernelPackages, loaders, networkGrub, mediaLoaders } = packages;
  const all = [...tools, ...kernelPackages, ...loaders, ...networkGrub, ...mediaLoaders];
  const key = await buildKey(all);
  const present = await readBuild(outDirectory, key);
  if (present !== undefined) {
    log('Linux PE: nothing changed');
    return present;
  }
  const work = join(cacheDirectory, 'linux-pe');
  const roots = await unpack({ archive, newerArchive }, packages, work, options);
  const staged = join(work, 'out');
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { recursive: true });

  const kernelVersion = packages.kernelPackage.replace(/^linux-image-/, '');
  log(`Linux PE: reading the modules of kernel ${kernelVersion}`);
  const kernel = await openKernelTree(roots.kernel, kernelVersion, roots.tools, signal);
  log('Linux PE: making loader.img');
  const loader = await makeLoaderImage(join(work, 'loader'), roots.tools, kernel, signal);
  await writeFile(join(staged, 'loader.img'), loader.bytes);
  log('Linux PE: making rest.squashfs');
  const rest = await makeRestImage(
    join(work, 'rest'),
    join(staged, 'rest.squashfs'),
    roots.tools,
    kernel,
    signal,
  );
  await copyFile(join(roots.kernel, 'boot', `vmlinuz-${kernelVersion}`), join(staged, 'vmlinuz'));
  for (const [name, path] of Object.entries(SERVED_LOADERS)) {
    await copyFile(join(roots.tools, path), join(staged, name));
  }
  await copyFile(join(roots.networkGrub, NETWORK_GRUB), join(staged, 'grubx64.efi'));
  for (const name of IPXE_LOADERS)
    await copyFile(join(roots.networkGrub, 'usr/lib/ipxe', name), join(staged, name));
  const grub = { biosGrub: roots.mediaLoaders, signedGrub: roots.networkGrub };
  await makeMediaLoaders(staged, grub, signal);
  const files = await describeFiles(staged);
  await writeFile(join(staged, 'manifest'), formatManifest(files));
  const build: LinuxPeBuild = {
    key,
    kernelVersion,
    packages: Object.fromEntries(all.map(({ name, version }) => [name, version])),
    files,
    modules: { loader: loader.modules, rest: rest.modules },
    firmwareLeftOutOfLoader: [...loader.firmwareLeftOut],
  };
  await writeFile(join(staged, 'build.json'), `${JSON.stringify(build, null, 2)}\n`);
  await publish(staged, outDirectory);
  for (const { name, sizeBytes } of files) log(`Linux PE: ${name}, ${megabytes(sizeBytes)}`);
  return build;
}

/** GRUB with network drivers, as `NETWORK_GRUB_SUITE` has it. */
const NETWORK_GRUB = 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed';
/** iPXE for a BIOS, by the adapter's own ROM, and for UEFI HTTP Boot, by the firmware's driver. */
const IPXE_LOADERS = ['undionly.kpxe', 'snponly.efi'] as const;
/** Names under which firmware and shim ask for the other loaders, and where Debian has them. */
const SERVED_LOADERS = {
  'shimx64.efi': 'usr/lib/shim/shimx64.efi.signed',
  'mmx64.efi': 'usr/lib/shim/mmx64.efi.signed',
} as const;

interface ChosenPackages {
  readonly kernelPackage: string;
  readonly tools: readonly DebianPackage[];
  readonly kernel: readonly DebianPackage[];
  readonly loaders: readonly DebianPackage[];
  readonly networkGrub: readonly DebianPackage[];
  readonly mediaLoaders: readonly DebianPackage[];
}

async function choosePackages(
  archive: DebianArchive,
  newerArchive: DebianArchive,
): Promise<ChosenPackages> {
  const kernelPackage = (await archive.dependsOf(KERNEL_META_PACKAGE)).find((name) =>
    /^linux-image-\d.*-amd64$/.test(name),
  );
  if (kernelPackage === undefined) {
    throw new BootImageError(
      'boot-image.no-kernel',
      `${KERNEL_META_PACKAGE} names no kernel package`,
    );
  }
  const tools = await archive.selectWithDependencies(toolPackages);
  const lone = await archive.select(lonePackages);
  return {
    kernelPackage,
    tools: [...tools.filter(({ name }) => !unneededPackages.includes(name)), ...lone],
    kernel: await archive.select([kernelPackage, ...firmwarePackages]),
    loaders: await archive.select(loaderPackages),
    networkGrub: await newerArchive.select(['grub-efi-amd64-signed', 'ipxe']),
    mediaLoaders: await archive.selectWithDependencies(mediaLoaderPackages),
  };
}

async function buildKey(packages: readonly DebianPackage[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { fileName } of packages) hash.update(`${fileName}\n`);
  const folder = join(import.meta.dirname, 'linux-pe');
  const sources = (await readdir(folder))
    .filter((name) => /(?<!\.test)\.(ts|sh)$/.test(name))
    .sort();
  for (const path of [import.meta.filename, ...sources.map((name) => join(folder, name))]) {
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

async function readBuild(directory: string, key: string): Promise<LinuxPeBuild | undefined> {
  const text = await readFile(join(directory, 'build.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = LinuxPeBuild.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.key !== key) return undefined;
  for (const { name, sizeBytes } of parsed.data.files) {
    const size = await stat(join(directory, name)).then(
      (stats) => stats.size,
      () => -1,
    );
    if (size !== sizeBytes) return undefined;
  }
  return parsed.data;
}

/** Unpacks each set of packages once: `tools` is the user space with the loaders. */
async function unpack(
  { archive, newerArchive }: { archive: DebianArchive; newerArchive: DebianArchive },
  { tools, kernel, loaders, networkGrub, mediaLoaders }: ChosenPackages,
  work: string,
  { signal, log }: LinuxPeOptions,
): Promise<Readonly<Record<'tools' | 'kernel' | 'networkGrub' | 'mediaLoaders', string>>> {
  const unpackSet = async (
    from: DebianArchive,
    name: string,
    packages: readonly DebianPackage[],
  ): Promise<string> => {
    const root = join(work, name);
    const list = packages.map(({ fileName }) => `${fileName}\n`).join('');
    if ((await readFile(`${root}.packages`, 'utf8').catch(() => '')) === list) return root;
    log(`Linux PE: fetching and unpacking ${packages.length} packages (${name})`);
    const files = await from.fetch(packages);
    await rm(`${root}.packages`, { force: true });
    await makeMergedRoot(root);
    await unpackPackages(files, root, signal);
    await writeFile(`${root}.packages`, list);
    return root;
  };
  return {
    tools: await unpackSet(archive, 'tools', [...tools, ...loaders]),
    kernel: await unpackSet(archive, 'kernel', kernel),
    networkGrub: await unpackSet(newerArchive, 'network-grub', networkGrub),
    mediaLoaders: await unpackSet(archive, 'media-loaders', mediaLoaders),
  };
}

async function describeFiles(directory: string): Promise<ManifestEntry[]> {
  const names = (await readdir(directory)).sort();
  return await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(directory, name));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { name, sizeBytes: bytes.length, sha256 };
    }),
  );
}

/** Moves finished files into place, `build.json` last: an interrupted build is seen as none. */
async function publish(staged: string, outDirectory: string): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  await rm(join(outDirectory, 'build.json'), { force: true });
  const names = await readdir(staged);
  for (const name of names.toSorted(
    (a, b) => Number(a === 'build.json') - Number(b === 'build.json'),
  )) {
    const target = join(outDirectory, name);
    await copyFile(join(staged, name), `${target}.new`);
    await rename(`${target}.new`, target);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
