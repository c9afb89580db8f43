import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAbsolute, pathInside } from './package-path.ts';

describe('a path in a package', () => {
  it.each<[string, string, string | undefined]>([
    ['/run/content/MWL00001', '.\\Scripts\\x.ps1', '/run/content/MWL00001/Scripts/x.ps1'],
    ['C:\\_SMSTaskSequence\\MWL00001\\', 'a/b//c', 'C:\\_SMSTaskSequence\\MWL00001\\a\\b\\c'],
    ['\\\\server\\share', './x', '\\\\server\\share\\x'],
    ['/p', 'a/../b', '/p/b'],
    ['/p', '.', '/p'],
    ['/p', '..', undefined],
    ['/p', 'a\\..\\..\\p\\b', undefined],
  ])('in %s: %s is %s', (folder, relative, path) => {
    expect(pathInside(folder, relative)).toBe(path);
  });

  it('never leads out of the package', () => {
    const name = fc.constantFrom('a', '..', '.', '', '/', '\\');
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const path = pathInside('/p', names.join('/'));
        expect(path ?? '/p').toMatch(/^\/p(\/a)*$/);
      }),
    );
  });

  it.each(['/srv', 'C:\\x', 'c:x', '\\\\server\\share', '\\x'])('%s is absolute', (path) => {
    expect(isAbsolute(path)).toBe(true);
    expect(isAbsolute(`./${path}`)).toBe(false);
  });
});
