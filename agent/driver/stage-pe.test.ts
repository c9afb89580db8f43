import { describe, expect, it } from 'vitest';
import { PackageId } from '../protocol/identity.ts';
import { RunGrant } from '../protocol/policy.ts';
import type { BootCapability } from '../sequence/platform.ts';
import { StepError } from '../sequence/step-error.ts';
import { stagePe } from './stage-pe.ts';

const { signal } = new AbortController();
const image = PackageId.parse('MWL00009');
const manifest = {
  packageId: image,
  version: 1,
  name: 'Windows PE',
  kind: 'boot-image',
  objects: [],
  images: [],
};
const grantOf = (more: object = {}) =>
  RunGrant.pick({ bootImage: true, content: true }).parse({
    bootImage: image,
    content: { [image]: { kind: 'found', manifest, sources: [] } },
    ...more,
  });

function machine(boot: Partial<BootCapability>, environment: 'full-os' | 'winpe' = 'full-os') {
  const told: string[] = [];
  const waiting: (string | undefined)[] = [];
  const stage = async (grant = grantOf()) =>
    stagePe(
      {
        grant,
        platform: {
          environment,
          boot: { install: async () => {}, bootable: async () => true, ...boot },
        },
        content: {
          manifest: refuse,
          open: refuse,
          keep: refuse,
          folder: async (id) => `/content/${id}`,
        },
        observer: {
          warn: (text) => void told.push(text),
          waiting: (text) => void waiting.push(text),
        },
      },
      signal,
    );
  return { stage, told, waiting };
}
const refuse = () => {
  throw new Error('not asked for');
};
const failing = async () => {
  throw new StepError('boot.stage-space', 'too small');
};

describe('M33 M56 a restart to the boot image', () => {
  it('puts the boot image of the run onto the disk', async () => {
    const folders: string[] = [];
    const { stage, waiting } = machine({
      stagePe: async ({ folder }) => void folders.push(folder),
    });
    expect(await stage()).toBeUndefined();
    expect(folders).toEqual([`/content/${image}`]);
    expect(waiting).toEqual(['Putting the boot image onto the disk', undefined]);
  });

  it('is refused where that fails in the installed system', async () => {
    const { stage } = machine({ stagePe: failing });
    expect(await stage()).toMatchObject({ code: 'boot.stage-space', message: 'too small' });
  });

  it('is made all the same in the PE, which came by the network', async () => {
    const { stage, told } = machine({ stagePe: failing }, 'winpe');
    expect(await stage()).toBeUndefined();
    expect(told).toEqual(['The boot image is not on the disk: boot.stage-space: too small']);
  });

  it.each([
    ['the platform stages none', {}, {}],
    [
      'the firmware comes to the PE anyway',
      { stagePe: failing, mustStagePe: async () => false },
      {},
    ],
    ['the grant names none', { stagePe: failing }, { bootImage: undefined }],
    [
      'it is on no distribution point',
      { stagePe: failing },
      { content: { [image]: { kind: 'missing', packageId: image, reason: '' } } },
    ],
  ])('goes by the firmware where %s', async (_why, boot, grant) => {
    expect(await machine(boot).stage(grantOf(grant))).toBeUndefined();
  });
});
