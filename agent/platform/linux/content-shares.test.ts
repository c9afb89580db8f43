import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxContentShares } from './content-shares.ts';

const { signal } = new AbortController();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-shares-'));
});
afterEach(async () => rm(folder, { recursive: true }));

it('M38 a share with content is mounted for reading alone, its account in no argv, and unmounted at the end', async () => {
  const ran: (readonly string[])[] = [];
  const written: string[] = [];
  const shares = linuxContentShares({
    folder,
    hasCifs: async () => true,
    process: {
      scratch: async (files) => {
        written.push(...Object.values(files).map((bytes) => Buffer.from(bytes).toString()));
        return { path: '/s', file: (name) => `/s/${name}`, async [Symbol.asyncDispose]() {} };
      },
    },
    run: async ({ argv }) => {
      ran.push(argv);
      return { code: 0, output: '', stdout: '', timedOut: false };
    },
  });
  const account = { user: 'CORP\\reader', password: 'canary-2b8d' };
  const place = await shares.connect({ server: 'dp', name: 'Content $' }, account, signal);
  expect(place).toBe(join(folder, 'dp/Content%20%24'));
  const options = 'credentials=/s/account,ro,nosuid,nodev,noexec,soft,echo_interval=4';
  expect(ran).toEqual([['mount', '-t', 'cifs', '//dp/Content $', place, '-o', options]]);
  expect(written).toEqual(['username=reader\npassword=canary-2b8d\ndomain=CORP\n']);
  await shares[Symbol.asyncDispose]();
  expect(ran[1]).toEqual(['umount', '--lazy', place]);
});
