import { expect, it } from 'vitest';
import { formatManifest } from './manifest.ts';

it('lists hash, size and name, sorted by name', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const entries = [
    { name: 'vmlinuz', sizeBytes: 8, sha256: a },
    { name: 'loader.img', sizeBytes: 9, sha256: b },
  ];
  expect(formatManifest(entries)).toBe(`${b} 9 loader.img\n${a} 8 vmlinuz\n`);
});

it.each(['a b', 'a/b', 'a\nb', ''])(
  'refuses the name %j, which would read as something else',
  (name) => {
    expect(() => formatManifest([{ name, sizeBytes: 1, sha256: 'a'.repeat(64) }])).toThrow(
      RangeError,
    );
  },
);
