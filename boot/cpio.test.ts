import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CpioEntry, formatCpio } from './cpio.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Reads an archive back, as the kernel does: header fields, name, data, each padded to four bytes. */
function readCpio(archive: Uint8Array): { path: string; mode: number; data: string }[] {
  const found = [];
  for (let offset = 0; offset < archive.length; ) {
    const header = new TextDecoder().decode(archive.subarray(offset, offset + 110));
    expect(header.slice(0, 6)).toBe('070701');
    const field = (index: number) =>
      Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const nameEnd = offset + 110 + field(11);
    const path = new TextDecoder().decode(archive.subarray(offset + 110, nameEnd - 1));
    const start = Math.ceil(nameEnd / 4) * 4;
    const data = new TextDecoder().decode(archive.subarray(start, start + field(6)));
    offset = Math.ceil((start + field(6)) / 4) * 4;
    found.push({ path, mode: field(1), data });
  }
  return found;
}

describe('formatCpio', () => {
  it('writes folders, files, links and the console, and a trailer', () => {
    const archive = formatCpio([
      { kind: 'directory', path: 'etc', mode: 0o755 },
      { kind: 'file', path: 'etc/boot.pub', mode: 0o644, data: text('key') },
      { kind: 'symlink', path: 'init', target: 'usr/init' },
      { kind: 'character-device', path: 'console', mode: 0o600, major: 5, minor: 1 },
    ]);
    expect(readCpio(archive)).toEqual([
      { path: 'etc', mode: 0o40755, data: '' },
      { path: 'etc/boot.pub', mode: 0o100644, data: 'key' },
      { path: 'init', mode: 0o120777, data: 'usr/init' },
      { path: 'console', mode: 0o20600, data: '' },
      { path: 'TRAILER!!!', mode: 0, data: '' },
    ]);
  });

  it('gives a length that another archive can follow', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-zé]{1,9}$/), fc.string())), (files) => {
        const entries = files.map(
          ([path, data]): CpioEntry => ({ kind: 'file', path, mode: 0o600, data: text(data) }),
        );
        const archive = formatCpio(entries);
        expect(archive.length % 4).toBe(0);
        const read = readCpio(archive).slice(0, -1);
        expect(read.map(({ path, data }) => [path, text(data)])).toEqual(
          files.map(([path, data]) => [path, text(data)]),
        );
      }),
    );
  });

  it.each(['', '/etc', 'a/../b', 'a//b', './a', 'a/', 'a\0b'])('refuses the path %j', (path) => {
    expect(() => formatCpio([{ kind: 'directory', path, mode: 0o755 }])).toThrow(RangeError);
  });
});
