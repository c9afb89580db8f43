import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeploymentId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import {
  askRun,
  policyOf,
  sendFacts,
  startRun,
  type TestMachine,
  type TestSite,
} from '../test-machines.ts';
import { runStarted, stepStarted } from '../testing/run-facts.ts';
import { withTestSite } from '../testing/with-test-site.ts';
import { openSiteSecret } from '../trust/site-secret.ts';
import { testMediaRecord } from './media-record.testing.ts';
import type { MediaRecord } from './media-record.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});
const step = (commandLine: string) => ({
  step: 'Say it',
  type: 'run-command',
  params: { commandLine },
});
let count = 0;

async function media(change: Partial<MediaRecord> = {}) {
  const { publicKey, privateKey: key } = generateKeyPairSync('ed25519');
  count += 1;
  const id = `6f9619ff-8b86-4d01-b42d-${String(count).padStart(12, '0')}`;
  await site.app.store.media.add(testMediaRecord({ id, publicKey }, change));
  return { id, key };
}

async function deployed(command = 'echo'): Promise<{ machine: TestMachine; deployment: string }> {
  count += 1;
  const machine = await site.machine();
  const sequence = await site.store({ name: `Deploy ${count}`, steps: [step(command)] });
  return { machine, deployment: await site.deploy(sequence, [machine]) };
}
const startFrom = async ({ agent }: TestMachine, from: Awaited<ReturnType<typeof media>>) =>
  agent.register(undefined, undefined, 'linux-pe', from);

describe('M46 a machine that bootable media started', () => {
  it('is offered what its collections are, as from the network', async () => {
    const { machine, deployment } = await deployed();
    await startFrom(machine, await media());
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers', start: deployment });
    expect((await startRun(machine, deployment)).deploymentId).toBe(deployment);
  });

  it('is not believed without the key of the media', async () => {
    const { machine } = await deployed();
    const { id } = await media();
    const { privateKey: key } = generateKeyPairSync('ed25519');
    await expect(startFrom(machine, { id, key })).rejects.toThrow();
  });

  it.each([
    { code: 'media.blocked', change: { blockedMs: 1, blockedReason: 'lost' } },
    { code: 'media.expired', change: { validUntilMs: 1_700_000_000_000 } },
    { code: 'media.not-yet', change: { validFromMs: 1_900_000_000_000 } },
  ])('begins no run where they are not good: $code', async ({ code, change }) => {
    const { machine, deployment } = await deployed();
    await startFrom(machine, await media(change));
    expect(await policyOf(machine)).toMatchObject({ kind: 'none', code });
    expect(await askRun(machine, deployment)).toMatchObject({ status: 409, json: { code } });
  });

  it('begins no run where the media were deleted', async () => {
    const { machine } = await deployed();
    const made = await media();
    await site.app.store.media.remove(made.id);
    await startFrom(machine, made);
    expect(await policyOf(machine)).toMatchObject({ kind: 'none', code: 'media.not-found' });
  });

  it('M32 goes on with an open run, whatever became of the media', async () => {
    const { machine, deployment } = await deployed();
    const made = await media();
    await startFrom(machine, made);
    const { runId, resumeToken } = await startRun(machine, deployment);
    await site.app.store.media.block(made.id, { reason: 'lost', nowMs: 1 });
    machine.agent.reboot();
    await machine.agent.register({ runId, resumeToken }, undefined, 'linux-pe', made);
    expect(await policyOf(machine)).toEqual({ kind: 'resume', runId });
  });

  it('M39 is proved by its media after a restart into what it installed, if its journal shows the run', async () => {
    const { siteAccounts, variables } = site.app.store;
    const { machine, deployment } = await deployed('%JoinPassword%');
    const { variableKey } = await openSiteSecret(join(site.directory, 'data'));
    const secret = { name: 'JoinPassword', value: 'hunter2!', secret: true };
    await variables.set({ kind: 'device', id: machine.device }, secret, variableKey);
    await siteAccounts.setReleaseLevel(DeploymentId.parse(deployment), 'media-proved');
    const made = await media();
    await startFrom(machine, made);
    const { runId, resumeToken, documentSha256 } = await startRun(machine, deployment);
    await sendFacts(machine, runId, [runStarted({ documentSha256 }), stepStarted('0')]);
    const ask = async () => {
      const wish = { for: 'step', step: '0', variables: ['JoinPassword'] };
      return (await machine.agent.call('POST', agentPaths.secrets(runId), wish)).json;
    };
    const given = { variables: [{ name: 'JoinPassword', value: 'hunter2!' }] };
    expect(await ask()).toMatchObject(given);
    machine.agent.reboot();
    await machine.agent.register({ runId, resumeToken }, undefined, 'full-os');
    expect(await ask()).toMatchObject(given);
    await site.app.store.media.block(made.id, { reason: 'lost', nowMs: 1 });
    expect(await ask()).toMatchObject({ code: 'secret.trust' });
  });

  it('that the site does not know is served only by media for unknown computers', async () => {
    const unknown = site.agent({ serialNumber: 'X-1', smbiosGuid: null, macAddresses: [] });
    const ask = async (from: Awaited<ReturnType<typeof media>>) => {
      await unknown.register(undefined, undefined, 'linux-pe', from);
      return (await unknown.call('GET', '/v1/policy')).json;
    };
    expect(await ask(await media())).toMatchObject({ code: 'media.unknown-computer' });
    // Then the site's own rule for unknown machines holds: here an operator is asked.
    expect(await ask(await media({ unknownComputers: true }))).toMatchObject({ kind: 'wait' });
  });

  it('M39 is given what is for machines that media started, and others are not', async () => {
    const { variables, siteAccounts } = site.app.store;
    const { machine, deployment } = await deployed('%JoinPassword%');
    const [device, id] = [machine.device, DeploymentId.parse(deployment)];
    const secret = { name: 'JoinPassword', value: 'hunter2!', secret: true };
    const { variableKey } = await openSiteSecret(join(site.directory, 'data'));
    await variables.set({ kind: 'device', id: device }, secret, variableKey);
    await siteAccounts.setReleaseLevel(id, 'media-proved');
    expect(await askRun(machine, deployment)).toMatchObject({ json: { code: 'secret.trust' } });
    const made = await media();
    await startFrom(machine, made);
    await site.app.store.media.block(made.id, { reason: '', nowMs: 1 });
    expect(await askRun(machine, deployment)).toMatchObject({ json: { code: 'media.blocked' } });
    await site.app.store.media.block(made.id, null);
    const granted = await startRun(machine, deployment);
    expect(granted.variables).toContainEqual(
      expect.objectContaining({ name: 'JoinPassword', withheld: true, value: '' }),
    );
  });
});
