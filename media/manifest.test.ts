import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMediaManifest, objectPieces, PIECE_BYTES, parseMediaManifest } from './manifest.ts';

const sha256 = 'ab'.repeat(32);
const refused = (code: string) => expect.objectContaining({ name: 'MediaError', code });

describe('M41 the manifest of media', () => {
  it('tells each file, by path', () => {
    const files = [
      { path: 'metalwright/media.json', sizeBytes: 0, sha256 },
      { path: 'EFI/BOOT/BOOTX64.EFI', sizeBytes: 12_345_678_901, sha256 },
    ];
    const text = formatMediaManifest(files);
    expect(text.split('\n')[0]).toBe(`${sha256} 12345678901 EFI/BOOT/BOOTX64.EFI`);
    expect(parseMediaManifest(text)).toEqual(files.toReversed());
  });

  it.each([
    ['another line end', `${sha256} 1 a\r\n`],
    ['a cut line', `${sha256} 1 a`],
    ['a path that leads out', `${sha256} 1 metalwright/../../etc/passwd\n`],
    ['an absolute path', `${sha256} 1 /etc/passwd\n`],
    ['a path that is an option', `${sha256} 1 -rf\n`],
    ['a file twice', `${sha256} 1 a\n${sha256} 1 a\n`],
    ['no hash', `${sha256.slice(1)} 1 a\n`],
    ['a negative size', `${sha256} -1 a\n`],
  ])('refuses %s', (_what, text) => {
    expect(() => parseMediaManifest(text)).toThrow(refused('media.manifest'));
  });

  it('gives files or an error for any text', () => {
    assert(
      property(string(), (text) => {
        try {
          for (const { path } of parseMediaManifest(text)) expect(path).not.toContain('..');
        } catch (error) {
          expect(error).toEqual(refused('media.manifest'));
        }
      }),
    );
  });

  it('writes no path that it would not read', () => {
    expect(() => formatMediaManifest([{ path: 'a b', sizeBytes: 1, sha256 }])).toThrow(RangeError);
  });
});

describe('M45 an object on media', () => {
  it('is one file as long as any file system of a stick holds it', () => {
    expect(objectPieces(sha256, PIECE_BYTES)).toEqual([
      { path: `content/ab/${sha256}`, offset: 0, sizeBytes: PIECE_BYTES },
    ]);
  });

  it('is cut where it is larger: every byte once, and no piece of 4 GB', () => {
    const size = 3 * PIECE_BYTES + 5;
    const pieces = objectPieces(sha256, size);
    expect(pieces.map(({ path }) => path)).toEqual(
      [1, 2, 3, 4].map((number) => `content/ab/${sha256}.${number}`),
    );
    let at = 0;
    for (const { offset, sizeBytes } of pieces) {
      expect(offset).toBe(at);
      expect(sizeBytes).toBeLessThan(2 ** 32);
      at += sizeBytes;
    }
    expect(at).toBe(size);
  });
});
