import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openKnownPieces } from './known-pieces.ts';

it('M41 keeps what is known of pieces, also where other media are made at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'known-'));
  try {
    const path = join(folder, 'pieces.json');
    const all = await Promise.all(Array.from({ length: 20 }, async () => openKnownPieces(path)));
    const pieces = ['ab'.repeat(32), 'cd'.repeat(32)];
    await Promise.all(all.map(async (each) => each.add('ef'.repeat(32), pieces)));
    const known = await openKnownPieces(path);
    expect(known.get('ef'.repeat(32))).toEqual(pieces);
    expect(known.get('00'.repeat(32))).toBeUndefined();
    expect(await readdir(folder)).toEqual(['pieces.json']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
