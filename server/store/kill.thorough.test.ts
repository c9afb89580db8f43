import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DeviceId, RunId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS } from '../inventory/collection.ts';
import { newDevice } from '../inventory/device.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { openStore } from './open.ts';
import { testLocation } from './test-location.ts';

it('M31 M56 a server killed at any moment has lost no acknowledged event', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-kill-'));
  const path = await testLocation(join(directory, 'store.sqlite'));
  const runId = RunId.parse(randomUUID());
  const deviceId = DeviceId.parse(randomUUID());
  try {
    const before = await openStore(path);
    const identity = testIdentity();
    await before.devices.put(newDevice(deviceId, identity, { state: 'known', nowMs: 0 }));
    const document = {
      name: 'S',
      steps: [{ step: 'a', type: 'set-variable', params: { name: 'A' } }],
    };
    const { id } = await before.sequences.add(
      {
        name: 'S',
        description: '',
        documentJson: JSON.stringify(document),
        source: { text: '', format: 'yaml' },
      },
      0,
    );
    const deployment = await before.deployments.create(
      { sequenceId: id, collectionId: ALL_SYSTEMS, purpose: 'available', scope: null },
      0,
    );
    await before.close();

    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'kill-child.ts'), path, runId, deviceId, deployment.id],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    let failure = '';
    child.stderr.on('data', (part: Buffer) => {
      failure += part.toString();
    });
    child.stdout.on('data', (part: Buffer) => {
      printed += part.toString();
      if (printed.split('\n').length > 60) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'close');
    expect(`${signal} ${failure}`).toBe('SIGKILL ');
    const acknowledged = Number(printed.trimEnd().split('\n').at(-1));

    await using after = await reopen(path);
    const events = await after.store.runs.events(runId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThanOrEqual(acknowledged);
    expect(await after.store.runs.get(runId)).toMatchObject({ have: events.length });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

async function reopen(path: string) {
  const store = await openStore(path);
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
