import { basename, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { safeFileNames } from './file-names.ts';

describe('M24 names of files that are written', () => {
  it('keep what every system takes of the name', () => {
    expect(
      safeFileNames(['OSD: Windows 11?', 'osd_ windows 11_', '../../etc/passwd', 'con', '...', '']),
    ).toEqual([
      'OSD_ Windows 11_',
      'osd_ windows 11_ (2)',
      '_.._etc_passwd',
      '_con',
      'task sequence',
      'task sequence (2)',
    ]);
  });

  it('lead to no other folder and are unlike each other, whatever the names are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyCharacter })), (names) => {
        const safe = safeFileNames(names);
        expect(new Set(safe.map((name) => name.toLowerCase())).size).toBe(names.length);
        for (const name of safe) {
          expect(basename(join('/folder', `${name}.yaml`))).toBe(`${name}.yaml`);
          expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}]|[. ]$/u);
        }
      }),
    );
  });
});
