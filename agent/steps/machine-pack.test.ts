import { describe, expect, it } from 'vitest';
import { DRIVER_INDEX, DriverIndex } from '#agent/drivers/driver-index.ts';
import { madeDevice, madeDriver } from '#agent/drivers/testing/made-drivers.ts';
import { ContentManifest, ContentObject } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { ContentAccess, StepContext } from '#agent/sequence/step.ts';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { applyDriverPackage } from './apply-driver-package.ts';
import { autoApplyDrivers } from './auto-apply-drivers.ts';
import { setTargetVolume } from './target-volume.ts';

const file = (path: string) =>
  ContentObject.parse({ path, sizeBytes: 1, sha256: 'ab'.repeat(32), chunks: ['ab'.repeat(32)] });
const pack = (facts: object | undefined, inf = 'x/a.inf', DriverVer = '01/01/2024,1.0') => ({
  format: 1,
  categories: [],
  ...(facts === undefined ? {} : { pack: facts }),
  drivers: [
    {
      facts: madeDriver(['PCI\\A'], { inf, version: { DriverVer } }),
      files: [inf, inf.replace('.inf', '.sys')].map(file),
    },
  ],
});
const windows11 = { windows: ['windows-11'] };

/** Runs a step on a Dell Latitude 5440 with these packs; `fetched` has what of which package. */
async function run(
  step: typeof applyDriverPackage | typeof autoApplyDrivers,
  packs: Readonly<Record<string, object>>,
  version = '10.0.26100.1',
) {
  const fetched: Record<string, readonly string[]> = {};
  const content: ContentAccess = {
    manifest: (packageId) =>
      ContentManifest.parse({
        packageId,
        version: 1,
        name: packageId,
        kind: 'driver-package',
        objects: [file(DRIVER_INDEX)],
      }),
    open: async (packageId, path = '') => {
      const bytes = Buffer.from(JSON.stringify(DriverIndex.parse(packs[packageId])));
      return { path, sizeBytes: bytes.length, read: async () => bytes };
    },
    folder: async () => Promise.reject(new Error('not expected')),
    keep: async () => Promise.reject(new Error('not expected')),
    driverPackages: () => Object.keys(packs).map((id) => PackageId.parse(id)),
    part: async (packageId, objects) => {
      fetched[packageId] = objects.map(({ path }) => path);
      return `/content/${packageId}`;
    },
  };
  const machine = new SimulatedMachine({
    disks: [],
    pe: 'winpe',
    devices: [madeDevice(['PCI\\A'])],
    windows: { version },
    inventory: {
      Win32_ComputerSystem: [
        { Manufacturer: 'Dell Inc.', Model: 'Latitude 5440', SystemSKUNumber: '0C45' },
      ],
      Win32_BaseBoard: [{ Product: '0M6GXJ' }],
    },
  });
  const platform = machine.start('pe');
  const { windows } = platform;
  if (windows === undefined) throw new Error('there is Windows to work on');
  const variables = new StepVariables(Variables.none);
  setTargetVolume(variables, 'gpt:1');
  const log: string[] = [];
  const context: StepContext = {
    platform: {
      ...platform,
      windows: {
        ...windows,
        facts: async () => ({
          architecture: 'x64',
          version,
          edition: 'Pro',
          productType: 'client',
          language: null,
          imageState: null,
        }),
        async *addDrivers() {
          yield {};
          return { kind: 'in-store', added: 1, refused: [] };
        },
      },
    },
    content,
    variables,
    environment: () => ({}),
    log: (message) => log.push(message),
    signal: new AbortController().signal,
  };
  const running =
    step === applyDriverPackage
      ? applyDriverPackage.run(applyDriverPackage.params.parse({ ofModel: true }), context)
      : autoApplyDrivers.run(autoApplyDrivers.params.parse({ ofModel: true }), context);
  const error = await (async () => {
    try {
      while (!(await running.next()).done);
      return undefined;
    } catch (failure) {
      return failure;
    }
  })();
  return { fetched, log, error };
}

describe('Apply Driver Package of the driver pack of the model', () => {
  it('takes the one by the strongest name, for that Windows, with the newest drivers', async () => {
    const { fetched, log, error } = await run(applyDriverPackage, {
      MWL00001: pack({ models: ['Latitude 5440'] }, 'm/a.inf', '01/01/2025,1.0'),
      MWL00002: pack({ vendor: 'dell', systemSkus: ['0C45'] }, 'any/a.inf', '01/01/2026,1.0'),
      MWL00003: pack({ vendor: 'dell', systemSkus: ['0C45'], ...windows11 }, 'old/a.inf'),
      MWL00004: pack(
        { vendor: 'dell', systemSkus: ['0C45'], ...windows11 },
        'new/a.inf',
        '06/01/2024,1.0',
      ),
      MWL00005: pack({ vendor: 'hp', baseBoards: ['0M6GXJ'] }),
      MWL00006: pack(undefined),
    });
    expect(error).toBeUndefined();
    expect(fetched).toEqual({ MWL00004: ['new/a.inf', 'new/a.sys'] });
    expect(log[0]).toContain('driver pack of Dell Inc. Latitude 5440, by its system-sku; 4 are');
  });

  it('fails where there is none for the model and the Windows', async () => {
    const packs = { MWL00001: pack({ systemSkus: ['0C45'], ...windows11 }), MWL00002: pack({}) };
    expect((await run(applyDriverPackage, packs, '10.0.19045')).error).toMatchObject({
      code: 'drivers.no-pack',
      message: expect.stringContaining('system SKU 0C45, board 0M6GXJ'),
    });
  });
});

describe('Auto Apply Drivers without driver packs of other models', () => {
  it('chooses among those of the model and those for any', async () => {
    const { fetched } = await run(autoApplyDrivers, {
      MWL00001: pack({ models: ['OptiPlex'] }, 'other/a.inf', '01/01/2026,9.0'),
      MWL00002: pack({ models: ['Latitude 5440'] }, 'own/a.inf', '01/01/2024,1.0'),
      MWL00003: pack(undefined, 'any/a.inf', '01/01/2025,1.0'),
    });
    expect(fetched).toEqual({ MWL00003: ['any/a.inf', 'any/a.sys'] });
  });
});
