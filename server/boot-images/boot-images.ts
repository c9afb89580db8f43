import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Readable } from 'node:stream';
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
import { buildWindowsPe, type DriverFolder } from '#boot/image/windows-pe.ts';
import { readWindowsPe, type WindowsPeImage } from '#media/wim/windows-pe.ts';
import type { ContentStore } from '../content/store.ts';
import type { Intake } from '../content/take-in.ts';
import type { WindowsBootImage } from '../netboot/windows-boot-image.ts';
import type { Store } from '../store/operations.ts';
import type { PackageSummary } from '../store/packages.ts';
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
  /** The newest boot images that can be read. */
  readonly published: () => Promise<readonly WindowsBootImage[]>;
  /** Where images are made: room for two. */
  readonly workFolder: string;
  readonly nowMs: () => number;
}

interface BootImageWish {
  readonly name: string;
  readonly packageId: PackageId | undefined;
  /** Of the WIM; that which it starts otherwise. */
  readonly index: number | undefined;
  /** Packages with drivers, in any order. */
  readonly drivers: readonly PackageId[];
  /** Address of this server for the agent; that of the interface that answers otherwise. */
  readonly serverAddress: string | undefined;
}

/** The boot images of Windows PE that a site has. */
export interface BootImages {
  list(): Promise<readonly WindowsBootImage[]>;
  /** The version of the agent that an image of this architecture would get; undefined where there is none. */
  agentVersion(architecture: string): string | undefined;
  /**
   * Takes a WIM in and makes a boot image of it; a name that exists gets a new version.
   * @throws {WimError} `wim.*` @throws {BootImageError} `boot-image.*` @throws {BootImageStoreError}
   */
  add(wim: Readable, wish: BootImageWish): Promise<PackageSummary>;
  /** Makes it anew with this server's agent, address and CA; its drivers stay. */
  rebuild(id: PackageId, serverAddress: string | undefined): Promise<PackageSummary>;
}

/** Opens them; one is made at a time, as each is a gigabyte or two of work for the disk. */
export function openBootImages(parts: BootImageParts): BootImages {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => {});
    return turn;
  };
  const agentFor = (architecture: string): WindowsAgent | undefined =>
    parts.agents.find((each) => each.architecture === architecture);

  return {
    list: parts.published,
    agentVersion: (architecture) => agentFor(architecture)?.version,
    async add(stream, wish) {
      // Known before hundreds of megabytes are sent.
      const address = await serverAddress(parts, wish.serverAddress);
      const answer = await parts.intake.takeIn(stream, 'upload.wim', async (object) => {
        const { path, sizeBytes } = await parts.content.file(object.sha256);
        const image = await readPe(path, sizeBytes, wish.index);
        const { name, packageId, drivers } = wish;
        const making = { wim: path, image, address, agent: agentFor, drivers, keptDrivers: [] };
        const made = await inTurn(async () =>
          make(parts, making, (objects, images) =>
            parts.store.packages.add(
              { name, kind: 'boot-image', objects, images, packageId },
              parts.nowMs(),
            ),
          ),
        );
        return { made, sha256: object.sha256 };
      });
      // Its image lies in the package, as it came: the upload is not needed any more.
      await parts.intake.discard(answer.sha256);
      return answer.made;
    },
    async rebuild(id, wanted) {
      const known = (await parts.published()).find((image) => image.id === id);
      if (known === undefined)
        throw new BootImageStoreError(
          'boot-image.not-found',
          `There is no boot image ${id} that can be read`,
          'metalwright boot-image list shows those there are.',
        );
      const address = await serverAddress(parts, wanted);
      const wim = known.files.get(known.facts.wim);
      if (wim?.kind !== 'file')
        throw new BootImageStoreError(
          'boot-image.not-found',
          `${id} has no ${known.facts.wim}`,
          'Add it again.',
        );
      const { path, sizeBytes } = wim;
      const image = await readPe(path, sizeBytes, undefined);
      const { name, facts } = known;
      const kept = { drivers: undefined, keptDrivers: facts.drivers };
      const making = { wim: path, image, address, agent: agentFor, ...kept };
      return inTurn(async () =>
        make(parts, making, (objects, images) =>
          parts.store.packages.add(
            { name, kind: 'boot-image', objects, images, packageId: id },
            parts.nowMs(),
          ),
        ),
      );
    },
  };
}

async function readPe(
  path: string,
  sizeBytes: number,
  index: number | undefined,
): Promise<WindowsPeImage> {
  await using file = await open(path, 'r');
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  return await readWindowsPe({ sizeBytes, read }, index);
}

/** One image to be made. */
interface Making {
  readonly wim: string;
  readonly image: WindowsPeImage;
  readonly address: string;
  readonly agent: (architecture: string) => WindowsAgent | undefined;
  /** Packages with drivers that go in; undefined keeps those that are there. */
  readonly drivers: readonly PackageId[] | undefined;
  /** Names of those that are there, in their order. */
  readonly keptDrivers: readonly string[];
}

async function make<Answer>(
  parts: BootImageParts,
  { wim, image, address, agent: find, drivers, keptDrivers }: Making,
  keep: (objects: ContentObject[], images: ImageFacts[]) => Promise<Answer>,
): Promise<Answer> {
  const agent = find(image.architecture);
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
    const folders: readonly DriverFolder[] | undefined =
      drivers === undefined
        ? undefined
        : await layDrivers(
            await manifestsOf(parts, drivers),
            join(work, 'drivers'),
            async (sha256) => (await parts.content.file(sha256)).path,
          );
    const driverNames = folders?.map(({ name }) => name) ?? keptDrivers;
    const { agents, boot } = parts.ports();
    const settings: AgentSettings = {
      server: `${address}:${agents}`,
      bootBase: `http://${address}:${boot}`,
      environment: 'winpe',
      drivers: driverNames.map((name) => `Drivers\\${name}`),
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

/**
 * The address that the agent speaks to: a boot image is the same for all who start it, so it is one, that of
 * the first interface that answers network boots.
 * @throws {BootImageStoreError} `boot-image.no-address`
 */
async function serverAddress(parts: BootImageParts, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted;
  const { answerOn } = await parts.store.settings.get();
  const all = parts.interfaces();
  const found = answerOn.flatMap((name) => all.find((each) => each.name === name) ?? [])[0];
  if (found !== undefined) return found.address;
  const there = all.map(({ name, address }) => `${name} ${address}`).join(', ');
  throw new BootImageStoreError(
    'boot-image.no-address',
    'It is not known at which address the machines reach this server',
    `Say on which interface it answers: metalwright netboot set --answer-on <interface>; or --server-address. There is ${there || 'no interface but loopback'}.`,
  );
}
