import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openReceivedFiles } from './received-files.ts';

const MIB = 1024 * 1024;
const cannotMount = process.getuid?.() === 0 ? undefined : 'needs root to mount a small disk';
if (cannotMount !== undefined && process.env['REQUIRE_PEERS'] === '1') throw new Error(cannotMount);

it.skipIf(cannotMount !== undefined)(
  'M44 an image is refused by a full disk before it begins and in its middle, and goes on when there is room',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metalwright-received-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    try {
      const id = 'a'.repeat(32);
      const cautious = openReceivedFiles(join(folder, 'captured'));
      await expect(cautious.open(id, MIB)).rejects.toMatchObject({
        code: 'content.full',
        message: expect.stringMatching(/\d+ bytes free; the image needs \d+/),
      });
      const files = openReceivedFiles(join(folder, 'captured'), MIB);
      expect(await files.open(id, 6 * MIB)).toBe(0);
      await expect(files.open('b'.repeat(32), 8 * MIB)).rejects.toMatchObject({
        code: 'content.full',
      });
      const part = (number: number) => Buffer.alloc(MIB, number);
      const add = async (number: number) =>
        files.add(id, { offset: number * MIB, bytes: part(number), sizeBytes: 6 * MIB });
      for (const number of [0, 1, 2]) expect(await add(number)).toBe((number + 1) * MIB);
      // Somebody else fills the disk meanwhile, to the middle of a part.
      writeFileSync(join(folder, 'other'), Buffer.alloc(4 * MIB + MIB / 2));
      await expect(add(3)).rejects.toMatchObject({ code: 'content.full' });
      rmSync(join(folder, 'other'));
      for (const number of [3, 4, 5]) expect(await add(number)).toBe((number + 1) * MIB);
      const bytes = await readFile(await files.finish(id));
      expect(bytes.equals(Buffer.concat([0, 1, 2, 3, 4, 5].map(part)))).toBe(true);
    } finally {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
