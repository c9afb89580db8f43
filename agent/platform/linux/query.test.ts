import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linuxQuery } from './query.ts';

const { signal } = new AbortController();
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'query-'));
});
afterAll(async () => rm(root, { recursive: true, force: true }));

describe('M03 paths in Linux', () => {
  it('tells files from folders, follows links, and gives the time of the last change', async () => {
    const query = linuxQuery({
      root,
      architecture: 'x64',
      hostName: 'x',
      firmware: async () => Promise.reject(new Error('not asked')),
      disks: async () => [],
      networkInterfaces: () => ({}),
      log: () => {},
    });
    const path = async (asked: string, kind: 'file' | 'folder') =>
      query.path({ path: asked, kind }, signal);
    await mkdir(join(root, 'files'));
    await writeFile(join(root, 'files/a'), 'text');
    await utimes(join(root, 'files/a'), 5, 1_700_000_000.5);
    await symlink(join(root, 'files/a'), join(root, 'files/link'));
    const found = { modifiedMs: 1_700_000_000_500, version: null };
    expect(await path(join(root, 'files/a'), 'file')).toEqual(found);
    expect(await path(join(root, 'files/link'), 'file')).toEqual(found);
    expect(await path(join(root, 'files/a'), 'folder')).toBeNull();
    expect(await path(join(root, 'files'), 'folder')).not.toBeNull();
    for (const odd of ['', 'etc/passwd', join(root, 'nothing'), '/dev/null', 'a\0b'])
      expect(await path(odd, 'file')).toBeNull();
  });
});
