import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addDevice,
  addFacts,
  addLog,
  finished,
  runFinished,
  started,
  startRun,
} from './routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from './routes/operator/test-console.ts';

const SECRET = 'Plant3d-S3cret!';
const missing =
  spawnSync('python3', ['--version']).status !== 0 && process.env['REQUIRE_PEERS'] !== '1';

describe.skipIf(missing)('the bundle of a run, read by Python', () => {
  let site: TestConsole;
  let directory: string;
  beforeAll(async () => {
    site = await openTestConsole({ tls: false });
    directory = await mkdtemp(join(tmpdir(), 'metalwright-bundle-'));
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  const fetchBundle = async (run: string) =>
    site.app.inject({
      method: 'GET',
      url: `/api/v1/runs/${run}/bundle`,
      headers: { authorization: `Bearer ${site.token}` },
    });

  it('M31 has facts, events, log, task sequence, machine and boots, and no secret', async () => {
    const device = await addDevice(site, 1);
    await site.services.store.silences.note([
      {
        mac: device.macAddresses[0] ?? '',
        guid: null,
        architecture: 'uefi-x64',
        interfaceName: 'bench0',
        reason: 'nothing is deployed to it',
        firstMs: 1,
        lastMs: 2,
        count: 3,
      },
    ]);
    const joinStep = {
      step: 'Join',
      type: 'join-domain',
      params: { join: 'domain', domain: 'corp.example', offlineBlob: SECRET },
      disabled: true,
    };
    const restart = { step: 'Restart', type: 'restart', params: { target: 'pe' } };
    const run = await startRun(site, device, [restart, joinStep]);
    const failed = { code: 'step.exit-code', message: 'it ended with 5', hint: 'look' };
    await addFacts(site, run, [
      {
        kind: 'run-started',
        documentSha256: '0'.repeat(64),
        agentVersion: '0.1.0',
        machineKey: 'test',
        environment: 'linux-pe',
        variables: [{ name: 'Hidden', value: SECRET, secret: true }],
      },
      started('0', 'Restart'),
      finished('0', 'Restart', failed),
      runFinished(failed),
    ]);
    for (let line = 0; line < 70; line += 1)
      await addLog(site, run, `line ${line} ${'x'.repeat(5000)}`);

    const answer = await fetchBundle(run);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/zip');
    const file = join(directory, 'run.zip');
    await writeFile(file, answer.rawPayload);
    execFileSync('python3', ['-m', 'zipfile', '-t', file]);
    execFileSync('python3', ['-m', 'zipfile', '-e', file, join(directory, 'out')]);
    const read = (name: string) => readFile(join(directory, 'out', name), 'utf8');
    const names = ['README.txt', 'run.json', 'sequence.json', 'variables.json', 'events.jsonl'];
    names.push('log.cmtrace.log', 'log.txt', 'device.json', 'boot.json');
    for (const name of names) expect(await read(name), name).not.toContain(SECRET);

    const readme = await read('README.txt');
    expect(readme).toContain('error     it ended with 5 [step.exit-code]');
    expect(readme).toMatch(/^(cause |likely) .+/m);
    expect(readme).toContain('1 settings of steps are emptied');
    expect((await read('events.jsonl')).trim().split('\n')).toHaveLength(4);
    expect((await read('events.jsonl')).split('\n')[0]).toContain('********');
    const raw = await read('log.cmtrace.log');
    expect(raw.match(/<!\[LOG\[line \d+/g)).toHaveLength(70);
    const plain = (await read('log.txt')).trim().split('\n');
    expect(plain).toHaveLength(70);
    expect(plain[69]).toMatch(/^08:30:05 {2}apply-image {2}line 69 x+$/);
    expect(JSON.parse(await read('sequence.json'))).toMatchObject({ name: 'Bench install' });
    expect(JSON.parse(await read('run.json'))).toMatchObject({ id: run, state: 'failed' });
    expect(JSON.parse(await read('device.json'))).toMatchObject({ device: { name: 'PC01' } });
    expect(JSON.parse(await read('boot.json'))).toMatchObject({
      silences: [{ reason: 'nothing is deployed to it', count: 3 }],
    });
  }, 60_000);

  it('says of a run that is not there', async () => {
    const answer = await fetchBundle('00000000-0000-4000-8000-000000000000');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'run.not-found' });
  });
});
