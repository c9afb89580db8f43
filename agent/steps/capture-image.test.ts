import { describe, expect, it } from 'vitest';
import { PackageId } from '#agent/protocol/identity.ts';
import type { CapturedSystem, CaptureState } from '#agent/sequence/capture-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { setupCompleteText } from '../windows-setup/setup-scripts.ts';
import { captureImage } from './capture-image.ts';
import { GB, runSteps, type StepRun } from './testing/run-step.ts';
import { faultsOf, simulateSteps } from './testing/simulate-run.ts';

const destination = '\\\\server\\share\\images\\reference.wim';
const settings = {
  destination,
  account: { user: 'CORP\\capture', password: '%CapturePassword%' },
  description: 'Reference',
  version: '12',
  createdBy: 'Build',
};
const windows: CapturedSystem = {
  kind: 'windows',
  architecture: 'x64',
  version: '10.0.26100',
  edition: 'Professional',
  imageState: 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE',
};
const linux: CapturedSystem = {
  kind: 'linux',
  architecture: null,
  name: 'Debian',
  identity: [],
  swapFiles: ['/data/swap'],
};
/** Volumes of a simulated machine are numbered in the order they are made in. */
const volume = (number: number): VolumeId =>
  `gpt:00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** A disk with ESP, Windows and data, and a stick. */
const disks = [
  {
    sizeBytes: 100 * GB,
    partitions: [
      { type: 'efi' as const, sizeBytes: GB, fileSystem: 'fat32' },
      { type: 'primary' as const, sizeBytes: 10 * GB, fileSystem: 'ntfs' },
      { type: 'primary' as const, sizeBytes: 50 * GB, fileSystem: 'ntfs' },
      { type: 'recovery' as const, sizeBytes: GB, fileSystem: 'ntfs' },
      { type: 'primary' as const, sizeBytes: GB, fileSystem: 'swap' },
    ],
  },
  {
    sizeBytes: 9 * GB,
    removable: true,
    partitions: [{ type: 'primary' as const, sizeBytes: 8 * GB, fileSystem: 'fat32' }],
  },
];
const clean: CaptureState = { problem: null, system: null };

/** Captures a machine whose volumes are seen like that, by their numbers. */
async function capture(
  states: Readonly<Record<number, CaptureState>>,
  { params = {}, ...more }: Partial<StepRun> & { readonly params?: object } = {},
) {
  const { machine, ...run } = more;
  return runSteps({
    steps: [{ type: 'capture-image', params: { destination, ...params } }],
    machine: {
      pe: 'winpe',
      disks,
      captureState: (id) =>
        Object.entries(states).find(([number]) => volume(Number(number)) === id)?.[1] ?? clean,
      ...machine,
    },
    onMachine: ({ storage }) => {
      // A Windows to be worked on: a script of ours is in it, and what the image had in its place.
      for (const [number, { system }] of Object.entries(states)) {
        if (system?.kind !== 'windows') continue;
        const text = (each: string) => new TextEncoder().encode(each);
        const files = new Map([
          ['\\windows\\setup\\scripts\\setupcomplete.cmd', text(setupCompleteText())],
          ['\\windows\\setup\\scripts\\setupcomplete.metalwright-original.cmd', text('its own')],
        ]);
        storage.write(volume(Number(number)), {
          image: { name: 'Windows', complete: true },
          windows: { files, edits: [], agent: 'x64', drivers: [] },
        });
        storage.flush(volume(Number(number)));
      }
    },
    ...run,
  });
}
const errorOf = (run: Awaited<ReturnType<typeof capture>>) => run.state.result?.error ?? null;

describe('M02 M44 capture-image', () => {
  it('makes one image a volume of a fixed disk, the system first', async () => {
    const run = await capture(
      { 3: { problem: null, system: windows } },
      { params: settings, variables: { CapturePassword: 'secret' }, secrets: ['CapturePassword'] },
    );
    expect(errorOf(run)).toBeNull();
    const [captured, ...others] = run.machine.captured;
    expect(others).toEqual([]);
    expect(captured).toMatchObject({ file: destination, fileVolume: null });
    expect(captured?.images).toMatchObject([
      {
        volume: volume(3),
        name: 'reference',
        description: 'Reference',
        system: windows,
        properties: { 'METALWRIGHT/VERSION': '12', 'METALWRIGHT/CREATEDBY': 'Build' },
      },
      { volume: volume(2), name: 'reference, partition 2 of disk 0 (ntfs)', system: null },
    ]);
    expect(captured?.images[0]?.exclude).toEqual(
      expect.arrayContaining(['/pagefile.sys', '/_SMSTaskSequence', '/Windows/Metalwright']),
    );
    expect(run.machine.network.folders).toEqual([
      { path: '\\\\server\\share', drive: null, user: 'CORP\\capture' },
    ]);
    // On a machine of the image they would start what is not there.
    const { windows: left } = run.machine.storage.read(volume(3));
    expect(
      [...(left?.files ?? [])].map(([path, bytes]) => [path, String(Buffer.from(bytes))]),
    ).toEqual([['\\windows\\setup\\scripts\\setupcomplete.cmd', 'its own']]);
    expect(left?.edits).toMatchObject([
      {
        hive: 'SYSTEM',
        edit: { kind: 'delete-key', key: expect.stringContaining('MetalwrightAgent') },
      },
    ]);
    expect(run.log).toContain('Passed over: partition 5 of disk 0 (swap)');
    expect(run.log.join('\n')).not.toContain('secret');
  });

  it('says of a Linux what it is, and leaves out what is no part of it', async () => {
    const run = await capture(
      { 1: { problem: null, system: linux } },
      {
        params: { destination: '%Images%\\debian\\gold.wim' },
        variables: { Images: volume(2) },
        machine: {
          pe: 'linux-pe',
          disks: [
            {
              sizeBytes: 20 * GB,
              partitions: [
                { sizeBytes: 9 * GB, fileSystem: 'ext4' },
                { sizeBytes: 9 * GB, fileSystem: 'ext4' },
              ],
            },
          ],
        },
      },
    );
    expect(errorOf(run)).toBeNull();
    const [captured] = run.machine.captured;
    expect(captured).toMatchObject({
      file: `/simulated/${volume(2)}/debian/gold.wim`,
      fileVolume: volume(2),
    });
    expect(captured?.images[0]?.properties).toEqual({
      'METALWRIGHT/KIND': 'linux',
      'METALWRIGHT/ARCHITECTURE': 'x64',
    });
    expect(captured?.images[0]?.exclude).toEqual(
      expect.arrayContaining(['/opt/metalwright', '/data/swap', '/tmp/*']),
    );
    // The image itself, on the volume that it is captured to.
    expect(captured?.images[0]?.exclude).not.toContain('/debian/gold.wim');
    expect(captured?.images[1]?.exclude).toEqual(
      expect.arrayContaining(['/debian/gold.wim', '/debian/gold.wim.new']),
    );
  });

  const of = (problem: CaptureState['problem']): CaptureState => ({ problem, system: null });
  const prepared = { problem: null, system: windows };
  it.each([
    ['capture.hibernated', { 2: of('hibernated') }, /partition 2 of disk 0 \(ntfs\)/],
    ['capture.dirty', { 2: prepared, 3: of('dirty') }, /partition 3 of disk 0/],
    ['capture.encrypted', { 2: of('bitlocker') }, /BitLocker/],
    ['capture.encrypted', { 2: prepared, 3: of('luks') }, /LUKS/],
    ['capture.no-system', {}, /partition 5 of disk 0 \(swap\)/],
    ['capture.several-systems', { 2: prepared, 3: prepared }, new RegExp(volume(3))],
    [
      'capture.not-prepared',
      { 2: { problem: null, system: { ...windows, imageState: 'IMAGE_STATE_COMPLETE' } } },
      /IMAGE_STATE_COMPLETE/,
    ],
    [
      'capture.not-prepared',
      { 2: { problem: null, system: { ...windows, imageState: null } } },
      /nothing/,
    ],
    [
      'capture.not-prepared',
      { 2: { problem: null, system: { ...linux, identity: ['/etc/machine-id'] } } },
      /machine-id/,
    ],
  ] satisfies readonly (readonly [string, Record<number, CaptureState>, RegExp])[])(
    'refuses before anything is written: %s',
    async (code, states, message) => {
      const run = await capture(states);
      expect(errorOf(run)).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(run.machine.captured).toEqual([]);
      expect(run.machine.network.folders).toEqual([]);
    },
  );

  it('takes the system that OSDTargetSystemRoot names, and none where it names another', async () => {
    const both = { 2: prepared, 3: prepared };
    const root = `${volume(3).toUpperCase().replace('GPT', 'gpt')}\\Windows`;
    const run = await capture(both, { variables: { OSDTargetSystemRoot: root } });
    expect(run.machine.captured[0]?.images[0]?.volume).toBe(volume(3));
    // What Prepare Windows for Capture has set: letters are others in Windows PE.
    const one = await capture(
      { 2: prepared },
      { variables: { OSDTargetSystemRoot: 'D:\\Windows' } },
    );
    expect(errorOf(one)).toBeNull();
    const wrong = await capture(both, { variables: { OSDTargetSystemRoot: volume(1) } });
    expect(errorOf(wrong)?.code).toBe('capture.no-system');
  });

  it.each([
    'nowhere.wim',
    'C:',
    '\\\\server\\share',
    '\\\\server\\share\\..\\..\\x\\',
    'http://x/y.wim',
  ])('refuses the destination %j', async (to) => {
    const run = await capture({ 2: prepared }, { params: { destination: to } });
    expect(errorOf(run)?.code).toBe('capture.destination');
  });

  it('gives the image to the server, and leaves nothing of it on the disk', async () => {
    const given: object[] = [];
    const run = await capture(
      { 2: prepared },
      {
        params: { destination: ' server: Gold %Kind% ' },
        variables: { Kind: 'master' },
        handOverImage: async function* (image) {
          given.push(image);
          yield { detail: 'Sending' };
          return { packageId: PackageId.parse('MW100007'), version: 3 };
        },
      },
    );
    expect(errorOf(run)).toBeNull();
    // The one with the most room.
    const file = `/simulated/${volume(3)}/_SMSTaskSequence/Captured/run.wim`;
    expect(given).toEqual([{ file, name: 'Gold master' }]);
    expect(run.machine.captured).toMatchObject([
      { file, fileVolume: volume(3), removed: true, images: [{ name: 'Gold master' }, {}] },
    ]);
    expect(run.log).toContain('The server has it as "Gold master", MW100007, version 3');
  });

  it('sends what an attempt before has captured, wherever the power is cut', async () => {
    for (let cut = 1; cut < 60; cut += 1) {
      const given: string[] = [];
      const run = await capture(
        { 2: prepared },
        {
          params: { destination: 'server:Gold' },
          machine: { powerCuts: [cut] },
          handOverImage: async function* ({ file }) {
            given.push(file);
            yield { detail: 'Sending' };
            return { packageId: PackageId.parse('MW100007'), version: 1 };
          },
        },
      );
      expect(errorOf(run)).toBeNull();
      expect(given.length).toBeGreaterThan(0);
      const whole = run.machine.captured;
      expect(
        whole.every(({ removed }) => removed),
        `cut ${cut}`,
      ).toBe(true);
      // Only a cut between the last two things that it does makes it do all of it once more.
      expect(whole.length).toBeLessThanOrEqual(2);
      if (whole.length === 2) expect(given).toHaveLength(2);
    }
  });

  it('refuses to, where there is no server, or no volume for the file before it is sent', async () => {
    const params = { destination: 'server:Gold' };
    expect(errorOf(await capture({ 2: prepared }, { params }))?.code).toBe('capture.no-server');
    const inLinux = await capture(
      { 2: prepared },
      {
        params,
        machine: { pe: 'linux-pe' },
        // oxlint-disable-next-line require-yield
        handOverImage: async function* () {
          throw new Error('nothing is to be sent');
        },
      },
    );
    expect(errorOf(inLinux)?.code).toBe('capture.no-place');
    expect(inLinux.machine.captured).toEqual([]);
  });

  it('succeeds in a simulation, in both kinds of PE', async () => {
    const step = { type: 'capture-image', params: settings };
    for (const pe of ['winpe', 'linux-pe'])
      expect((await simulateSteps([step], { device: { pe } })).result.error).toBeNull();
  });

  it('has its settings as variables', () => {
    expect(captureImage.actionVariables?.toVariables(settings)).toEqual({
      OSDCaptureDestination: destination,
      OSDCaptureAccount: 'CORP\\capture',
      OSDCaptureAccountPassword: '%CapturePassword%',
      OSDImageDescription: 'Reference',
      OSDImageVersion: '12',
      OSDImageCreator: 'Build',
    });
  });

  it.each([
    [{ destination: '' }, 'params.destination'],
    [{ destination: 'x'.repeat(256) }, 'params.destination'],
    [{ description: 'x'.repeat(256) }, 'params.description'],
    [{ version: 'x'.repeat(33) }, 'params.version'],
    [{ createdBy: 'x'.repeat(256) }, 'params.createdBy'],
    [{ account: { user: '' } }, 'params.account.user'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('capture-image', { ...settings, ...params })).toEqual([
      expect.stringContaining(fault),
    ]);
  });
});
