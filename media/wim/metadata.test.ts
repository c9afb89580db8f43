import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWimMetadata } from './metadata.ts';
import { WimError } from './wim-error.ts';

function utf16(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
}
const image = (index: number, inner = '') =>
  `<IMAGE INDEX="${index}"><TOTALBYTES>1000</TOTALBYTES>${inner}</IMAGE>`;
const wim = (inner: string) => utf16(`<WIM><TOTALBYTES>9</TOTALBYTES>${inner}</WIM>`);
const withCode = (code: string) => expect.objectContaining({ name: 'WimError', code });

describe('the metadata of a WIM', () => {
  it.each([
    { inner: '<WINDOWS><ARCH>0</ARCH></WINDOWS>', architecture: 'x86', kind: 'windows' },
    { inner: '<WINDOWS><ARCH>9</ARCH></WINDOWS>', architecture: 'x64', kind: 'windows' },
    { inner: '<WINDOWS><ARCH>12</ARCH></WINDOWS>', architecture: 'arm64', kind: 'windows' },
    { inner: '<WINDOWS><ARCH>6</ARCH></WINDOWS>', architecture: null, kind: 'windows' },
    { inner: '<WINDOWS><ARCH/></WINDOWS>', architecture: null, kind: 'windows' },
    {
      inner: '<METALWRIGHT><ARCHITECTURE>arm64</ARCHITECTURE><KIND>Linux</KIND></METALWRIGHT>',
      architecture: 'arm64',
      kind: 'linux',
    },
    {
      inner: '<METALWRIGHT><ARCHITECTURE>vax</ARCHITECTURE></METALWRIGHT>',
      architecture: null,
      kind: 'data',
    },
    { inner: '', architecture: null, kind: 'data' },
  ])('M43 tells architecture $architecture and kind $kind from $inner', (row) => {
    const { inner, architecture, kind } = row;
    expect(parseWimMetadata(wim(image(1, inner)), 1)).toMatchObject([{ architecture, kind }]);
  });

  it('orders images, decodes entities, counts hard links once', () => {
    const text = wim(
      image(2, '<NAME>B &amp; &#x42;</NAME><HARDLINKBYTES>400</HARDLINKBYTES>') +
        image(1, '<NAME>a</NAME><DISPLAYNAME>Windows 11 Pro</DISPLAYNAME>'),
    );
    expect(parseWimMetadata(text, 2)).toMatchObject([
      { index: 1, name: 'Windows 11 Pro', totalBytes: 1000 },
      { index: 2, name: 'B & B', totalBytes: 600 },
    ]);
  });

  it('keeps a name of digits as it is written', () => {
    expect(parseWimMetadata(wim(image(1, '<NAME>007</NAME>')), 1)[0]?.name).toBe('007');
  });

  it('tells edition, version and languages of Windows, the default language first', () => {
    const inner =
      '<WINDOWS><ARCH>9</ARCH><EDITIONID>Professional</EDITIONID><INSTALLATIONTYPE>Client</INSTALLATIONTYPE>' +
      '<PRODUCTTYPE>WinNT</PRODUCTTYPE><LANGUAGES><LANGUAGE>de-DE</LANGUAGE><LANGUAGE>en-US</LANGUAGE>' +
      '<DEFAULT>en-US</DEFAULT></LANGUAGES><VERSION><MAJOR>10</MAJOR><MINOR>0</MINOR><BUILD>22621</BUILD>' +
      '<SPBUILD>2283</SPBUILD><SPLEVEL>0</SPLEVEL></VERSION></WINDOWS>';
    expect(parseWimMetadata(wim(image(1, inner)), 1)[0]?.windows).toEqual({
      edition: 'Professional',
      installationType: 'Client',
      productType: 'WinNT',
      version: '10.0.22621.2283',
      languages: ['en-US', 'de-DE'],
    });
  });

  it.each([
    { inner: '<WINDOWS><ARCH>9</ARCH></WINDOWS>', version: '', languages: [] },
    {
      inner: '<WINDOWS><VERSION><MAJOR>6</MAJOR><MINOR>3</MINOR></VERSION></WINDOWS>',
      version: '6.3',
      languages: [],
    },
    {
      inner: '<WINDOWS><LANGUAGES><LANGUAGE>ja-JP</LANGUAGE></LANGUAGES></WINDOWS>',
      version: '',
      languages: ['ja-JP'],
    },
  ])('tells no more of Windows than it says: $inner', ({ inner, version, languages }) => {
    expect(parseWimMetadata(wim(image(1, inner)), 1)[0]?.windows).toMatchObject({
      version,
      languages,
      edition: '',
    });
  });

  it('knows nothing of Windows in what is none', () => {
    expect(parseWimMetadata(wim(image(1)), 1)[0]?.windows).toBeNull();
  });

  it('may have no images', () => {
    expect(parseWimMetadata(wim(''), 0)).toEqual([]);
  });

  it.each([
    { name: 'no byte order mark', bytes: Buffer.from('<WIM/>', 'utf16le'), count: 0 },
    { name: 'half a character', bytes: Buffer.concat([wim(''), Buffer.from([0x41])]), count: 0 },
    { name: 'a lone surrogate', bytes: wim('\ud800'), count: 0 },
    { name: 'a document type', bytes: utf16('<!DOCTYPE x [<!ENTITY a "b">]><WIM/>'), count: 0 },
    { name: 'an element that is not closed', bytes: utf16('<WIM><IMAGE INDEX="1">'), count: 1 },
    { name: 'another root', bytes: utf16('<ESD></ESD>'), count: 0 },
    { name: 'fewer images than the header', bytes: wim(image(1)), count: 2 },
    { name: 'one index twice', bytes: wim(image(1) + image(1)), count: 2 },
    { name: 'an index of zero', bytes: wim(image(0)), count: 1 },
    { name: 'an index that is no number', bytes: wim('<IMAGE INDEX="x"></IMAGE>'), count: 1 },
    { name: 'an image without index', bytes: wim('<IMAGE><A>1</A></IMAGE>'), count: 1 },
  ])('is refused with $name', ({ bytes, count }) => {
    expect(() => parseWimMetadata(bytes, count)).toThrow(withCode('wim.xml'));
  });

  it('of any text is a value or a WimError', () => {
    const piece = fc.oneof(
      fc.constantFrom('<WIM>', '</WIM>', '<IMAGE INDEX="1">', '</IMAGE>', '<A/>', '&lt;', '&x;'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parseWimMetadata(utf16(pieces.join('')), 1);
        } catch (error) {
          expect(error).toBeInstanceOf(WimError);
        }
      }),
    );
  });
});
