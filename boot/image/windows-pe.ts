/**
 * A boot image of Windows PE: the operator's boot.wim with the agent in it, and what the network boot serves
 * beside it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import { winpeshlIni } from '#boot/winpeshl.ts';
import { BootImageError, run } from './linux-pe/command.ts';
import { cutBootTree } from './windows-pe/boot-tree.ts';
import { componentsOf, PACKAGES_FOLDER, telltaleFolders } from './windows-pe/components.ts';
import { extractFile, listPaths, quoteWord, updateImage, verifyWim } from './windows-pe/wimlib.ts';

/** A folder with drivers, and the name of its folder in the image. */
export interface DriverFolder {
  readonly name: string;
  readonly folder: string;
}

export interface WindowsPeBuild {
  /** The WIM as it came; it is read only. */
  readonly wim: string;
  readonly index: number;
  /** What its metadata say. */
  readonly image: Pick<BootImageFacts, 'architecture' | 'version' | 'languages'>;
  /** Folder below which the package is made; nothing else is in it. */
  readonly out: string;
  /** Files of the agent, the program first. */
  readonly agent: { readonly version: string; readonly files: readonly string[] };
  /** Folder of the image that gets the agent, `Metalwright`, and the names of its files there. */
  readonly place: { readonly folder: string; readonly program: string; readonly drivers: string };
  /** Texts beside the agent, by their names: settings, the site's CA. */
  readonly texts: Readonly<Record<string, string>>;
  /** Names of all that are to be in the image, in the order in which they are loaded. */
  readonly driverNames: readonly string[];
  /** Those that go in; undefined keeps what is there. */
  readonly drivers: readonly DriverFolder[] | undefined;
}

/**
 * Makes the package of a boot image in `out`: `boot.wim` with the agent, `boot-image.json`, boot managers,
 * boot.sdi, fonts. Where it fails, `out` is to be deleted; the WIM that it was made of is as it was.
 *
 * @throws {BootImageError} `boot-image.*`
 */
export async function buildWindowsPe(
  build: WindowsPeBuild,
  signal: AbortSignal,
): Promise<BootImageFacts> {
  const { out, index, image, agent } = build;
  await mkdir(out, { recursive: true });
  const wim = join(out, 'boot.wim');
  // Only that image, as it is compressed: Windows media have a second one, for Setup.
  await run('wimlib-imagex', ['export', build.wim, String(index), wim, '--boot'], { signal });
  const made = { wim, index: 1 };
  const { architecture } = image;
  const tree = await cutBootTree(made, { out, architecture }, signal);
  const paths: string[] = [];
  for (const folder of [PACKAGES_FOLDER, ...telltaleFolders])
    paths.push(...(await listPaths(made, folder, signal)));
  if (!paths.some((path) => path.toLowerCase() === '/windows/system32/wpeinit.exe'))
    throw new BootImageError(
      'boot-image.no-wpeinit',
      'The image has no \\Windows\\System32\\wpeinit.exe, which brings up its network',
      'Take boot.wim of Windows media, or the winpe.wim of the Windows ADK.',
    );
  await inject(build, wim, signal);
  await verifyWim(wim, signal);
  await assertInjected(build, wim, signal);
  const facts: BootImageFacts = {
    format: 1,
    kind: 'winpe',
    ...image,
    languages: [...image.languages],
    components: [...componentsOf(paths)],
    agentVersion: agent.version,
    drivers: [...build.driverNames],
    wim: 'boot.wim',
    ...tree,
  };
  await writeFile(join(out, 'boot-image.json'), `${JSON.stringify(facts, null, 2)}\n`);
  return facts;
}

async function inject(build: WindowsPeBuild, wim: string, signal: AbortSignal): Promise<void> {
  const { out, agent, place, texts, drivers } = build;
  const stage = await mkdtemp(join(out, '.stage-'));
  try {
    for (const file of agent.files) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      await copyFile(file, join(stage, name));
    }
    for (const [name, text] of Object.entries(texts)) await writeFile(join(stage, name), text);
    const shell = join(stage, '.winpeshl.ini');
    const program = `X:\\${place.folder}\\${place.program}`;
    await writeFile(shell, winpeshlIni(program));
    const root = `/${place.folder}`;
    const add = (from: string, to: string): string => `add ${quoteWord(from)} ${quoteWord(to)}`;
    const remove = (path: string): string => `delete --force --recursive ${quoteWord(path)}`;
    const names = (await readdir(stage)).filter((name) => !name.startsWith('.'));
    await updateImage(
      { wim, index: 1 },
      [
        ...names.flatMap((name) => [
          remove(`${root}/${name}`),
          add(join(stage, name), `${root}/${name}`),
        ]),
        ...(drivers === undefined ? [] : [remove(`${root}/${place.drivers}`)]),
        ...(drivers ?? []).map(({ name, folder }) =>
          add(folder, `${root}/${place.drivers}/${name}`),
        ),
        remove('/Windows/System32/winpeshl.ini'),
        add(shell, '/Windows/System32/winpeshl.ini'),
      ],
      signal,
    );
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The agent in the image is the one that was to go in: wimlib may have ended well and done nothing. */
async function assertInjected(
  { out, agent, place }: WindowsPeBuild,
  wim: string,
  signal: AbortSignal,
): Promise<void> {
  const check = await mkdtemp(join(out, '.check-'));
  try {
    const [program = ''] = agent.files;
    const inImage = `/${place.folder}/${place.program}`;
    const found = await extractFile({ wim, index: 1 }, inImage, check, signal);
    const same = found && (await hashOf(join(check, place.program))) === (await hashOf(program));
    if (!same)
      throw new BootImageError(
        'boot-image.not-injected',
        `${inImage} of the new image is not the agent that was put there`,
        'Look at the disk of this server, and try again.',
      );
  } finally {
    await rm(check, { recursive: true, force: true });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
