import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BootImageError, run } from './command.ts';

/** One package file that apt chose. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
}

/**
 * Debian's archive, read with an apt state of its own: the host's sources, packages and caches stay as
 * they are, but its mirror, proxies and keys are used. Closing is not needed: all of it is files.
 */
export interface DebianArchive {
  /** The chosen versions of these packages alone. */
  readonly select: (names: readonly string[]) => Promise<DebianPackage[]>;
  /** The chosen versions of these packages and of all that they depend on. */
  readonly selectWithDependencies: (names: readonly string[]) => Promise<DebianPackage[]>;
  /** Packages that a package depends on directly. */
  readonly dependsOf: (name: string) => Promise<string[]>;
  /** Fetches what is not in the cache yet; the paths of all, in the same order. */
  readonly fetch: (packages: readonly DebianPackage[]) => Promise<string[]>;
}

export interface DebianArchiveOptions {
  readonly suite: string;
  /** Suite that the host has sources for, where it has none for `suite`: same mirror, other release. */
  readonly likeSuite?: string;
  /** Besides `main`; `non-free-firmware` for what network adapters need. */
  readonly components: readonly string[];
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
}

/**
 * Opens the archive and refreshes its lists.
 * @throws {BootImageError} `boot-image.no-debian-source`, `boot-image.tool-failed`
 */
export async function openDebianArchive(options: DebianArchiveOptions): Promise<DebianArchive> {
  const { suite, likeSuite = suite, components, cacheDirectory, signal } = options;
  const apt = join(cacheDirectory, 'apt', suite);
  const archives = join(cacheDirectory, 'packages');
  await mkdir(join(apt, 'state/lists/partial'), { recursive: true });
  await mkdir(join(apt, 'cache/archives/partial'), { recursive: true });
  await mkdir(join(apt, 'sources.list.d'), { recursive: true });
  await mkdir(archives, { recursive: true });
  await writeFile(join(apt, 'status'), '');
  const targets = await run('apt-get', HOST_TARGETS, { signal });
  await writeFile(
    join(apt, 'sources.list'),
    formatSources(targets, { suite, likeSuite, components }),
  );
  const privateState = [
    `Dir::Etc::sourcelist=${join(apt, 'sources.list')}`,
    `Dir::Etc::sourceparts=${join(apt, 'sources.list.d')}`,
    `Dir::Etc::preferences=/dev/null`,
    `Dir::Etc::preferencesparts=${join(apt, 'sources.list.d')}`,
    `Dir::State=${join(apt, 'state')}`,
    `Dir::State::status=${join(apt, 'status')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'APT::Install-Recommends=false',
    'APT::Install-Suggests=false',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((setting) => ['-o', setting]);
  // Not in `archives`: `download --print-uris` is silent about files that are there already.
  const call = async (tool: string, args: readonly string[]): Promise<string> =>
    await run(tool, [...privateState, ...args], { signal, cwd: apt });
  await call('apt-get', ['-qq', 'update']);
  return {
    select: async (names) =>
      parsePrintUris(await call('apt-get', ['-qq', '--print-uris', 'download', ...names])),
    selectWithDependencies: async (names) =>
      parsePrintUris(await call('apt-get', ['-qq', '-y', '--print-uris', 'install', ...names])),
    dependsOf: async (name) => {
      const text = await call('apt-cache', ['depends', '--important', name]);
      return text
        .split('\n')
        .flatMap((line) => /^\s+(?:Pre)?Depends: ([^<\s]+)/.exec(line)?.[1] ?? []);
    },
    fetch: async (packages) => {
      const missing: string[] = [];
      for (const wanted of packages) {
        const cached = await access(join(archives, wanted.fileName)).then(
          () => true,
          () => false,
        );
        if (!cached) missing.push(`${wanted.name}=${wanted.version}`);
      }
      if (missing.length > 0) {
        await run('apt-get', [...privateState, '-qq', 'download', ...missing], {
          signal,
          cwd: archives,
        });
      }
      return packages.map(({ fileName }) => join(archives, fileName));
    },
  };
}

/** Asks the host's own apt for its sources, parsed: one line a package index. */
const HOST_TARGETS = [
  'indextargets',
  '--no-release-info',
  '--format',
  '$(RELEASE) $(COMPONENT) $(REPO_URI)',
  'Created-By: Packages',
];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Lines of a sources list for a suite, from the mirrors that this host uses for that suite, or else for
 * `likeSuite`: a mirror has all suites of its archive.
 * @throws {BootImageError} `boot-image.no-debian-source`
 */
export async function debianSources(
  suite: string,
  options: { readonly likeSuite?: string; readonly signal: AbortSignal },
): Promise<string> {
  const { likeSuite = suite, signal } = options;
  const targets = await run('apt-get', HOST_TARGETS, { signal });
  const hasSuite = targets.split('\n').some((line) => line.startsWith(`${suite} main `));
  return formatSources(targets, {
    suite,
    likeSuite: hasSuite ? suite : likeSuite,
    components: [],
  });
}

/**
 * Sources list of our own: each place where the host gets `main` of `likeSuite`, its updates or its
 * security fixes, for the suite and the components wanted.
 * @throws {BootImageError} `boot-image.no-debian-source`
 */
export function formatSources(
  hostTargets: string,
  wanted: {
    readonly suite: string;
    readonly likeSuite: string;
    readonly components: readonly string[];
  },
): string {
  const { suite, likeSuite, components } = wanted;
  const places = hostTargets.split('\n').flatMap((line) => {
    const [release, component, uri] = line.split(' ');
    if (release === undefined || uri === undefined || component !== 'main') return [];
    const kind = ['', '-updates', '-security'].find((end) => release === likeSuite + end);
    return kind === undefined ? [] : [`${uri} ${suite}${kind}`];
  });
  if (places.length === 0) {
    throw new BootImageError(
      'boot-image.no-debian-source',
      `apt on this host has no source for Debian ${likeSuite}`,
      `add Debian ${likeSuite} (component main) to /etc/apt/sources.list.d`,
    );
  }
  return [...new Set(places)]
    .map((place) =>
      `deb [arch=amd64 signed-by=${KEYRING}] ${place} main ${components.join(' ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads the `--print-uris` of apt-get: `'uri' file size hash`, the file being name_version_arch.deb. */
export function parsePrintUris(text: string): DebianPackage[] {
  return text.split('\n').flatMap((line) => {
    const fileName = /^'[^']+' (\S+\.deb) \d+/.exec(line)?.[1];
    const [name, version] = fileName?.split('_') ?? [];
    if (fileName === undefined || name === undefined || version === undefined) return [];
    return [{ name, version: decodeURIComponent(version), fileName }];
  });
}
