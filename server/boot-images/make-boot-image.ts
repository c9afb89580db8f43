import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  AGENT_PROGRAM,
  AGENT_SETTINGS_FILE,
  type AgentSettings,
  PE_FOLDER,
  SITE_CA_FILE,
} from '#agent/protocol/agent-settings.ts';
import { ContentManifest, type ContentObject, type ImageFacts } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import { buildWindowsPe } from '#boot/image/windows-pe.ts';
import type { WindowsPeImage } from '#media/wim/windows-pe.ts';
import type { ContentStore } from '../content/store.ts';
import type { Intake } from '../content/take-in.ts';
import type { WindowsBootImage } from '../netboot/windows-boot-image.ts';
import type { Store } from '../store/operations.ts';
import type { WindowsAgent } from '../windows-agents.ts';
import { BootImageStoreError } from './boot-image-store-error.ts';
import { layDrivers } from './lay-drivers.ts';

/** What boot images are made with. */
export interface BootImageParts {
  readonly store: Pick<Store, 'packages' | 'settings'>;
  readonly content: Pick<ContentStore, 'file'>;
  readonly intake: Intake;
  readonly agents: readonly WindowsAgent[];
  /** PEM. */
  readonly siteCa: string;
  /** Addresses of this server by interface. */
  readonly interfaces: () => readonly { readonly name: string; readonly address: string }[];
  readonly ports: () => { readonly agents: number; readonly boot: number };
  /** Agents' listeners of the other servers of the site, as machines reach them that reach this address. */
  readonly otherServers: (address: string) => readonly string[];
  /** The newest boot images that can be read. */
  readonly published: () => Promise<readonly WindowsBootImage[]>;
  /** Where images are made: room for two. */
  readonly workFolder: string;
  readonly nowMs: () => number;
}

/** One image to be made. */
export interface Making {
  /** Which the agent in it tells the server. */
  readonly name: string;
  readonly wim: string;
  readonly image: WindowsPeImage;
  readonly address: string;
  /** Packages with drivers that go in; undefined keeps those that are there. */
  readonly drivers: readonly PackageId[] | undefined;
  /** Names of those that are there, in their order. */
  readonly keptDrivers: readonly string[];
}

/**
 * Makes the package of one boot image and hands its objects to `keep`; what it was made in is gone afterwards.
 * @throws {BootImageError} `boot-image.*` @throws {BootImageStoreError}
 */
export async function makeBootImage<Answer>(
  parts: BootImageParts,
  { name, wim, image, address, drivers, keptDrivers }: Making,
  keep: (objects: ContentObject[], images: ImageFacts[]) => Promise<Answer>,
): Promise<Answer> {
  const agent = parts.agents.find(({ architecture }) => architecture === image.architecture);
  if (agent === undefined)
    throw new BootImageStoreError(
      'boot-image.no-agent',
      `The boot image is for ${image.architecture}, and this server has no agent for Windows on it`,
      image.architecture === 'x86'
        ? 'There is none for 32-bit Windows: take a boot image for x64.'
        : `Build it: node scripts/build-agent.ts --target windows-${image.architecture}, then start the server again.`,
    );
  await mkdir(parts.workFolder, { recursive: true });
  const work = await mkdtemp(join(parts.workFolder, 'boot-image-'));
  try {
    const out = join(work, 'out');
    const folders =
      drivers === undefined
        ? undefined
        : await layDrivers(
            await manifestsOf(parts, drivers),
            join(work, 'drivers'),
            async (sha256) => (await parts.content.file(sha256)).path,
          );
    const driverNames = folders?.map(({ name }) => name) ?? keptDrivers;
    const { agents, boot } = parts.ports();
    const others = parts.otherServers(address);
    const settings: AgentSettings = {
      server: `${address}:${agents}`,
      ...(others.length === 0 ? {} : { servers: [...others] }),
      bootBase: `http://${address}:${boot}`,
      environment: 'winpe',
      inBootImage: { name, architecture: image.architecture },
      drivers: driverNames.map((driver) => `Drivers\\${driver}`),
    };
    const facts = await buildWindowsPe(
      {
        wim,
        index: image.index,
        image: {
          architecture: image.architecture,
          version: image.version,
          languages: [...image.languages],
        },
        out,
        agent: {
          version: agent.version,
          files: agent.files.map((name) => join(agent.folder, name)),
        },
        place: { folder: PE_FOLDER, program: AGENT_PROGRAM, drivers: 'Drivers' },
        texts: {
          [AGENT_SETTINGS_FILE]: `${JSON.stringify(settings, null, 2)}\n`,
          [SITE_CA_FILE]: parts.siteCa,
        },
        driverNames,
        drivers: folders,
      },
      new AbortController().signal,
    );
    const images = [imageFactsOf(facts)];
    return await takeInAll(parts.intake, out, await filesBelow(out), (objects) =>
      keep(objects, images),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What checks of task sequences know of it, without its content (M43). */
function imageFactsOf({
  architecture,
  version,
  languages,
  components,
}: BootImageFacts): ImageFacts {
  return {
    index: 1,
    name: 'Windows PE',
    architecture,
    totalBytes: 0,
    kind: 'windows',
    windows: {
      edition: 'WindowsPE',
      installationType: 'WindowsPE',
      productType: 'WinNT',
      version,
      languages,
      components,
    },
  };
}

async function manifestsOf(
  { store }: BootImageParts,
  ids: readonly PackageId[],
): Promise<readonly ContentManifest[]> {
  const found: ContentManifest[] = [];
  for (const id of ids) {
    const bytes = await store.packages.manifest(id);
    if (bytes === null)
      throw new BootImageStoreError(
        'boot-image.no-drivers',
        `There is no package ${id} with drivers`,
        'Add the folder first: metalwright package add <folder> --name <name>.',
      );
    found.push(ContentManifest.parse(JSON.parse(new TextDecoder().decode(bytes))));
  }
  return found;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Takes each file in while those before it are in use: all of them are kept, or none. */
async function takeInAll<Answer>(
  intake: Intake,
  folder: string,
  paths: readonly string[],
  keep: (objects: ContentObject[]) => Promise<Answer>,
  taken: readonly ContentObject[] = [],
): Promise<Answer> {
  const [path, ...rest] = paths;
  if (path === undefined) return keep([...taken]);
  return intake.takeIn(createReadStream(join(folder, path)), path, async (object) =>
    takeInAll(intake, folder, rest, keep, [...taken, object]),
  );
}
