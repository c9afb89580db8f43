import { describe, expect, it } from 'vitest';
import { parseListing } from './iso-file.ts';
import { findWindowsImage } from './windows-media.ts';

const entry = (path: string) => ({ path, sizeBytes: 1 });
const withCode = (code: string) => expect.objectContaining({ name: 'IsoError', code });

it('reads the listing of a disc image: files with their sizes, folders left out', () => {
  const text = [
    'Path = sources',
    'Folder = +',
    'Size = ',
    '',
    'Path = sources/install.wim',
    'Folder = -',
    'Size = 5000000000',
    'Packed Size = 5000001536',
    '',
    'Path = odd = name.txt',
    'Folder = -',
    'Size = 2',
    '',
    'Path = stream',
    'Folder = -',
    'Size = ',
    '',
  ];
  for (const end of ['\n', '\r\n'])
    expect(parseListing(text.join(end))).toEqual([
      { path: 'sources/install.wim', sizeBytes: 5_000_000_000 },
      { path: 'odd = name.txt', sizeBytes: 2 },
    ]);
});

describe('the WIM of Windows media', () => {
  it.each([
    { paths: ['setup.exe', 'sources/install.wim'], finds: 'sources/install.wim' },
    { paths: ['SOURCES/INSTALL.ESD', 'sources/boot.wim'], finds: 'SOURCES/INSTALL.ESD' },
    { paths: ['x64/sources/install.esd'], finds: 'x64/sources/install.esd' },
  ])('is found: $finds', ({ paths, finds }) => {
    expect(findWindowsImage(paths.map(entry), 'install').path).toBe(finds);
  });

  it('is the boot image when that is wanted', () => {
    const all = ['sources/install.wim', 'sources/boot.wim'].map(entry);
    expect(findWindowsImage(all, 'boot').path).toBe('sources/boot.wim');
  });

  it('is what was named, in any spelling', () => {
    const all = ['x64/sources/install.esd', 'x86/sources/install.esd'].map(entry);
    expect(findWindowsImage(all, 'install', '\\X86\\Sources\\install.esd').path).toBe(
      'x86/sources/install.esd',
    );
  });

  it.each([
    { name: 'none at all', paths: ['live/filesystem.squashfs'], code: 'iso.no-image' },
    {
      name: 'one for each of two architectures',
      paths: ['x64/sources/install.esd', 'x86/sources/install.esd'],
      code: 'iso.several-images',
    },
    {
      name: 'a split one',
      paths: ['sources/install.swm', 'sources/install2.swm'],
      code: 'iso.split-image',
    },
    {
      name: 'one of a like name elsewhere',
      paths: ['backup/sources/install.wim'],
      code: 'iso.no-image',
    },
  ])('is refused: $name', ({ paths, code }) => {
    expect(() => findWindowsImage(paths.map(entry), 'install')).toThrow(withCode(code));
  });

  it('is refused with what there is when the named one is not there', () => {
    const find = () => findWindowsImage([entry('a/os.wim')], 'install', 'b/os.wim');
    expect(find).toThrow(withCode('iso.no-image'));
    expect(find).toThrow(expect.objectContaining({ hint: 'It has a/os.wim.' }));
  });
});
