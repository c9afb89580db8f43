/**
 * A process for `kill.thorough.test.ts`: appends events to one run as fast as it can, and prints each seq that was
 * acknowledged, until it is killed.
 */
import { writeSync } from 'node:fs';
import { DeploymentId, DeviceId, RunId } from '#agent/protocol/identity.ts';
import { RunEvent } from '#agent/protocol/run-event.ts';
import { openStore } from './open.ts';

const [path = '', run = '', device = '', deployment = ''] = process.argv.slice(2);
const runId = RunId.parse(run);
const store = await openStore(path);
await store.grants.make(
  {
    runId,
    deploymentId: DeploymentId.parse(deployment),
    deviceId: DeviceId.parse(device),
    keyThumbprint: 'key',
    remoteAddress: '10.0.5.9',
    environment: 'linux-pe',
    bootImage: null,
    preferred: null,
    nowMs: 1,
  },
  {
    resumeToken: '',
    runKey: '',
    from: { address: '127.0.0.1', ownUrl: 'http://127.0.0.1' },
    variableKey: new Uint8Array(32),
  },
);
for (let seq = 1; ; seq++) {
  const fact = { kind: 'group-entered', stepId: '0', name: `group ${seq}` };
  const event = RunEvent.parse({ runId, seq, atMs: seq, fact });
  const kept = await store.runs.append(runId, [event], { keyThumbprint: 'key', nowMs: seq });
  writeSync(1, `${kept.have}\n`);
}
