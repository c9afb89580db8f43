import { describe, expect, it } from 'vitest';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { madeDevice, madeDriver } from '#agent/drivers/testing/made-drivers.ts';
import { ContentManifest, ContentObject } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { ContentAccess, StepContext } from '#agent/sequence/step.ts';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import type { DriverOutcome, WindowsCapability } from '#agent/sequence/windows-capability.ts';
import { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { keptBy, keptStagedDrivers } from '../windows-setup/answer-settings.ts';
import { applyDriverPackage } from './apply-driver-package.ts';
import { autoApplyDrivers } from './auto-apply-drivers.ts';
import { setTargetVolume } from './target-volume.ts';

type Added = Parameters<WindowsCapability['addDrivers']>[0];
const refuse = () => Promise.reject(new Error('not expected'));
const id = (text: string) => PackageId.parse(text);
const file = (path: string) =>
  ContentObject.parse({ path, sizeBytes: 1, sha256: 'ab'.repeat(32), chunks: ['ab'.repeat(32)] });

/** Packages as their indexes say; `parts` has what was fetched. */
function content(indexes: Readonly<Record<string, unknown>>) {
  const parts: Record<string, string[]> = {};
  const access: ContentAccess = {
    manifest: (packageId) =>
      ContentManifest.parse({
        packageId,
        version: 1,
        name: `Drivers ${packageId}`,
        kind: 'driver-package',
        objects: [file(DRIVER_INDEX)],
      }),
    open: async (packageId, path = '') => {
      expect(path).toBe(DRIVER_INDEX);
      const index = indexes[packageId];
      const bytes = Buffer.from(typeof index === 'string' ? index : JSON.stringify(index));
      return { path, sizeBytes: bytes.length, read: async () => bytes };
    },
    folder: async (packageId) => `/content/${packageId}`,
    keep: refuse,
    driverPackages: () => Object.keys(indexes).map(id),
    part: async (packageId, objects) => {
      parts[packageId] = objects.map(({ path }) => path);
      return `/content/${packageId}.part`;
    },
  };
  return { access, parts };
}

function context(
  access: ContentAccess,
  outcome: DriverOutcome = { kind: 'in-store', added: 1, refused: [] },
) {
  const added: Added[] = [];
  const log: string[] = [];
  const windows: WindowsCapability = {
    facts: async () => ({
      architecture: 'x64',
      version: '10.0.26100.1',
      edition: 'Pro',
      productType: 'client',
      language: null,
      imageState: null,
    }),
    devices: async () => [
      madeDevice(['PCI\\A&REV_1', 'PCI\\A'], ['PCI\\CC_0200']),
      madeDevice(['PCI\\D']),
    ],
    async *addDrivers(request) {
      added.push(request);
      yield {};
      return outcome;
    },
    files: { read: refuse, change: refuse },
    newPassword: () => '',
    editRegistry: refuse,
    installAgent: refuse,
  };
  const machine = new SimulatedMachine({ disks: [], pe: 'winpe' });
  const variables = new StepVariables(Variables.none);
  const step: StepContext = {
    platform: { ...machine.start('pe'), windows },
    content: access,
    variables,
    environment: () => ({}),
    log: (message) => log.push(message),
    signal: new AbortController().signal,
  };
  return { step, variables, added, log };
}

async function toEnd(run: AsyncGenerator<unknown, unknown>): Promise<void> {
  while (!(await run.next()).done);
}
const auto = (params: object = {}) => autoApplyDrivers.params.parse(params);
const driver = (inf: string, ids: readonly string[], DriverVer: string, files: string[]) => ({
  facts: madeDriver(ids, { inf, version: { DriverVer } }),
  files: [inf, ...files].map(file),
});
const indexes = {
  MWL00001: {
    format: 1,
    categories: ['Dell'],
    drivers: [
      driver('a/old.inf', ['PCI\\A&REV_1'], '01/01/2020,1.0', ['a/old.sys']),
      driver('b/other.inf', ['PCI\\Z'], '01/01/2024,1.0', ['b/other.sys']),
    ],
  },
  MWL00002: {
    format: 1,
    categories: ['HP', 'New'],
    drivers: [
      driver('c/new.inf', ['PCI\\A&REV_1'], '01/01/2024,1.0', ['c/new.sys']),
      driver('d/disk.inf', ['PCI\\D'], '01/01/2024,1.0', ['d/disk.sys']),
    ],
  },
};

describe('M02 auto-apply-drivers acts', () => {
  it('fetches the files of the best drivers alone, and adds them', async () => {
    const { access, parts } = content(indexes);
    const { step, variables, added, log } = context(access);
    setTargetVolume(variables, 'gpt:1');
    await toEnd(autoApplyDrivers.run(auto(), step));
    expect(parts).toEqual({ MWL00002: ['c/new.inf', 'c/new.sys', 'd/disk.inf', 'd/disk.sys'] });
    expect(added).toEqual([
      {
        volume: 'gpt:1',
        folder: '/content/MWL00002.part',
        recurse: true,
        unsigned: false,
        options: [],
      },
    ]);
    expect(log[0]).toBe('2 of 4 drivers are for this machine with 2 devices');
  });

  it('takes all that fit where it is told so, and drivers of some categories alone', async () => {
    const all = content(indexes);
    const first = context(all.access);
    setTargetVolume(first.variables, 'gpt:1');
    await toEnd(autoApplyDrivers.run(auto({ bestMatch: false }), first.step));
    expect(Object.keys(all.parts).sort()).toEqual(['MWL00001', 'MWL00002']);

    const dell = content(indexes);
    const second = context(dell.access);
    setTargetVolume(second.variables, 'gpt:1');
    await toEnd(autoApplyDrivers.run(auto({ categories: 'dell, Lenovo' }), second.step));
    expect(dell.parts).toEqual({ MWL00001: ['a/old.inf', 'a/old.sys'] });
  });

  it.each(['{', '[]', JSON.stringify({ format: 2, categories: [], drivers: [] })])(
    'refuses the index %s',
    async (index) => {
      const { step, variables } = context(content({ MWL00001: index }).access);
      setTargetVolume(variables, 'gpt:1');
      await expect(toEnd(autoApplyDrivers.run(auto(), step))).rejects.toMatchObject({
        code: 'drivers.index',
      });
    },
  );

  it('needs an operating system and a server', async () => {
    const { access } = content(indexes);
    await expect(toEnd(autoApplyDrivers.run(auto(), context(access).step))).rejects.toMatchObject({
      code: 'image.none-applied',
    });
    const alone = context({
      manifest: (packageId) => access.manifest(packageId),
      open: (packageId, path) => access.open(packageId, path),
      folder: (packageId, signal) => access.folder(packageId, signal),
      keep: refuse,
    });
    setTargetVolume(alone.variables, 'gpt:1');
    await expect(toEnd(autoApplyDrivers.run(auto(), alone.step))).rejects.toMatchObject({
      code: 'drivers.no-server',
    });
  });
});

describe('M02 apply-driver-package acts', () => {
  const params = applyDriverPackage.params.parse({
    package: { id: 'MWL00001' },
    recurse: true,
    additionalOptions: '/Quiet  "/LogPath:X:\\my logs\\d.log"',
    allowUnsigned: true,
  });

  it('adds all of the package, with the options that are asked for', async () => {
    const { step, variables, added, log } = context(content(indexes).access, {
      kind: 'staged',
      folder: '\\Windows\\Metalwright\\Drivers\\1',
      infs: 3,
    });
    setTargetVolume(variables, 'gpt:1');
    await toEnd(applyDriverPackage.run(params, step));
    expect(added).toMatchObject([
      {
        folder: '/content/MWL00001',
        recurse: true,
        unsigned: true,
        options: ['/Quiet', '/LogPath:X:\\my logs\\d.log'],
      },
    ]);
    expect(log).toEqual([expect.stringContaining('3 drivers lie in')]);
    // Setup Windows has them taken in.
    expect(keptBy(variables, keptStagedDrivers)).toEqual(['\\Windows\\Metalwright\\Drivers\\1']);
  });

  it('M43 refuses drivers for another architecture than the Windows before they are fetched', async () => {
    const package1 = (...decorations: string[]) => ({
      MWL00001: {
        format: 1,
        categories: [],
        drivers: decorations.map((decoration) => ({
          facts: madeDriver(['PCI\\A'], { decoration }),
          files: [file('made.inf')],
        })),
      },
    });
    const run = async (...decorations: string[]) => {
      const { access } = content(package1(...decorations));
      const fetched: string[] = [];
      const { step, variables } = context({
        ...access,
        folder: async (packageId, signal) => {
          fetched.push(packageId);
          return access.folder(packageId, signal);
        },
      });
      setTargetVolume(variables, 'gpt:1');
      const error = await toEnd(applyDriverPackage.run(params, step)).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      return { error, fetched };
    };
    const wrong = await run('NTarm64.10.0', 'NTx86');
    expect(wrong).toMatchObject({
      error: {
        code: 'driver.architecture',
        message:
          'The driver package Drivers MWL00001 (MWL00001) is for arm64; Windows 10.0.26100.1 is for x64',
      },
      fetched: [],
    });
    expect(await run('NTarm64.10.0', 'NTamd64')).toEqual({
      error: undefined,
      fetched: ['MWL00001'],
    });
  });

  it('M53 fails with the names of what was refused', async () => {
    const refused = Array.from({ length: 25 }, (_, index) => `d${index}.inf`);
    const { step, variables } = context(content(indexes).access, {
      kind: 'in-store',
      added: 2,
      refused,
    });
    setTargetVolume(variables, 'gpt:1');
    await expect(toEnd(applyDriverPackage.run(params, step))).rejects.toMatchObject({
      code: 'drivers.refused',
      message: expect.stringMatching(/25 drivers were refused, 2 added: d0\.inf.*and 5 more/),
    });
  });
});
