import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWim } from './metadata.ts';

const hasWimlib = spawnSync('wimlib-imagex', ['--version']).error === undefined;
if (!hasWimlib && process.env['REQUIRE_PEERS'] === '1')
  throw new Error('wimlib-imagex is missing: install wimtools');

let folder = '';
const wimlib = (...args: string[]) =>
  execFileSync('wimlib-imagex', args, { cwd: folder, stdio: 'pipe' });
const read = (name: string, cutBytes = 0) => {
  const whole = readFileSync(join(folder, name));
  const bytes = whole.subarray(0, whole.length - cutBytes);
  return readWim({
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  });
};

describe.skipIf(!hasWimlib)('WIMs of wimlib-imagex (skipped without it)', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wim-'));
    mkdirSync(join(folder, 'tree'));
    // Bytes that do not compress, so that a split makes parts.
    const bytes = Buffer.from(
      Array.from({ length: 3_000_000 }, (_, at) => (at * at * 31 + at / 7) & 255),
    );
    writeFileSync(join(folder, 'tree/one'), bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['none', 'XPRESS', 'LZX', 'LZMS'])(
    'M55 are read, compression %s',
    async (compression) => {
      wimlib('capture', 'tree', `${compression}.wim`, 'Debian & Co', `--compress=${compression}`);
      wimlib(
        'info',
        `${compression}.wim`,
        '1',
        '--image-property',
        'METALWRIGHT/ARCHITECTURE=x64',
        '--image-property',
        'METALWRIGHT/KIND=linux',
      );
      wimlib('append', 'tree', `${compression}.wim`, 'Data', '--check');
      const { header, images } = await read(`${compression}.wim`);
      expect(header).toMatchObject({ compression: compression.toLowerCase(), pipable: false });
      expect(header.integrityTable?.sizeBytes).toBeGreaterThan(0);
      expect(images).toMatchObject([
        {
          index: 1,
          name: 'Debian & Co',
          architecture: 'x64',
          totalBytes: 3_000_000,
          kind: 'linux',
        },
        { index: 2, name: 'Data', architecture: null, totalBytes: 3_000_000, kind: 'data' },
      ]);
      await expect(read(`${compression}.wim`, 1)).rejects.toMatchObject({ code: 'wim.truncated' });
    },
  );

  it('M55 are read when pipable, and found truncated', async () => {
    wimlib('capture', 'tree', 'pipable.wim', 'P', '--pipable');
    await expect(read('pipable.wim')).resolves.toMatchObject({
      header: { pipable: true },
      images: [{ name: 'P' }],
    });
    await expect(read('pipable.wim', 1)).rejects.toMatchObject({ code: 'wim.truncated' });
  });

  it('are read when solid', async () => {
    wimlib('capture', 'tree', 'solid.esd', 'S', '--solid');
    await expect(read('solid.esd')).resolves.toMatchObject({
      header: { version: 0xe00, compression: 'lzms' },
      images: [{ name: 'S' }],
    });
  });

  it('are refused by name when split', async () => {
    wimlib('capture', 'tree', 'whole.wim', 'W', '--compress=none');
    wimlib('split', 'whole.wim', 'part.swm', '1');
    await expect(read('part.swm')).rejects.toMatchObject({ code: 'wim.split' });
    await expect(read('part2.swm')).rejects.toMatchObject({ code: 'wim.split' });
  });
});
