import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPassword } from '#agent/protocol/check-password.ts';
import { runHere } from './cli/testing/run-here.ts';
import { startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

async function deploy(collection: string, input: string, ...more: readonly string[]) {
  const words = [
    'deploy',
    'Prompted',
    '--collection',
    collection,
    '--purpose',
    'required',
    ...more,
  ];
  const server = site.app.addresses.console;
  const data = join(site.directory, 'data');
  return runHere([...words, '--server', server, '--data', data], { input: async () => input });
}

describe('the command prompt of a deployment', () => {
  it('goes to its machines as a hash, and the password is kept nowhere', async () => {
    await site.store({
      name: 'Prompted',
      steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
    });
    const [prompted, plain] = [await site.machine(), await site.machine()];
    await site.collection('With', [prompted]);
    await site.collection('Without', [plain]);

    const short = await deploy('With', 'short\n', '--command-prompt');
    expect([short.code, short.err]).toEqual([2, expect.stringContaining('at least 8 characters')]);
    const made = await deploy('With', 'hunter2-hunter2\n', '--command-prompt');
    expect([made.code, made.err]).toEqual([0, '']);
    expect((await deploy('Without', '')).code).toBe(0);

    const all = await site.app.store.deployments.list();
    const ids = all.map(({ id }) => id);
    const grants = await Promise.all([
      startRun(prompted, ids[0] ?? ''),
      startRun(plain, ids[1] ?? ''),
    ]);
    const [hash, none] = grants.map(({ commandPrompt }) => commandPrompt);
    expect(none).toBeUndefined();
    if (hash === undefined) throw new Error('no hash in the grant');
    expect(hash).toMatchObject({ algorithm: 'argon2id', memoryKib: 65_536, passes: 3 });
    await expect(checkPassword('hunter2-hunter2', hash)).resolves.toBe(true);
    await expect(checkPassword('hunter2-hunter', hash)).resolves.toBe(false);

    await site.restart();
    const kept = await site.app.store.deployments.list();
    expect(kept.map(({ commandPrompt }) => commandPrompt)).toEqual([hash, null]);
    for (const file of ['metalwright.sqlite', 'metalwright.sqlite-wal']) {
      const bytes = await readFile(join(site.directory, 'data', file)).catch(() => Buffer.alloc(0));
      expect(bytes.includes('hunter2')).toBe(false);
    }
  });
});
