import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type CollectionId,
  DeviceId,
  MacAddress,
  type PackageId,
  type RunId,
  type SequenceId,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Policy, RunGrant } from '#agent/protocol/policy.ts';
import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import type { TestAgent } from './http/routes/agent/test-agent.ts';
import { openSqlite } from './store/sqlite.ts';
import { openTestApp, type TestApp } from './test-app.ts';

/** A machine that the site knows. */
export interface TestMachine {
  readonly agent: TestAgent;
  readonly device: DeviceId;
}

/** A whole server with known machines, sequences and deployments; for tests. */
export interface TestSite extends TestApp {
  machine(): Promise<TestMachine>;
  /** Stores a document, as JSON; a draft as it is. */
  store(document: Readonly<Record<string, unknown>>, draft?: 'draft'): Promise<SequenceId>;
  /** Takes what steps reference out of the database, as if it had been lost; by its id. */
  lose(...ids: readonly (PackageId | SequenceId)[]): Promise<void>;
  /** A collection with these machines. */
  collection(name: string, machines: readonly TestMachine[]): Promise<CollectionId>;
  /** Deploys a sequence to a collection of the machine's own. */
  deploy(
    sequence: SequenceId,
    machines: readonly TestMachine[],
    purpose?: 'available' | 'required',
  ): Promise<string>;
}

/** Opens it; everything is closed and deleted when it is disposed. */
export async function openTestSite(
  options: Parameters<typeof openTestApp>[0] = {},
): Promise<TestSite> {
  const app = await openTestApp(options);
  let machines = 0;
  const made = {
    async machine(): Promise<TestMachine> {
      machines += 1;
      const tail = machines.toString(16).padStart(2, '0');
      const agent = app.agent({
        macAddresses: [MacAddress.parse(`02:00:00:00:01:${tail}`)],
        smbiosGuid: SmbiosGuid.parse(`21111111-2222-3333-4444-5555555555${tail}`),
        serialNumber: `M-${tail}`,
      });
      const device = DeviceId.parse((await agent.register()).deviceId);
      await app.app.store.devices.setState(device, { state: 'known', name: `PC-${tail}` });
      return { agent, device };
    },
    async store(document: Readonly<Record<string, unknown>>, draft?: 'draft'): Promise<SequenceId> {
      const { name, description, disabled } = parseTaskSequence(document, steps);
      const text = JSON.stringify(document);
      const source = { text, format: 'json' } as const;
      const told = { name, description, disabled, documentJson: text, source };
      const wish = { ...told, draft: draft !== undefined };
      return (await app.app.store.sequences.add(wish, app.clock.nowMs)).id;
    },
    async lose(...ids: readonly (PackageId | SequenceId)[]): Promise<void> {
      const file = openSqlite(join(app.directory, 'data', 'metalwright.sqlite'));
      for (const table of ['packages', 'sequences'] as const)
        await file.db.deleteFrom(table).where('id', 'in', ids).execute();
      file.close();
    },
    async collection(name: string, members: readonly TestMachine[]): Promise<CollectionId> {
      const { collections } = app.app.store;
      const { id } = await collections.create({ name }, app.clock.nowMs);
      const add = members.map(({ device }) => device);
      await collections.changeMembers(id, { add, remove: [] });
      return id;
    },
    async deploy(
      sequenceId: SequenceId,
      members: readonly TestMachine[],
      purpose: 'available' | 'required' = 'required',
    ): Promise<string> {
      const collectionId = await made.collection(randomUUID(), members);
      const wish = { sequenceId, collectionId, purpose, scope: null };
      return (await app.app.store.deployments.create(wish, app.clock.nowMs)).id;
    },
  };
  return Object.assign(Object.create(app, Object.getOwnPropertyDescriptors(app)), made, {
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  });
}

/** What the machine is to do now. */
export async function policyOf({ agent }: TestMachine): Promise<Policy> {
  return Policy.parse((await agent.call('GET', agentPaths.policy)).json);
}

/** Asks for a run of a deployment, as the agent does; the answer may be a refusal. */
export async function askRun({ agent }: TestMachine, deploymentId: string) {
  return await agent.call('POST', agentPaths.runs, { runId: randomUUID(), deploymentId });
}

/** The run of a deployment, which is to be granted. */
export async function startRun(machine: TestMachine, deploymentId: string): Promise<RunGrant> {
  return RunGrant.parse((await askRun(machine, deploymentId)).json);
}

/** Sends facts of a run from a seq on. */
export async function sendFacts(
  { agent }: TestMachine,
  run: RunId,
  facts: readonly RunFact[],
  first = 1,
) {
  const events = facts.map((fact, index) =>
    RunEvent.parse({ runId: run, seq: first + index, atMs: 1, fact }),
  );
  return await agent.call('POST', agentPaths.events(run), { events });
}
