import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../import/import-error.ts';
import { documentLimits, isZip, openZip } from './read-zip.ts';
import { makeZip, patched, replaced } from './testing/make-zip.ts';

async function readAll(source: Uint8Array | string, limits = documentLimits) {
  await using zip = await openZip(source, 'a.zip', limits);
  const files: Record<string, string> = {};
  for (const entry of zip.entries)
    files[entry.name] = Buffer.from(await zip.read(entry)).toString('latin1');
  return files;
}

const refusal = (code: string, text: string | RegExp = '') =>
  expect.objectContaining({ code, message: expect.stringMatching(text) });

describe('openZip', () => {
  it('reads files from memory and from a file, and leaves folders out', async () => {
    const bytes = await makeZip({ 'a.txt': 'one', 'b/c.txt': 'two', 'b/': '' });
    expect(isZip(bytes)).toBe(true);
    expect(await readAll(bytes)).toEqual({ 'a.txt': 'one', 'b/c.txt': 'two' });

    const folder = await mkdtemp(join(tmpdir(), 'zip-'));
    try {
      await writeFile(join(folder, 'x.zip'), bytes);
      expect(await readAll(join(folder, 'x.zip'))).toEqual({ 'a.txt': 'one', 'b/c.txt': 'two' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('reads what it wrote, whatever the bytes', async () => {
    const content = fc.uint8Array({ maxLength: 2000 });
    await fc.assert(
      fc.asyncProperty(content, fc.boolean(), async (bytes, compress) => {
        const zip = await makeZip({ 'x.bin': bytes }, { compress });
        expect(await readAll(zip)).toEqual({ 'x.bin': Buffer.from(bytes).toString('latin1') });
      }),
      { numRuns: 100 },
    );
  });

  it('turns the backslashes of Windows', async () => {
    const bytes = replaced(
      await makeZip({ 'Control/A1/ts.xml': 'x' }),
      'Control/A1/',
      'Control\\A1\\',
    );
    expect(await readAll(bytes)).toEqual({ 'Control/A1/ts.xml': 'x' });
  });

  it.each([
    ['../x.xml', 'leads out'],
    ['..\\x.xml', 'leads out'],
    ['a/../../', 'leads out'],
    ['/etc/abc', 'absolute'],
    ['\\etc\\abc', 'absolute'],
    ['c:/a.xml', 'absolute'],
    ['a//b.xml', 'leads out'],
    ['./ab.xml', 'leads out'],
    ['ab\u0000c.xml', 'control characters'],
  ])('refuses the name %j', async (name, reason) => {
    const safe = 'n'.repeat(name.length);
    const bytes = replaced(await makeZip({ 'good.txt': 'x', [safe]: '' }), safe, name);
    await expect(readAll(bytes)).rejects.toEqual(refusal('import.zip-name', reason));
  });

  it('refuses two entries of one name, case aside', async () => {
    const bytes = await makeZip({ 'a/X.xml': '1', 'A/x.xml': '2' });
    await expect(readAll(bytes)).rejects.toEqual(refusal('import.zip-duplicate', 'A/x.xml'));
  });

  it('refuses more entries than allowed before it looks at one', async () => {
    const bytes = await makeZip({ a: '1', b: '2', c: '3' });
    await expect(readAll(bytes, { ...documentLimits, entries: 2 })).rejects.toEqual(
      refusal('import.zip-entries', 'has 3 entries, at most 2'),
    );
  });

  it('refuses an encrypted entry and an unknown method when they are read, and them only', async () => {
    const files = { 'a.xml': 'one', 'b.xml': 'two' };
    const encrypted = patched(await makeZip(files), 8, 0x0801, 2);
    await expect(readAll(encrypted)).rejects.toEqual(refusal('import.zip-encrypted', 'a.xml'));
    const method = patched(await makeZip(files), 10, 14, 2);
    await expect(readAll(method)).rejects.toEqual(refusal('import.zip-method', 'a.xml.*14'));

    await using zip = await openZip(encrypted, 'a.zip');
    const [, second] = zip.entries;
    expect(second && Buffer.from(await zip.read(second)).toString()).toBe('two');
  });

  it.each([0, 1, 50, 5000, 2_000_000])('refuses an entry that lies: %i bytes', async (size) => {
    const bytes = patched(await makeZip({ 'a.xml': randomBytes(100) }), 24, size, 4);
    await expect(readAll(bytes)).rejects.toMatchObject({
      code: expect.stringMatching(/^import\.zip-(damaged|size)$/),
      message: expect.stringContaining('a.xml'),
    });
  });

  it('refuses a bomb by its ratio, without unpacking it', async () => {
    const bytes = await makeZip({ 'bomb.xml': new Uint8Array(15 * 1024 * 1024) });
    expect(bytes.length).toBeLessThan(20_000);
    await expect(readAll(bytes)).rejects.toEqual(refusal('import.zip-size', 'bomb.xml.*250 times'));
  });

  it('refuses an entry, and entries in all, that are larger than allowed', async () => {
    const bytes = await makeZip({ a: randomBytes(1000), b: randomBytes(1000) });
    await expect(readAll(bytes, { ...documentLimits, entryBytes: 999 })).rejects.toEqual(
      refusal('import.zip-size', 'a has 1000 bytes unpacked; 999 more'),
    );
    await expect(readAll(bytes, { ...documentLimits, totalBytes: 1999 })).rejects.toEqual(
      refusal('import.zip-size', 'b has 1000 bytes unpacked; 999 more'),
    );
  });

  it('refuses other bytes than were packed, by their checksum', async () => {
    const bytes = replaced(await makeZip({ a: 'Hello' }, { compress: false }), 'Hello', 'Hallo');
    await expect(readAll(bytes)).rejects.toEqual(
      refusal('import.zip-checksum', 'a has the checksum'),
    );
  });

  it('refuses an archive cut off anywhere', async () => {
    const bytes = await makeZip({ 'a.xml': 'one', 'b.xml': 'two'.repeat(100) });
    for (let length = 0; length < bytes.length; length++)
      await expect(readAll(bytes.subarray(0, length))).rejects.toEqual(
        refusal('import.zip-damaged'),
      );
  });

  it('gives files or an error with a code for any change of an archive', async () => {
    const bytes = await makeZip({ 'a.xml': 'one', 'b/c.xml': 'two'.repeat(100) });
    const at = fc.nat(bytes.length - 1);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(at, fc.nat(255)), { maxLength: 4 }), async (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [index, value] of changes) changed[index] = value;
        const result = await readAll(changed).catch((error: unknown) => error);
        if (!(result instanceof Error)) return;
        expect(result).toBeInstanceOf(ImportError);
      }),
      { numRuns: 500 },
    );
  });

  it('gives an error with a code for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (tail) => {
        const bytes = Uint8Array.from([0x50, 0x4b, 3, 4, ...tail]);
        await expect(readAll(bytes)).rejects.toBeInstanceOf(ImportError);
      }),
    );
  });
});
