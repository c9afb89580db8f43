import { describe, expect, it } from 'vitest';
import { entryProblem, parse7zList, parseInnoList } from './archive-entries.ts';

describe('entries of an archive', () => {
  it('of 7zz: files, folders, links', () => {
    const text = [
      'Path = in/a.inf\nSize = 2\nAttributes = A\nMethod = None',
      'Path = link\nFolder = -\nSize = 11\nAttributes =  lrwxrwxrwx',
      'Path = sub\nFolder = +\nSize = 0\nAttributes = D drwxr-xr-x',
      'Path = b\\c.sys\nSize = 5\nAttributes = V 01800000 0rw-------',
      'Path = hard\nSize = 5\nHard Link = b/c.sys',
      'Path = reparse\nSize = 0\nAttributes = AL',
      '',
    ].join('\n\n');
    const entries = parse7zList(text);
    expect(
      entries.map(({ path, sizeBytes, isFolder, isLink }) => [path, sizeBytes, isFolder, isLink]),
    ).toEqual([
      ['in/a.inf', 2, false, false],
      ['link', 11, false, true],
      ['sub', 0, true, false],
      ['b/c.sys', 5, false, false],
      ['hard', 5, false, true],
      ['reparse', 0, false, true],
    ]);
  });

  it('of innoextract, with their sizes', () => {
    const text =
      'Listing "Pack" - setup data version 5.5.7\n - "app/net/a.inf" (2.5 KiB)\n - "app\\b.sys" [temp] (10 B)\nDone.\n';
    expect(parseInnoList(text)).toMatchObject([
      { path: 'app/net/a.inf', sizeBytes: 2560 },
      { path: 'app/b.sys', sizeBytes: 10 },
    ]);
  });

  it.each([
    ['../x', 'leads out'],
    ['a/../../x', 'leads out'],
    ['/etc/x', 'absolute'],
    ['C:/x', 'absolute'],
    ['a/..b/c', undefined],
  ])('%s: %s', (path, problem) => {
    const told = entryProblem({ path, sizeBytes: 0, isFolder: false, isLink: false });
    if (problem === undefined) expect(told).toBeUndefined();
    else expect(told).toContain(problem);
  });
});
