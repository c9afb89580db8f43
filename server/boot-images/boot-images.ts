import type { Readable } from 'node:stream';
import type { PackageId } from '#agent/protocol/identity.ts';
import { readWindowsPe } from '#media/wim/windows-pe.ts';
import { withStoredWim } from '../content/stored-wim.ts';
import type { WindowsBootImage } from '../netboot/windows-boot-image.ts';
import type { PackageSummary } from '../store/packages.ts';
import { BootImageStoreError } from './boot-image-store-error.ts';
import { type BootImageParts, type Making, makeBootImage } from './make-boot-image.ts';

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
  const keepMade = async (
    making: Omit<Making, 'name'>,
    { name, packageId }: Pick<BootImageWish, 'name' | 'packageId'>,
  ): Promise<PackageSummary> =>
    inTurn(async () =>
      makeBootImage(parts, { ...making, name }, (objects, images) =>
        parts.store.packages.add(
          { name, kind: 'boot-image', objects, images, packageId },
          parts.nowMs(),
        ),
      ),
    );

  return {
    list: parts.published,
    agentVersion: (architecture) =>
      parts.agents.find((each) => each.architecture === architecture)?.version,
    async add(stream, wish) {
      // Known before hundreds of megabytes are sent.
      const address = await serverAddress(parts, wish.serverAddress);
      const answer = await parts.intake.takeIn(stream, 'upload.wim', async (object) => {
        const stored = await parts.content.file(object.sha256);
        const image = await withStoredWim(stored, async (wim) => readWindowsPe(wim, wish.index));
        const { drivers } = wish;
        const made = await keepMade(
          { wim: stored.path, image, address, drivers, keptDrivers: [] },
          wish,
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
      const image = await withStoredWim(wim, readWindowsPe);
      const { name, facts } = known;
      return keepMade(
        { wim: wim.path, image, address, drivers: undefined, keptDrivers: facts.drivers },
        { name, packageId: id },
      );
    },
  };
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
