import { z } from 'zod';
import { type DeviceId, PackageId, type RunId } from '#agent/protocol/identity.ts';
import { BootSigner } from '#boot/boot-image-facts.ts';
import type { BootWish } from '#boot/chain.ts';
import { DEFAULT_RAMDISK_TFTP } from '#boot/windows-tree.ts';
import type { Device } from './device.ts';

/** How machines are started from the network: of one device, of a model, or of all. What is left out is told by the next. */
export const ChainSettings = z.strictObject({
  /** What a machine starts from where no task sequence names a boot image; null is Linux PE. */
  bootImage: PackageId.nullable().optional(),
  chain: z.enum(['auto', 'linux-pe', 'windows-pe', 'wimboot']).optional(),
  signer: z.union([z.literal('auto'), BootSigner]).optional(),
  /** Bytes of a block of TFTP, RFC 2348; over 1456 each is cut into fragments on Ethernet. */
  blockSize: z.int().min(512).max(65_464).optional(),
  /** Blocks in a window, RFC 7440. More are not sent (server/tftp/negotiate.ts). */
  windowSize: z.int().min(1).max(64).optional(),
});
export type ChainSettings = z.infer<typeof ChainSettings>;

type Image = BootWish['image'];

/** What the site says of boot images and the way to them. */
export interface BootSite {
  /** Boot image of unknown machines and of those that wait; null is Linux PE. */
  readonly unknownImage: PackageId | null;
  readonly all: ChainSettings;
  readonly ofDevices: ReadonlyMap<DeviceId, ChainSettings>;
  /** By `modelKey`. */
  readonly ofModels: ReadonlyMap<string, ChainSettings>;
  /** Boot images that open runs were granted with. */
  readonly ofRuns: ReadonlyMap<RunId, Image>;
}

/** Make and model as a key: `dell inc. latitude 7450`. */
export function modelKey(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

type Machine = Pick<Device, 'id' | 'name' | 'manufacturer' | 'model' | 'architecture'>;

/**
 * The settings of one machine laid over those of its model and of all; of an unknown machine, those of all.
 * @param named what the task sequence starts from; null where none is known yet
 */
export function bootWish(machine: Machine | null, named: Image | null, site: BootSite): BootWish {
  const model = [machine?.manufacturer, machine?.model].filter(Boolean).join(' ');
  const ofModel = site.ofModels.get(modelKey(model));
  const ofDevice = machine === null ? undefined : site.ofDevices.get(machine.id);
  const settings = { ...site.all, ...ofModel, ...ofDevice };
  const setFor = [
    ...(ofDevice === undefined ? [] : [`the device "${machine?.name}"`]),
    ...(ofModel === undefined ? [] : [`the model "${model}"`]),
  ].join(' and ');
  const own = settings.bootImage;
  const image = namesImage(named) ?? toImage(own === undefined ? unknownImage(named, site) : own);
  return {
    image,
    chain: settings.chain ?? 'auto',
    signer: settings.signer ?? 'auto',
    tftp: {
      blockSize: settings.blockSize ?? DEFAULT_RAMDISK_TFTP.blockSize,
      windowSize: settings.windowSize ?? DEFAULT_RAMDISK_TFTP.windowSize,
    },
    setFor: setFor === '' ? null : setFor,
    architecture: machine?.architecture ?? null,
  };
}

/** What is named and is not merely left out: a task sequence that names none is for any. */
function namesImage(named: Image | null): Image | undefined {
  return named === null || named.kind === 'linux-pe' ? undefined : named;
}

function unknownImage(named: Image | null, { unknownImage: id }: BootSite): PackageId | null {
  return named === null ? id : null;
}

function toImage(id: PackageId | null): Image {
  return id === null ? { kind: 'linux-pe' } : { kind: 'windows-pe', id };
}
