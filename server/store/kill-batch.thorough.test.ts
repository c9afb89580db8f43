import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from './open.ts';
import { testLocation } from './test-location.ts';

it('M24 a server killed in the middle of an import has all of it, or nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-kill-batch-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = await testLocation(join(directory, 'store.sqlite'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-batch-child.ts'), path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let failure = '';
  child.stderr.on('data', (part: Buffer) => {
    failure += part.toString();
  });
  child.stdout.on('data', (part: Buffer) => {
    printed += part.toString();
    if (printed.split('\n').length > 20) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(`${signal} ${failure}`).toBe('SIGKILL ');
  const acknowledged = Number(printed.trimEnd().split('\n').at(-1));

  const store = await openStore(path);
  onTestFinished(() => store.close());
  const ids = (await store.sequences.list()).map(({ id }) => id);
  const all = await store.sequences.standings(ids);
  const packages = await store.packages.list('package');
  expect(packages.length).toBeGreaterThanOrEqual(acknowledged);
  expect(all.length).toBe(packages.length * 3);
  for (const { name } of packages) {
    const number = name.replace('Package ', '');
    const kept = all.filter((each) => each.name.endsWith(` ${number}`));
    // Off by default: child sequences are the only thing that keeps two of the three from a deployment.
    expect(kept.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(kept.flatMap(({ problems }) => problems.map(({ code }) => code))).toEqual([
      'feature.child-sequences',
      'feature.child-sequences',
    ]);
  }
});
