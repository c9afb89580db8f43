import { describe, expect, it } from 'vitest';
import { DeploymentId, DeviceId, PackageId, RunId, SequenceId } from '#agent/protocol/identity.ts';
import type { BootWish } from '#boot/chain.ts';
import type { BootSite } from './chain-settings.ts';
import type { OfferedDeployment } from './choose-deployments.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { DEFAULT_DEPLOYMENT_SETTINGS } from './deployment-settings.ts';
import { type Device, type DeviceState, newDevice } from './device.ts';
import { decideNetboot } from './netboot-snapshot.ts';
import { decidePolicy, type PolicyFacts } from './policy.ts';
import type { Run } from './run.ts';
import { NO_IMAGES, type SequenceImages } from './sequence-images.ts';
import { SiteDeployments } from './site-deployments.ts';
import { testIdentity } from './testing/test-identity.ts';

const at = {
  nowMs: 10_000,
  remoteAddress: '10.0.5.9',
  environment: 'winpe',
  bootImage: null,
} as const;
const site = SiteDeployments.parse({});
const id = DeviceId.parse('00000000-0000-4000-8000-000000000001');

function device(state: DeviceState): Device {
  const identity = testIdentity();
  return newDevice(id, identity, { state, nowMs: 0 });
}
function offered(
  name: string,
  purpose: 'available' | 'required',
  change: Partial<OfferedDeployment['deployment']> & {
    grantedLastHour?: number;
    images?: Partial<SequenceImages>;
  } = {},
): OfferedDeployment {
  const { grantedLastHour = 0, images = {}, ...deployment } = change;
  return {
    deployment: {
      id: DeploymentId.parse(name),
      sequenceId: SequenceId.parse('MW100001'),
      collectionId: ALL_SYSTEMS,
      purpose,
      scope: null,
      settings: DEFAULT_DEPLOYMENT_SETTINGS,
      commandPrompt: null,
      withdrawnMs: null,
      createdMs: 0,
      ...deployment,
    },
    sequenceName: name,
    sequenceDisabled: false,
    sequenceDescription: '',
    images: { ...NO_IMAGES, ...images },
    grantedLastHour,
  };
}
function run(change: Partial<Run>): Run {
  return {
    id: RunId.parse('00000000-0000-4000-8000-00000000000a'),
    deviceId: id,
    deploymentId: DeploymentId.parse('REQ1'),
    sequenceId: SequenceId.parse('MW100001'),
    sequenceVersion: 1,
    sequenceName: 'Bench',
    purpose: 'required',
    state: 'running',
    nextBoot: 'pe',
    error: null,
    startedMs: 0,
    endedMs: null,
    lastEventMs: 9000,
    have: 1,
    clearedMs: null,
    windowsSetup: 'none',
    ...change,
  };
}
function facts(change: Partial<PolicyFacts>): PolicyFacts {
  return {
    device: device('known'),
    memberOf: new Set([ALL_SYSTEMS]),
    deployments: [],
    runs: [],
    site,
    windows: [],
    preferred: null,
    mayResume: false,
    holdsSecrets: false,
    ...change,
  };
}
const plainBoot = {
  unknownImage: null,
  all: {},
  ofDevices: new Map(),
  ofModels: new Map(),
  ofRuns: new Map<RunId, BootWish['image']>(),
} satisfies BootSite;
const netboot = (known: Device, deployments: OfferedDeployment[], runs: Run[], nowMs = at.nowMs) =>
  decideNetboot(
    known,
    {
      memberOf: new Map(),
      deployments,
      runs: new Map([[id, runs]]),
      boot: plainBoot,
      windowsSetupLostMinutes: 90,
      site,
      preferredOf: () => null,
      room: () => ({ kind: 'free' }),
    },
    nowMs,
  );

it('the newest required deployment starts by itself, available ones are offered beside it', () => {
  const deployments = [
    offered('REQ1', 'required'),
    offered('REQ2', 'required'),
    offered('AVA1', 'available'),
  ];
  expect(decidePolicy(facts({ deployments }), at)).toMatchObject({
    kind: 'offers',
    start: 'REQ2',
    offers: [{ deploymentId: 'REQ2' }, { deploymentId: 'REQ1' }, { deploymentId: 'AVA1' }],
  });
});

it.each(['succeeded', 'failed'] as const)(
  'a required deployment that %s is not offered again, until it is cleared',
  (state) => {
    const deployments = [offered('REQ1', 'required')];
    const over = run({ state, endedMs: 1 });
    expect(decidePolicy(facts({ deployments, runs: [over] }), at)).toMatchObject({
      kind: 'none',
      code: 'deployment.ran',
      reason: expect.stringContaining("metalwright device clear 'MW-02000000000A'"),
    });
    expect(netboot(device('known'), deployments, [over])).toMatchObject({
      kind: 'disk',
      reason: expect.stringContaining("metalwright device clear 'MW-02000000000A'"),
    });
    const cleared = { ...over, clearedMs: 2 };
    expect(decidePolicy(facts({ deployments, runs: [cleared] }), at).kind).toBe('offers');
    expect(netboot(device('known'), deployments, [cleared]).kind).toBe('boot');
  },
);

it('M10 a disabled sequence is offered to nobody, and network boots say so', () => {
  const off = { ...offered('REQ1', 'required'), sequenceDisabled: true };
  const reason = expect.stringContaining('"REQ1" is disabled');
  expect(decidePolicy(facts({ deployments: [off] }), at)).toEqual({
    kind: 'none',
    code: 'sequence.disabled',
    reason,
  });
  expect(netboot(device('known'), [off], [])).toMatchObject({ kind: 'silent', reason });
  const both = [off, offered('AVA1', 'available')];
  expect(decidePolicy(facts({ deployments: both }), at)).toMatchObject({
    start: null,
    offers: [{ deploymentId: 'AVA1' }],
  });
});

it('M17 a full cap makes a machine wait, another subnet sends it away', () => {
  const scope = { subnets: ['10.0.5.0/24'], endsMs: 20_000, perHour: 1 };
  const toUnknown = { collectionId: ALL_UNKNOWN_COMPUTERS, scope };
  const unknown = facts({
    device: device('approved'),
    memberOf: new Set([ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS]),
  });
  const full = [offered('REQ1', 'required', { ...toUnknown, grantedLastHour: 1 })];
  expect(decidePolicy({ ...unknown, deployments: full }, at)).toMatchObject({
    kind: 'wait',
    code: 'deployment.cap',
  });
  const free = [offered('REQ1', 'required', toUnknown)];
  expect(decidePolicy({ ...unknown, deployments: free }, at).kind).toBe('offers');
  expect(
    decidePolicy({ ...unknown, deployments: free }, { ...at, remoteAddress: '192.0.2.1' }),
  ).toMatchObject({ kind: 'none', code: 'deployment.subnet' });
});

it.each([
  { state: 'waiting', kind: 'wait', code: 'device.waiting', pxe: 'boot' },
  { state: 'ignored', kind: 'none', code: 'device.ignored', pxe: 'silent' },
] as const)('a device that is $state is told so', ({ state, kind, code, pxe }) => {
  const deployments = [offered('REQ1', 'required')];
  expect(decidePolicy(facts({ device: device(state), deployments }), at)).toMatchObject({
    kind,
    code,
  });
  expect(netboot(device(state), deployments, []).kind).toBe(pxe);
});

it('M32 an open run is all there is: not even an ignored collection or a withdrawn deployment ends it', () => {
  const open = facts({ runs: [run({})], mayResume: true, memberOf: new Set() });
  expect(decidePolicy(open, at)).toEqual({ kind: 'resume', runId: run({}).id });
});

it.each([
  { holdsSecrets: false, why: 'nothing here proves that it is the same machine' },
  { holdsSecrets: true, why: 'holds secrets' },
])('an open run that another key has waits for approval: $why', ({ holdsSecrets, why }) => {
  const policy = decidePolicy(facts({ runs: [run({})], holdsSecrets }), at);
  expect(policy).toMatchObject({ kind: 'wait', code: 'run.takeover' });
  expect(policy).toMatchObject({ reason: expect.stringContaining(why) });
  expect(policy).toMatchObject({
    reason: expect.stringContaining(`"metalwright device approve 'MW-02000000000A'"`),
  });
});

it.each([
  { name: 'in PE', change: { nextBoot: 'pe' }, kind: 'boot' },
  { name: 'gone to its disk', change: { nextBoot: 'disk' }, kind: 'disk' },
  {
    name: 'gone to its disk, and silent for an hour',
    change: { nextBoot: 'disk', lastEventMs: at.nowMs - 3_600_000 },
    kind: 'boot',
  },
  {
    name: 'in Windows Setup, and silent for an hour',
    change: { nextBoot: 'disk', windowsSetup: 'entered', lastEventMs: at.nowMs - 3_600_000 },
    kind: 'disk',
  },
  {
    name: 'lost in Windows Setup',
    change: { nextBoot: 'disk', windowsSetup: 'entered', lastEventMs: at.nowMs - 5_400_000 },
    kind: 'boot',
  },
] as const)('M56 an unfinished run $name: PXE says $kind', ({ change, kind }) => {
  expect(netboot(device('known'), [], [run(change)]).kind).toBe(kind);
});

it('an available deployment is offered by PXE until it has succeeded, then no more', () => {
  const deployments = [offered('AVA1', 'available')];
  expect(netboot(device('known'), deployments, []).kind).toBe('boot');
  const success = run({ deploymentId: DeploymentId.parse('AVA1'), state: 'succeeded' });
  expect(netboot(device('known'), deployments, [success]).kind).toBe('disk');
  expect(netboot(device('known'), deployments, [{ ...success, state: 'failed' }]).kind).toBe(
    'boot',
  );
});

it('M56 a machine that was deployed from here is sent to its disk; to any other another server may answer', () => {
  const done = run({ state: 'succeeded', endedMs: 1 });
  const reason = 'Nothing is deployed to a collection of this machine.';
  expect(netboot(device('known'), [], [done])).toEqual({ kind: 'disk', reason });
  expect(netboot(device('ignored'), [], [done]).kind).toBe('silent');
});

it('every silence has a whole sentence', () => {
  expect(netboot(device('known'), [], [])).toEqual({
    kind: 'silent',
    reason: 'Nothing is deployed to a collection of this machine.',
  });
});

describe('M43 a sequence that cannot fit the machine is refused before anything runs', () => {
  const machines = [
    { architecture: 'x64', firmware: 'uefi', takes: ['x64'] },
    { architecture: 'x64', firmware: 'bios', takes: ['x64', 'x86'] },
    { architecture: 'x86', firmware: 'bios', takes: ['x86'] },
    { architecture: 'arm64', firmware: 'uefi', takes: ['arm64'] },
  ] as const;
  const cells = machines.flatMap((machine) =>
    (['x64', 'arm64', 'x86'] as const).map((of) => ({
      ...machine,
      of,
      fits: machine.takes.some((each) => each === of),
    })),
  );
  const on = ({ architecture, firmware }: Pick<Device, 'architecture' | 'firmware'>): Device => ({
    ...device('known'),
    architecture,
    firmware,
  });
  const named = (architecture: 'x64' | 'arm64' | 'x86') => ({ name: 'It', architecture });

  it.each(cells)('M43 $architecture with $firmware, OS image for $of: fits $fits', (cell) => {
    const deployments = [offered('REQ1', 'required', { images: { osImages: [named(cell.of)] } })];
    const policy = decidePolicy(facts({ device: on(cell), deployments }), at);
    const firmware = cell.firmware === 'uefi' ? 'UEFI' : 'BIOS';
    if (cell.fits) expect(policy).toMatchObject({ kind: 'offers', start: 'REQ1' });
    else
      expect(policy).toEqual({
        kind: 'none',
        code: 'image.architecture',
        reason: `"REQ1" cannot run here: It is for ${cell.of}; this machine is ${cell.architecture} with ${firmware}`,
      });
    expect(netboot(on(cell), deployments, []).kind).toBe(cell.fits ? 'boot' : 'silent');
  });

  it.each(cells)('M43 $architecture with $firmware, boot image for $of: fits $fits', (cell) => {
    const images = {
      boot: { kind: 'windows-pe', id: 'MW100002' },
      bootImage: named(cell.of),
    } as const;
    const deployments = [offered('AVA1', 'available', { images })];
    const policy = decidePolicy(facts({ device: on(cell), deployments }), at);
    expect(policy).toMatchObject(
      cell.fits
        ? { kind: 'offers', start: null }
        : { kind: 'none', code: 'boot-image.architecture' },
    );
  });

  it.each(cells)('M43 $architecture with $firmware, started from $of: fits $fits', (cell) => {
    const deployments = [offered('REQ1', 'required')];
    const bootImage = { name: 'PE', architecture: cell.of };
    const firmware = cell.firmware === 'uefi' ? 'UEFI' : 'BIOS';
    const refusal = {
      kind: 'none',
      code: 'boot-image.architecture',
      reason: `The boot image "PE", which it was started from, is for ${cell.of}; this machine is ${cell.architecture} with ${firmware}`,
    };
    const record = on(cell);
    const policy = decidePolicy(facts({ device: record, deployments }), { ...at, bootImage });
    if (cell.fits) expect(policy).toMatchObject({ kind: 'offers', start: 'REQ1' });
    else expect(policy).toEqual(refusal);
    const waiting = { ...record, state: 'waiting' as const };
    const unknown = decidePolicy(facts({ device: waiting }), { ...at, bootImage });
    if (cell.fits) expect(unknown).toMatchObject({ code: 'device.waiting' });
    else expect(unknown).toEqual(refusal);
  });

  it('M43 refuses a sequence whose own boot image is for another architecture than what was started', () => {
    const images = { bootImage: { name: 'PE 64 (MW100002)', architecture: 'x64' as const } };
    const deployments = [offered('REQ1', 'required', { images })];
    const record = on({ architecture: 'x64', firmware: 'bios' });
    const started = (architecture: 'x64' | 'x86') =>
      decidePolicy(facts({ device: record, deployments }), {
        ...at,
        bootImage: { name: 'PE 32', architecture },
      });
    expect(started('x86')).toEqual({
      kind: 'none',
      code: 'boot-image.architecture',
      reason:
        '"REQ1" cannot run here: its boot image PE 64 (MW100002) is for x64; this machine was started from "PE 32", which is for x86',
    });
    expect(started('x64')).toMatchObject({ kind: 'offers', start: 'REQ1' });
  });

  it('M43 names 32-bit UEFI, whatever is deployed to it', () => {
    const refused = decidePolicy(
      facts({
        device: on({ architecture: 'x86', firmware: 'uefi' }),
        deployments: [offered('REQ1', 'required')],
      }),
      at,
    );
    expect(refused).toMatchObject({ kind: 'none', code: 'machine.firmware' });
  });

  it('M43 leaves the choice to the steps where one of several images fits', () => {
    const images = { osImages: [named('arm64'), named('x64')] };
    const deployments = [offered('REQ1', 'required', { images })];
    expect(decidePolicy(facts({ deployments }), at)).toMatchObject({ kind: 'offers' });
  });

  it('M43 offers the others beside one that does not fit', () => {
    const images = { osImages: [named('arm64')] };
    const deployments = [
      offered('REQ1', 'required', { images }),
      offered('AVA1', 'available', { images: { osImages: [named('x64')] } }),
    ];
    const policy = decidePolicy(facts({ deployments }), at);
    expect(policy).toMatchObject({ kind: 'offers', start: null });
  });

  it('M43 a machine that has not said what it is starts, and is asked then', () => {
    const images = { osImages: [named('arm64')] };
    const deployments = [offered('REQ1', 'required', { images })];
    const unsaid = on({ architecture: null, firmware: null });
    expect(netboot(unsaid, deployments, []).kind).toBe('boot');
  });
});

describe('M50 which boot image a machine starts from', () => {
  const windows = (id: string) => ({
    boot: { kind: 'windows-pe', id } as const,
    bootImage: null,
  });
  const wishOf = (action: ReturnType<typeof netboot>) =>
    action.kind === 'boot' ? action.wish.image : action.reason;

  it('that of the deployment with the highest id', () => {
    const deployments = [
      offered('REQ1', 'required', { images: windows('MW100002') }),
      offered('REQ2', 'required', { images: windows('MW100003') }),
    ];
    const image = wishOf(netboot(device('known'), deployments, []));
    expect(image).toEqual({ kind: 'windows-pe', id: 'MW100003' });
    const available = deployments.map((each) => ({
      ...each,
      deployment: { ...each.deployment, purpose: 'available' as const },
    }));
    expect(wishOf(netboot(device('known'), available, []))).toEqual(image);
  });

  it('that of its open run, whatever is deployed now', () => {
    const deployments = [offered('REQ2', 'required', { images: windows('MW100003') })];
    const open = run({ nextBoot: 'pe' });
    plainBoot.ofRuns.set(open.id, { kind: 'windows-pe', id: 'MW100002' });
    expect(wishOf(netboot(device('known'), deployments, [open]))).toEqual({
      kind: 'windows-pe',
      id: 'MW100002',
    });
    plainBoot.ofRuns.clear();
    expect(wishOf(netboot(device('known'), deployments, [open]))).toEqual({ kind: 'linux-pe' });
  });

  it('that of the site while it waits to be approved', () => {
    const boot = { ...plainBoot, unknownImage: PackageId.parse('MW100002') };
    const state = {
      memberOf: new Map(),
      deployments: [],
      runs: new Map(),
      boot,
      windowsSetupLostMinutes: 90,
      site,
      preferredOf: () => null,
      room: () => ({ kind: 'free' }) as const,
    };
    const action = decideNetboot(device('waiting'), state, 0);
    expect(wishOf(action)).toEqual({ kind: 'windows-pe', id: 'MW100002' });
  });
});
