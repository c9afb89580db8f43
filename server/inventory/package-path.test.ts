import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentObject } from '#agent/protocol/content.ts';
import { fileAndFolder, packagePathKey, packagePathProblem } from './package-path.ts';

describe('M06 paths of files in a package', () => {
  it.each([
    ['../etc/passwd', /leaves the package/],
    ['a/../../b', /leaves the package/],
    ['./a', /leaves the package/],
    ['/etc/passwd', /begins or ends/],
    ['a//b', /begins or ends/],
    ['a/', /begins or ends/],
    ['', /0 characters/],
    ['x'.repeat(1025), /1025 characters/],
    ['x'.repeat(256), /more than 255/],
    ['C:/windows', /Windows has in no file name/],
    ['a\\..\\b', /Windows has in no file name/],
    ['a\0b', /Windows has in no file name/],
    ['a\nb', /Windows has in no file name/],
    ['a:stream', /Windows has in no file name/],
    ['setup.exe.', /takes away/],
    ['folder /a', /takes away/],
    ['CON', /device/],
    ['x/nul.txt', /device/],
    ['COM¹', /device/],
  ])('refuses %j', (path, why) => {
    expect(packagePathProblem(path)).toMatch(why);
  });

  it.each([
    'setup.exe',
    'a/b/c.txt',
    '.hidden',
    'Ünïcode/文件',
    'con-fig',
    'a..b',
    'x'.repeat(255),
  ])('takes %j', (path) => {
    expect(packagePathProblem(path)).toBeUndefined();
  });

  it('takes nothing that an agent would refuse', () => {
    const object = { sizeBytes: 0, sha256: '0'.repeat(64), chunks: [] };
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', 'b', ':', '\0', ' ', 'C') }),
        (path) => {
          if (packagePathProblem(path) !== undefined) return;
          expect(ContentObject.safeParse({ ...object, path }).success, path).toBe(true);
          expect(path.split('/').every((name) => !/^\.*$/.test(name))).toBe(true);
        },
      ),
    );
  });

  it('compares without case, composed and decomposed alike', () => {
    expect(packagePathKey('A/Ü')).toBe(packagePathKey('a/u\u0308'));
  });

  it('finds a file that is a folder too', () => {
    expect(fileAndFolder(['a', 'A/b'])).toBe('a');
    expect(fileAndFolder(['x/y/z', 'x/Y'])).toBe('x/Y');
    expect(fileAndFolder(['ab', 'a/b', 'a/c'])).toBeUndefined();
  });
});
