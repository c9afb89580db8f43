/** The behaviour checks of deployments, policy and PXE: what Configuration Manager does, or where we differ. */
import { describe, expect, it } from 'vitest';
import {
  type CollectionId,
  DeploymentId,
  DeviceId,
  MachineIdentity,
  RunId,
  SequenceId,
} from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { OfferedDeployment } from './choose-deployments.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { contentWaitUntil } from './content-wait.ts';
import { DEFAULT_DEPLOYMENT_SETTINGS, DeploymentSettings } from './deployment-settings.ts';
import { statusOn } from './deployment-status.ts';
import { newDevice } from './device.ts';
import { judgeRoom } from './maintenance-window/judge.ts';
import { type MaintenanceWindow, WindowId, WindowSettings } from './maintenance-window/window.ts';
import { buildNetbootDevice, buildNetbootFrame, decideNetboot } from './netboot-snapshot.ts';
import { decidePolicy, type PolicyFacts } from './policy.ts';
import type { Run } from './run.ts';
import { NO_IMAGES, type SequenceImages } from './sequence-images.ts';
import { SiteDeployments } from './site-deployments.ts';
import { testIdentity } from './testing/test-identity.ts';

const NOW = Date.parse('2027-01-05T12:00Z');
const HOUR = 3_600_000;
const id = DeviceId.parse('00000000-0000-4000-8000-000000000001');
const identity = testIdentity();
const pc = newDevice(id, identity, { state: 'known', nowMs: 0 });
const unknown = newDevice(id, identity, { state: 'approved', nowMs: 0 });
const site = SiteDeployments.parse({});
const dep = (name: string) => DeploymentId.parse(name);

function offered(
  name: string,
  purpose: 'available' | 'required',
  settings: Partial<DeploymentSettings> = {},
  more: { collectionId?: CollectionId; images?: Partial<SequenceImages> } = {},
): OfferedDeployment {
  const { collectionId = ALL_SYSTEMS, images = {} } = more;
  return {
    deployment: {
      id: dep(name),
      sequenceId: SequenceId.parse('MW100001'),
      collectionId,
      purpose,
      scope: null,
      settings: { ...DEFAULT_DEPLOYMENT_SETTINGS, ...settings },
      commandPrompt: null,
      withdrawnMs: null,
      createdMs: NOW - HOUR,
    },
    sequenceName: name,
    sequenceDescription: '',
    sequenceDisabled: false,
    images: { ...NO_IMAGES, ...images },
    grantedLastHour: 0,
  };
}
const run = (of: string, state: Run['state'], startedMs = NOW - 1000): Run => ({
  id: RunId.parse('00000000-0000-4000-8000-00000000000a'),
  deviceId: id,
  deploymentId: dep(of),
  sequenceId: SequenceId.parse('MW100001'),
  sequenceVersion: 1,
  sequenceName: of,
  purpose: 'required',
  state,
  nextBoot: 'pe',
  error: state === 'failed' ? { code: 'disk.none', message: 'no disk' } : null,
  startedMs,
  endedMs: null,
  lastEventMs: startedMs,
  have: 1,
  clearedMs: null,
  windowsSetup: 'none',
});
interface Case {
  readonly runs?: readonly Run[];
  readonly environment?: Environment;
  readonly site?: Partial<SiteDeployments>;
  readonly windows?: readonly MaintenanceWindow[];
  readonly preferred?: DeploymentId | null;
  readonly nowMs?: number;
  readonly device?: typeof pc;
  readonly memberOf?: ReadonlySet<CollectionId>;
}
function policy(deployments: readonly OfferedDeployment[], more: Case = {}) {
  const facts: PolicyFacts = {
    device: more.device ?? pc,
    memberOf: more.memberOf ?? new Set([ALL_SYSTEMS]),
    deployments,
    runs: more.runs ?? [],
    site: { ...site, ...more.site },
    windows: more.windows ?? [],
    preferred: more.preferred ?? null,
    mayResume: true,
    holdsSecrets: false,
  };
  return decidePolicy(facts, {
    nowMs: more.nowMs ?? NOW,
    remoteAddress: '10.0.0.9',
    environment: more.environment ?? 'winpe',
    bootImage: null,
  });
}
const start = (deployments: readonly OfferedDeployment[], more: Case = {}) => {
  const decided = policy(deployments, more);
  return decided.kind === 'offers' ? decided.start : decided;
};
const boot = {
  unknownImage: null,
  all: {},
  ofDevices: new Map(),
  ofModels: new Map(),
  ofRuns: new Map(),
};
function state(deployments: readonly OfferedDeployment[], more: Case = {}) {
  return {
    memberOf: new Map(),
    deployments,
    runs: new Map([[id, more.runs ?? []]]),
    boot,
    windowsSetupLostMinutes: 90,
    site: { ...site, ...more.site },
    windows: more.windows ?? [],
    preferredOf: () => more.preferred ?? null,
  };
}
function pxe(deployments: readonly OfferedDeployment[], more: Case = {}) {
  const frame = { nowMs: NOW, siteZone: 'UTC', generalBesideSpecific: false };
  const room = judgeRoom(more.windows ?? [], frame);
  return decideNetboot(more.device ?? pc, { ...state(deployments, more), room }, NOW);
}
const window = (change: Partial<WindowSettings> = {}): MaintenanceWindow => ({
  id: WindowId.parse('MW140001'),
  collectionId: ALL_SYSTEMS,
  ...WindowSettings.parse({
    name: 'Nights',
    startDate: '2027-01-01',
    startTime: '22:00',
    finishTime: '23:00',
    recurrence: { kind: 'daily' },
    ...change,
  }),
});

describe('who is offered what', () => {
  const toUnknown = offered('UNK1', 'available', {}, { collectionId: ALL_UNKNOWN_COMPUTERS });

  it('M17 check 1: a known machine is offered nothing that is for unknown ones', () => {
    expect(pxe([toUnknown]).kind).toBe('silent');
    expect(policy([toUnknown])).toMatchObject({ kind: 'none', code: 'policy.nothing-deployed' });
  });

  it('M17 check 2: with unknown machines ignored PXE is silent, else it answers for what is theirs', () => {
    const snapshot = (unknownMachines: 'deploy' | 'ignore', deployments = [toUnknown]) =>
      buildNetbootFrame(
        {
          deployments,
          boot,
          unknownMachines,
          sharedMacs: new Set(),
          excludedMacs: new Set(),
          signers: new Map(),
        },
        { revision: 1, answerOn: [], bootImages: new Set(), ports: { bootHttp: 1 }, nowMs: NOW },
      ).unknown.kind;
    expect(snapshot('ignore')).toBe('silent');
    expect(snapshot('deploy')).toBe('boot');
    const more = { collectionId: ALL_UNKNOWN_COMPUTERS };
    const clients = offered('UNK2', 'available', { makeAvailableTo: 'clients' }, more);
    expect(snapshot('deploy', [clients])).toBe('silent');
  });

  it('M16 only clients: nothing in a PE; media and PXE only: nothing in an installed system', () => {
    const clients = [offered('CLI1', 'required', { makeAvailableTo: 'clients' })];
    expect(policy(clients)).toMatchObject({ kind: 'none', code: 'deployment.elsewhere' });
    expect(pxe(clients).kind).toBe('silent');
    expect(start(clients, { environment: 'full-os' })).toBe('CLI1');
    const media = [offered('MED1', 'required', { makeAvailableTo: 'media-pxe' })];
    expect(policy(media, { environment: 'full-os' })).toMatchObject({
      code: 'deployment.elsewhere',
    });
    expect(start(media)).toBe('MED1');
  });
});

describe('PXE', () => {
  it('check 3: a required one is offered once, again after Clear, and a new one without', () => {
    const first = offered('REQ1', 'required');
    expect(pxe([first])).toMatchObject({
      kind: 'boot',
      offer: { deviceId: id, deploymentId: 'REQ1' },
    });
    for (const ended of ['succeeded', 'failed'] as const) {
      const runs = [run('REQ1', ended)];
      expect(pxe([first], { runs }).kind).toBe('disk');
      expect(pxe([first, offered('REQ2', 'required')], { runs })).toMatchObject({
        offer: { deploymentId: 'REQ2' },
      });
      expect(pxe([first], { runs: runs.map((one) => ({ ...one, clearedMs: NOW })) }).kind).toBe(
        'boot',
      );
    }
    expect(pxe([first], { runs: [run('REQ1', 'running')] }).kind).toBe('boot');
  });

  it('check 4: of two required ones the higher id decides the boot image; a priority goes before', () => {
    const image = (name: string) => ({ boot: { kind: 'missing' as const, name } });
    const low = offered('AAA00002', 'required', {}, { images: image('one') });
    const high = offered('BBB00001', 'required', {}, { images: image('two') });
    expect(pxe([high, low])).toMatchObject({ offer: { deploymentId: 'BBB00001' } });
    expect(policy([low, high])).toMatchObject({
      start: 'BBB00001',
      offers: [{ deploymentId: 'BBB00001' }, { deploymentId: 'AAA00002' }],
    });
    const urgent = {
      ...low,
      deployment: {
        ...low.deployment,
        settings: { ...low.deployment.settings, priority: 'high' as const },
      },
    };
    expect(start([high, urgent])).toBe('AAA00002');
  });

  it('check 5: an x64 UEFI machine is not started for a boot image of x86, one of BIOS is', () => {
    const x86 = [
      offered(
        'X86',
        'required',
        {},
        { images: { bootImage: { name: 'PE', architecture: 'x86' } } },
      ),
    ];
    expect(pxe(x86).kind).toBe('silent');
    expect(pxe(x86, { device: { ...pc, firmware: 'bios' } }).kind).toBe('boot');
  });

  it('check 6: an adapter on the exclusion list is in no map of its own; a shared one leaves the GUID', () => {
    const mac = pc.macAddresses[0];
    if (mac === undefined) throw new Error('no MAC');
    const guid = MachineIdentity.shape.smbiosGuid.parse('11111111-2222-3333-4444-555555555555');
    const lists = { sharedMacs: new Set([mac]), excludedMacs: new Set([mac]) };
    const frame = buildNetbootFrame(
      {
        deployments: [],
        boot,
        unknownMachines: 'ignore',
        signers: new Map(),
        ...lists,
      },
      { revision: 1, answerOn: [], bootImages: new Set(), ports: { bootHttp: 1 }, nowMs: NOW },
    );
    expect(frame.excludedMacs.has(mac)).toBe(true);
    expect(frame.sharedMacs.has(mac)).toBe(true);
    const room = () => ({ kind: 'free' }) as const;
    const own = { ...state([offered('REQ1', 'required')]), room };
    const shared = { macs: lists.sharedMacs, guids: new Set<never>() };
    const built = buildNetbootDevice({ ...pc, smbiosGuid: guid }, { ...own, shared }, NOW);
    expect(built).toMatchObject({ guid, target: { action: { kind: 'boot' } } });
  });
});

describe('schedules', () => {
  const tomorrow = offered('REQ1', 'required', { availableFrom: '2027-01-06T12:00' });
  const expired = offered('REQ1', 'required', { expires: '2027-01-04T12:00' });

  it('check 7: available from tomorrow: a PE is offered it now, an installed system waits', () => {
    expect(start([tomorrow])).toBe('REQ1');
    expect(pxe([tomorrow]).kind).toBe('boot');
    expect(policy([tomorrow], { environment: 'full-os' })).toMatchObject({
      kind: 'wait',
      code: 'deployment.not-yet',
    });
    const later = { environment: 'full-os', nowMs: NOW + 24 * HOUR } as const;
    expect(start([tomorrow], later)).toBe('REQ1');
  });

  it('check 8: an expired one is still shown in a PE, and nowhere else', () => {
    expect(start([expired])).toBe('REQ1');
    expect(policy([expired], { environment: 'full-os' })).toMatchObject({
      kind: 'none',
      code: 'deployment.expired',
    });
  });

  it('a site may have them enforced in a PE', () => {
    const enforced = { site: { enforceSchedulesInPe: true } };
    expect(policy([tomorrow], enforced)).toMatchObject({ code: 'deployment.not-yet' });
    expect(policy([expired], enforced)).toMatchObject({ code: 'deployment.expired' });
    expect(pxe([expired], enforced).kind).toBe('silent');
  });

  it('before its assignment a required one is there to be chosen, and is looked at again', () => {
    const assignments = [{ kind: 'at' as const, time: '2027-01-05T20:00' }];
    const due = [offered('REQ1', 'required', { assignments })];
    expect(policy(due, { environment: 'full-os' })).toMatchObject({
      start: null,
      offers: [
        { deploymentId: 'REQ1', description: expect.stringContaining('2027-01-05 20:00 UTC') },
      ],
      pollAfterMs: 60_000,
    });
    expect(start(due, { environment: 'full-os', nowMs: NOW + 8 * HOUR })).toBe('REQ1');
    expect(start(due)).toBe('REQ1');
  });

  it('check 16: rerun never: not after a failure; the others by what came of it, once a time', () => {
    const assignments = [
      {
        kind: 'recurring' as const,
        start: '2027-01-01T10:00',
        recurrence: { kind: 'daily' as const, everyDays: 1 },
      },
    ];
    const starts = (rerun: DeploymentSettings['rerun'], ended: Run['state'], startedMs: number) =>
      start([offered('REQ1', 'required', { assignments, rerun })], {
        environment: 'full-os',
        runs: [run('REQ1', ended, startedMs)],
      }) === 'REQ1';
    const yesterday = NOW - 24 * HOUR;
    expect(starts('never', 'failed', yesterday)).toBe(false);
    expect(starts('always', 'failed', yesterday)).toBe(true);
    expect(starts('if-failed', 'failed', yesterday)).toBe(true);
    expect(starts('if-failed', 'succeeded', yesterday)).toBe(false);
    expect(starts('if-succeeded', 'succeeded', yesterday)).toBe(true);
    expect(starts('if-succeeded', 'failed', yesterday)).toBe(false);
    // Once a time: it ran since 10:00 today.
    expect(starts('always', 'succeeded', NOW - HOUR)).toBe(false);
  });
});

describe('SMSTSPreferredAdvertID', () => {
  const hidden = offered('HID1', 'available', { makeAvailableTo: 'media-pxe-hidden' });
  const required = offered('REQ1', 'required');
  const preferred = dep('HID1');

  it('check 11: a hidden one is never listed, and started by it, before a required one', () => {
    expect(policy([hidden, required])).toMatchObject({
      start: 'REQ1',
      offers: [{ deploymentId: 'REQ1' }],
    });
    expect(policy([hidden])).toMatchObject({ kind: 'none' });
    expect(policy([hidden, required], { preferred })).toMatchObject({
      start: 'HID1',
      offers: [{ deploymentId: 'HID1' }, { deploymentId: 'REQ1' }],
    });
    expect(pxe([hidden]).kind).toBe('silent');
    expect(pxe([hidden, required], { preferred })).toMatchObject({
      offer: { deploymentId: 'HID1' },
    });
  });

  it('where it cannot start nothing else does by itself, and the reason is told', () => {
    const gone = { preferred: dep('NONE1') };
    expect(policy([required], gone)).toMatchObject({ start: null });
    expect(policy([], gone)).toMatchObject({ kind: 'none', code: 'deployment.preferred' });
    const done = { preferred, runs: [run('HID1', 'succeeded')] };
    expect(start([hidden, required], done)).toBeNull();
    expect(pxe([hidden, required], done).kind).toBe('disk');
  });
});

describe('M35 M36 M37 maintenance windows', () => {
  const fits = offered('REQ1', 'required', { maxRunMinutes: 60 });

  it('a required one waits for its window, in a PE too, and a person may start it', () => {
    for (const environment of ['winpe', 'full-os'] as const)
      expect(policy([fits], { windows: [window()], environment })).toMatchObject({
        start: null,
        offers: [{ deploymentId: 'REQ1' }],
        pollAfterMs: 60_000,
      });
    expect(pxe([fits], { windows: [window()] })).toMatchObject({
      kind: 'disk',
      reason: expect.stringContaining('2027-01-05 22:00 UTC'),
    });
    const open = { windows: [window()], nowMs: Date.parse('2027-01-05T22:00Z') };
    expect(start([fits], open)).toBe('REQ1');
  });

  it('an available one, one that overrides them, and an open run do not wait', () => {
    const windows = [window()];
    expect(policy([offered('AVA1', 'available')], { windows })).toMatchObject({ kind: 'offers' });
    const outside = offered('REQ1', 'required', { runOutsideWindows: true });
    expect(start([outside], { windows })).toBe('REQ1');
    expect(policy([fits], { windows, runs: [run('REQ1', 'running')] }).kind).toBe('resume');
  });

  it('check 14: 120 minutes never fit into 60: an alert where its status is shown; 0 starts', () => {
    const long = offered('REQ1', 'required', { maxRunMinutes: 120 });
    const frame = {
      nowMs: NOW,
      environment: 'winpe' as const,
      site,
      room: judgeRoom([window()], { nowMs: NOW, siteZone: 'UTC', generalBesideSpecific: false }),
      preferred: null,
    };
    const status = (deployment: OfferedDeployment, runs: readonly Run[] = []) =>
      statusOn(pc, { memberOf: new Set([ALL_SYSTEMS]), deployments: [deployment], runs }, frame);
    expect(status(long)).toMatchObject({
      standing: 'requirements-not-met',
      code: 'window.never',
      alert: true,
      reason: expect.stringContaining('needs 120 minutes'),
    });
    expect(status(fits)).toMatchObject({ standing: 'unknown', code: 'window.waits', alert: false });
    expect(status(fits, [run('REQ1', 'failed')])).toMatchObject({
      standing: 'error',
      code: 'disk.none',
    });
    expect(status(fits, [run('REQ1', 'running')]).standing).toBe('in-progress');
    expect(status(fits, [run('REQ1', 'succeeded')]).standing).toBe('success');
    const endless = offered('REQ1', 'required', { maxRunMinutes: 0 });
    const open = { windows: [window()], nowMs: Date.parse('2027-01-05T22:59Z') };
    expect(start([endless], open)).toBe('REQ1');
    expect(start([long], open)).toBeNull();
  });

  it('the time of the task sequence counts where the deployment says none of its own', () => {
    const open = { windows: [window()], nowMs: Date.parse('2027-01-05T22:00Z') };
    const said = (settings: Partial<DeploymentSettings>, maxRunMinutes: number) => {
      const one = offered('REQ1', 'required', settings);
      return { ...one, images: { ...one.images, maxRunMinutes } };
    };
    expect(start([said({}, 60)], open)).toBe('REQ1');
    expect(start([said({}, 61)], open)).toBeNull();
    expect(start([said({}, 0)], { ...open, nowMs: Date.parse('2027-01-05T22:59Z') })).toBe('REQ1');
    expect(start([said({ maxRunMinutes: 60 }, 240)], open)).toBe('REQ1');
    expect(start([offered('REQ1', 'required')], open)).toBeNull();
  });

  it('a countdown has to fit as well, where somebody is told', () => {
    const told = offered('REQ1', 'required', { maxRunMinutes: 60, countdownMinutes: 5 });
    const open = { windows: [window()], nowMs: Date.parse('2027-01-05T22:00Z') };
    expect(start([told], { ...open, environment: 'full-os' })).toBeNull();
    expect(start([told], open)).toBe('REQ1');
  });
});

describe('M30 check 13: how long a required run waits for content', () => {
  const until = (
    settings: Partial<DeploymentSettings>,
    environment: Environment,
    enforce = false,
  ) =>
    (contentWaitUntil(
      { ...DEFAULT_DEPLOYMENT_SETTINGS, ...settings },
      { nowMs: NOW, environment, site: { ...site, enforceSchedulesInPe: enforce } },
    ) -
      NOW) /
    60_000;

  it('in a PE its wait limit, of the site or its own; in an installed system until its deadline', () => {
    const deadline = '2027-01-05T18:00';
    expect(until({ deadline }, 'winpe')).toBe(60);
    expect(until({ contentWaitMinutes: 90 }, 'linux-pe')).toBe(90);
    expect(until({ deadline }, 'full-os')).toBe(360);
    expect(until({ deadline: '2027-01-05T11:00' }, 'full-os')).toBe(60);
    expect(until({ deadline: '2028-01-01T00:00' }, 'winpe', true)).toBe(60);
  });

  it('never over 60 hours', () => {
    expect(DeploymentSettings.safeParse({ contentWaitMinutes: 3600 }).success).toBe(true);
    const { error } = DeploymentSettings.safeParse({ contentWaitMinutes: 3601 });
    expect(error?.issues[0]?.message).toContain('Windows PE restarts itself after 72');
  });
});

it('M17 an approved unknown machine is started by what is deployed to All Unknown Computers', () => {
  const one = offered('UNK1', 'required', {}, { collectionId: ALL_UNKNOWN_COMPUTERS });
  const memberOf = new Set([ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS]);
  expect(start([one], { device: unknown, memberOf })).toBe('UNK1');
});
