import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianSources } from '#boot/image/linux-pe/debian-packages.ts';
import { withBuildLock } from '../../build-lock.ts';
import { cacheDirectory } from '../../cache-directory.ts';
import { runCommand } from '../child.ts';
import { aptProxies } from '../os-image.ts';

/** The oldest Debian whose Wine runs Node 26: V8 needs placeholders of VirtualAlloc2. */
const SUITE = 'trixie';
/** That of the hosts that this is for, whose mirror has the other one as well. */
const HOST_SUITE = 'bookworm';
const PACKAGES = ['wine', 'wine64', 'libwine'];

const wineFolder = join(cacheDirectory, 'wine');
const root = join(wineFolder, 'root');
const recipe = createHash('sha256').update(JSON.stringify({ SUITE, PACKAGES })).digest('hex');

/** What is missing here to run Wine, for people; empty where it can be run, or can be made to. */
export async function missingForWine(): Promise<readonly string[]> {
  const missing = process.getuid?.() === 0 ? [] : ['root'];
  if ((await builtWineRoot()) !== undefined) return missing;
  const folders = (process.env['PATH'] ?? '').split(':');
  const found = folders.some((folder) => existsSync(join(folder, 'mmdebstrap')));
  return found ? missing : [...missing, 'mmdebstrap'];
}

/** The Debian with Wine in it, if it is there. */
async function builtWineRoot(): Promise<string | undefined> {
  const kept = await readFile(`${root}.recipe`, 'utf8').catch(() => '');
  return kept === recipe ? root : undefined;
}

/** The same, built where it is not there: two minutes, from Debian's archive. Needs root. */
export async function prepareWineRoot(options: {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}): Promise<string> {
  const { signal, log } = options;
  return await withBuildLock(wineFolder, options, async () => {
    const built = await builtWineRoot();
    if (built !== undefined) return built;
    log('Wine: installing Debian trixie with Wine');
    const fresh = `${root}.new`;
    for (const path of [fresh, `${root}.recipe`]) await rm(path, { recursive: true, force: true });
    await mkdir(wineFolder, { recursive: true });
    const sources = join(wineFolder, 'sources.list');
    await writeFile(sources, await debianSources(SUITE, { likeSuite: HOST_SUITE, signal }));
    const settings = (await aptProxies(signal)).map((line) => `--aptopt=${line}`);
    const variant = ['--variant=apt', '--format=directory', `--include=${PACKAGES.join(',')}`];
    // Node asks for localhost when the agent starts a server.
    const hosts = '--customize-hook=echo "127.0.0.1 localhost" > "$1/etc/hosts"';
    const argv = [...variant, ...settings, hosts, SUITE, fresh, sources];
    await runCommand(['mmdebstrap', ...argv], { signal, timeoutMs: 15 * 60_000 });
    await rm(root, { recursive: true, force: true });
    await rename(fresh, root);
    await writeFile(`${root}.recipe`, recipe);
    return root;
  });
}
