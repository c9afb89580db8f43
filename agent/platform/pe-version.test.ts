import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadAt } from '#boot/pe-header.ts';
import { peFileVersion } from './pe-version.ts';

/** A program of one section that holds a version resource and nothing else. */
function program(magic: 0x10b | 0x20b = 0x20b): Uint8Array {
  const bytes = new Uint8Array(0x400);
  const view = new DataView(bytes.buffer);
  const pe = 0x80;
  const directories = magic === 0x20b ? 112 : 96;
  const optionalSize = directories + 16 * 8;
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, pe, true);
  view.setUint32(pe, 0x4550, true);
  view.setUint16(pe + 6, 1, true);
  view.setUint16(pe + 20, optionalSize, true);
  view.setUint16(pe + 24, magic, true);
  view.setUint32(pe + 24 + directories - 4, 16, true);
  view.setUint32(pe + 24 + directories + 16, 0x3000, true);
  const section = pe + 24 + optionalSize;
  view.setUint32(section + 12, 0x3000, true);
  view.setUint32(section + 16, 0x200, true);
  view.setUint32(section + 20, 0x200, true);
  // Two types, an icon and the version; then one name, one language, one data entry.
  const folder = (at: number, entries: readonly (readonly [number, number])[]): void => {
    view.setUint16(0x200 + at + 14, entries.length, true);
    for (const [index, [id, offset]] of entries.entries()) {
      view.setUint32(0x200 + at + 16 + index * 8, id, true);
      view.setUint32(0x200 + at + 20 + index * 8, offset, true);
    }
  };
  folder(0, [
    [3, 0x80000100],
    [16, 0x80000020],
  ]);
  folder(0x20, [[1, 0x80000040]]);
  folder(0x40, [[1033, 0x60]]);
  view.setUint32(0x260, 0x3080, true);
  view.setUint32(0x264, 92, true);
  const info = 0x280;
  view.setUint16(info, 92, true);
  view.setUint16(info + 2, 52, true);
  bytes.set(Buffer.from('VS_VERSION_INFO\0', 'utf16le'), info + 6);
  view.setUint32(info + 40, 0xfeef04bd, true);
  for (const [index, word] of [0, 10, 1, 19041].entries())
    view.setUint16(info + 48 + index * 2, word, true);
  return bytes;
}

function reader(bytes: Uint8Array): ReadAt & { largest: number; reads: number } {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    counted.largest = Math.max(counted.largest, length);
    counted.reads += 1;
    return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length));
  };
  const counted = Object.assign(read, { largest: 0, reads: 0 });
  return counted;
}

describe('M03 file version of a Windows program', () => {
  it('reads it from PE32 and PE32+', async () => {
    expect(await peFileVersion(reader(program()))).toBe('10.0.19041.1');
    expect(await peFileVersion(reader(program(0x10b)))).toBe('10.0.19041.1');
  });

  it('is null for what is no program, or has no version', async () => {
    expect(await peFileVersion(reader(new Uint8Array()))).toBeNull();
    expect(await peFileVersion(reader(Buffer.from('#!/bin/sh\n')))).toBeNull();
    const without = program();
    new DataView(without.buffer).setUint32(0x200 + 24, 17, true);
    expect(await peFileVersion(reader(without))).toBeNull();
  });

  it('comes to an end with small reads whatever the file says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(0x3ff), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        async (changes) => {
          const bytes = program();
          for (const [at, value] of changes) bytes[at] = value;
          const read = reader(bytes);
          const version = await peFileVersion(read);
          expect(version ?? '0.0.0.0').toMatch(/^\d+\.\d+\.\d+\.\d+$/);
          expect(read.largest).toBeLessThanOrEqual(65_536);
          expect(read.reads).toBeLessThan(16);
        },
      ),
    );
  });
});
