import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProcessCapability } from '../../sequence/platform.ts';
import { linuxNetwork } from './network.ts';

const { signal } = new AbortController();
const account = { user: 'CORP\\reader', password: 's3cret' };
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-shares-'));
});
afterEach(async () => rm(folder, { recursive: true }));

function network(result: { readonly code: number; readonly output: string }, hasCifs = true) {
  const written: string[] = [];
  const ran: (readonly string[])[] = [];
  const scratch: ProcessCapability['scratch'] = async (files) => {
    written.push(...Object.values(files).map((bytes) => Buffer.from(bytes).toString()));
    return { path: '/s', file: (name) => `/s/${name}`, async [Symbol.asyncDispose]() {} };
  };
  const capability = linuxNetwork({
    process: { scratch },
    folder,
    hasCifs: async () => hasCifs,
    run: async ({ argv }) => {
      ran.push(argv);
      return { ...result, stdout: '', timedOut: false };
    },
  });
  return { capability, written, ran };
}
const share = { path: '\\\\srv\\share\\in', drive: 'Z', account };

it('M40 a share is a folder in Linux; its account goes by a file', async () => {
  const { capability, written, ran } = network({ code: 0, output: '' });
  await mkdir(join(folder, 'srv/share/in'), { recursive: true });
  await capability.connectFolder(share, signal);
  const target = join(folder, 'srv/share');
  expect(ran).toEqual([
    ['mount', '-t', 'cifs', '//srv/share', target, '-o', 'credentials=/s/account'],
  ]);
  expect(written).toEqual(['username=reader\npassword=s3cret\ndomain=CORP\n']);
  await capability.connectFolder({ ...share, account: null }, signal);
  expect(ran[1]?.at(-1)).toBe('guest');
});

it.each([
  ['mount error(13): Permission denied', 'network.logon'],
  ['mount error(113): could not connect', 'network.path'],
  ['mount error(22): Invalid argument', 'network.connect'],
])('%s is %s', async (output, code) => {
  const { capability } = network({ code: 32, output });
  await expect(capability.connectFolder(share, signal)).rejects.toMatchObject({ code });
});

it('refuses with codes: no mount.cifs, a path that leads out, a folder that is not there, a join', async () => {
  const lacking = network({ code: 0, output: '' }, false);
  await expect(lacking.capability.connectFolder(share, signal)).rejects.toMatchObject({
    code: 'network.no-cifs',
  });
  expect(lacking.ran).toEqual([]);
  const { capability } = network({ code: 0, output: '' });
  const out = { ...share, path: '\\\\srv\\..\\x' };
  await expect(capability.connectFolder(out, signal)).rejects.toMatchObject({
    code: 'network.path',
  });
  await expect(capability.connectFolder(share, signal)).rejects.toMatchObject({
    code: 'network.path',
  });
  expect(capability.membership).toBeUndefined();
  const workgroup = { kind: 'workgroup', workgroup: 'W', account: null } as const;
  await expect(capability.join(workgroup, signal)).rejects.toMatchObject({ code: 'network.join' });
});
