import { randomUUID } from 'node:crypto';
import { DeviceId, MacAddress, RunId, SmbiosGuid } from '#agent/protocol/identity.ts';
import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import type { Device } from '../../../inventory/device.ts';
import type { PersonRole } from '../../../trust/person-role.ts';
import type { TestConsole } from './test-console.ts';

const KEY = 'key-of-a-test';
const PASSWORD = 'forty mice in the attic';
const restartStep = { step: 'Restart', type: 'restart', params: { target: 'pe' } };

/** Adds an account, so that the console does not ask for the first one. @returns its password */
export async function addPerson(
  site: TestConsole,
  name: string,
  role: PersonRole = 'administrator',
): Promise<string> {
  const { store, access } = site.services;
  const passwordHash = await access.people.hashNew(PASSWORD, name);
  await store.people.add({ id: name, name, role, passwordHash, nowMs: Date.now() });
  return PASSWORD;
}

/** Puts a device there, named `PC01` with a MAC and serial number made from its number. */
export async function addDevice(
  site: TestConsole,
  number: number,
  more: Partial<Device> = {},
): Promise<Device> {
  const two = String(number).padStart(2, '0');
  return await site.services.store.devices.put({
    id: DeviceId.parse(randomUUID()),
    name: `PC${two}`,
    state: 'known',
    smbiosGuid: SmbiosGuid.parse(`4c4c4544-0034-3010-8057-b8c04f0000${two}`),
    macAddresses: [MacAddress.parse(`b0:7b:25:00:00:${two}`)],
    serialNumber: `7HK4W${two}`,
    assetTag: null,
    manufacturer: 'Dell Inc.',
    model: 'OptiPlex 7010',
    architecture: 'x64',
    firmware: 'uefi',
    unclaimedDevices: [],
    notes: '',
    seenAt: null,
    createdMs: Date.now(),
    lastSeenMs: Date.now(),
    ...more,
  });
}

/** Starts a run on a device through a collection and a deployment of its own. */
export async function startRun(
  site: TestConsole,
  device: Device,
  steps: readonly object[] = [restartStep],
): Promise<RunId> {
  const documentJson = JSON.stringify({ name: 'Bench install', steps });
  const { store } = site.services;
  const now = Date.now();
  const sequence = await store.sequences.add(
    {
      name: 'Bench install',
      description: '',
      documentJson,
      source: { text: documentJson, format: 'json' },
    },
    now,
  );
  const collection = await store.collections.create({ name: `Bench of ${device.name}` }, now);
  await store.collections.changeMembers(collection.id, { add: [device.id], remove: [] });
  const deployment = await store.deployments.create(
    { sequenceId: sequence.id, collectionId: collection.id, purpose: 'required', scope: null },
    now,
  );
  const runId = RunId.parse(randomUUID());
  await store.grants.make(
    {
      runId,
      deploymentId: deployment.id,
      deviceId: device.id,
      keyThumbprint: KEY,
      remoteAddress: '10.0.5.20',
      environment: 'linux-pe',
      bootImage: null,
      preferred: null,
      nowMs: now,
    },
    {
      resumeToken: '',
      runKey: '',
      from: { address: '127.0.0.1', ownUrl: 'http://127.0.0.1' },
      variableKey: new Uint8Array(32),
    },
  );
  return runId;
}

/** Adds facts to a run, after those it has. */
export async function addFacts(
  site: TestConsole,
  runId: RunId,
  facts: readonly RunFact[],
  nowMs = Date.now(),
): Promise<void> {
  const { store, changes } = site.services;
  const have = (await store.runs.get(runId))?.have ?? 0;
  const events = facts.map((fact, index) =>
    RunEvent.parse({ runId, seq: have + index + 1, atMs: nowMs, fact }),
  );
  await store.runs.append(runId, events, { keyThumbprint: KEY, nowMs });
  changes.changed('view');
}

/** Adds one entry in CMTrace form to a run's log. */
export async function addLog(
  site: TestConsole,
  runId: RunId,
  message: string,
  type = 1,
): Promise<void> {
  const { store, changes } = site.services;
  const by = { keyThumbprint: KEY, nowMs: Date.now() };
  // Nothing added answers how long the log is; what is read of it ends after some chunks.
  const offset = await store.logs.append(runId, { offset: 0, text: '' }, by);
  const text = `<![LOG[${message}]LOG]!><time="08:30:05.123+000" date="11-22-2026" component="apply-image" context="" type="${type}" thread="1" file="">\n`;
  await store.logs.append(runId, { offset, text }, by);
  changes.changed('view');
}

/** A step of a run, begun. */
export function started(stepId: string, name: string): RunFact {
  return RunEvent.shape.fact.parse({ kind: 'step-started', stepId, name, attempt: 1 });
}

/** A step of a run, ended; with an error it failed. */
export function finished(
  stepId: string,
  name: string,
  error?: { code: string; message: string; hint?: string },
): RunFact {
  return RunEvent.shape.fact.parse({
    kind: 'step-finished',
    stepId,
    name,
    attempt: 1,
    code: error === undefined ? 0 : 0x80004005,
    succeeded: error === undefined,
    ...(error === undefined ? {} : { error }),
    variables: [],
    durationMs: 4200,
  });
}

/** The first fact of a run. */
export const runStarted: RunFact = {
  kind: 'run-started',
  documentSha256: '0'.repeat(64),
  agentVersion: '0.1.0',
  machineKey: 'test',
  variables: [],
  environment: 'linux-pe',
};

/** The last fact of a run. */
export function runFinished(error?: { code: string; message: string; hint?: string }): RunFact {
  return {
    kind: 'run-finished',
    succeeded: error === undefined,
    code: error === undefined ? 0 : 0x80004005,
    next: 'disk',
    ...(error === undefined ? {} : { error }),
  };
}
