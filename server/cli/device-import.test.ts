import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, parseCsv } from './csv.ts';
import { parseDeviceFile } from './device-import.ts';

const guid = '55555555-5555-5555-5555-555555555555';
const read = (text: string, options: { headings?: boolean; columns?: string } = {}) =>
  parseDeviceFile(text, { where: 'pcs.csv', headings: false, ...options });

describe('M54 a file of devices', () => {
  it('is read as Configuration Manager writes it: name, SMBIOS GUID, MAC', () => {
    const text = `\uFEFFName,GUID,MAC\r\nPC01,{${guid}},05:06:07:08:09:0A\r\n"PC02",,00-11-22-33-44-55\r\n\r\n`;
    expect(read(text, { headings: true })).toMatchObject([
      { line: 2, device: { name: 'PC01', smbiosGuid: guid, macAddresses: ['05:06:07:08:09:0A'] } },
      { line: 3, device: { name: 'PC02', macAddresses: ['00-11-22-33-44-55'] } },
    ]);
    expect(read('PC01,,0001.0203.0405')).toMatchObject([{ line: 1, device: { name: 'PC01' } }]);
  });

  it('has columns in any order, with variables, collections and what says nothing', () => {
    const text = 'x;7HK4W93;PC03;"Berlin; Mitte";Bench|Office;b07b250000aa b07b250000ab;geheim\n';
    const columns = 'ignore,serial,name,variable:Site,collection,mac,secret:JoinPassword';
    expect(read(text, { columns })).toEqual([
      {
        line: 1,
        device: {
          serialNumber: '7HK4W93',
          name: 'PC03',
          macAddresses: ['b07b250000aa', 'b07b250000ab'],
          collections: ['Bench', 'Office'],
          variables: [
            { name: 'Site', value: 'Berlin; Mitte' },
            { name: 'JoinPassword', value: 'geheim', secret: true },
          ],
        },
      },
    ]);
  });

  it('is mapped by its headings, as makers and people write them', () => {
    const text =
      'Computer Name\tService Tag\tAsset-Tag\tMAC address\tvariable:Site\tComment\nPC1\tABC\tA-1\t05 06 07 08 09 0a\tB\t"two\nlines"\n';
    expect(read(text, { headings: true })).toMatchObject([
      {
        line: 2,
        device: {
          name: 'PC1',
          serialNumber: 'ABC',
          assetTag: 'A-1',
          macAddresses: ['05 06 07 08 09 0a'],
          notes: 'two\nlines',
        },
      },
    ]);
  });

  it.each([
    { text: 'Name,Colour\nPC1,red\n', options: { headings: true }, message: /heading "Colour"/ },
    { text: 'PC1,x\n', options: { columns: 'name,colour' }, message: /no column "colour"/ },
    { text: 'PC1,,,\nPC2,,,more\n', options: {}, message: /more cells/ },
    { text: 'PC1,"x\n', options: {}, message: /never closed/ },
    { text: '\n \n', options: {}, message: /no rows/ },
  ])('refuses $text with the place', ({ text, options, message }) => {
    expect(() => read(text, options)).toThrow(
      expect.objectContaining({ code: 'cli.usage', message: expect.stringMatching(message) }),
    );
  });

  it('gives back every cell that was written, with the line it began on', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', ' ', 'é') });
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
        (rows) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const text = rows.map((row) => row.map(quoted).join(',')).join('\r\n');
          const wanted = rows.map((row) => row.map((each) => each.trim()));
          expect(parseCsv(text, 'x').map(({ cells }) => cells)).toEqual(
            wanted.filter((row) => row.some((each) => each !== '')),
          );
        },
      ),
    );
  });

  it('is read in the encodings of Windows', () => {
    expect(decodeText(Buffer.from('\uFEFFMünchen', 'utf16le'))).toBe('München');
    expect(decodeText(Buffer.from('M\u00fcnchen', 'latin1'))).toBe('München');
    expect(decodeText(Buffer.from('München', 'utf8'))).toBe('München');
  });
});
