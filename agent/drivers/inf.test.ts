import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../sequence/testing/any-character.ts';
import { DriverFacts, driverFacts } from './driver-facts.ts';
import { parseInf } from './inf.ts';
import { InfError } from './inf-error.ts';
import { parseLine, scanLine } from './inf-line.ts';
import { decodeInf } from './inf-text.ts';
import { infText } from './testing/made-drivers.ts';

const MODELS = String.raw`[Manufacturer]
%Maker% = Models, NTamd64, NTamd64.10.0...16299, ntarm64 ; three
[Models.ntamd64]
%Card% = Old, PCI\VEN_1234&DEV_0001
[MODELS.NTamd64.10.0...16299] ; the newer
%Card% = Install,\
  PCI\VEN_1234&DEV_0001&SUBSYS_00010002, \ ; goes on
  pci\ven_1234&dev_0001
"Unknown %other% 100%%" = Install,, PCI\CC_0200
[Install.ntamd64]
FeatureScore = 0x80
ExcludeID = PCI\VEN_1234&DEV_0001&SUBSYS_DEAD0001
[Install]
FeatureScore = 1
[Install.ntamd64.Services]
AddService = card, 2, Service
AddService = , 2
[Service]
StartType = %BOOT%
[Install.ntamd64.Components]
AddComponent = App,,Component
[Component]
ComponentIDs = VID1234&App
[Strings]
Card = "Card of ""Maker"" ; really"
BOOT = 0
[Strings.0407]
Card = Karte
`;

/** Lines of INF files, for making up others. */
const FRAGMENTS = String.raw`[Version]
Signature="$Windows NT$"
[Manufacturer]
a=M,NTamd64...1
%x%
[M.NTamd64...1]
d=I,PCI\X,\
[I.Services]
AddService=s,,I
[Strings]
x="%x%%x%"
[
]
=
,
"
%
;
`.split('\n');

function encode(text: string, encoding: 'utf8' | 'utf16le' | 'utf16be'): Uint8Array {
  if (encoding === 'utf8') return Buffer.from(`\ufeff${text}`, 'utf8');
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf16le' ? little : little.swap16();
}

describe('INF files', () => {
  it.each(['utf8', 'utf16le', 'utf16be'] as const)('are read in %s', (encoding) => {
    const inf = parseInf(encode(infText(MODELS), encoding));
    expect(inf).toMatchObject({
      className: 'Net',
      classGuid: '{4d36e972-e325-11ce-bfc1-08002be10318}',
      provider: 'Maker & Sons',
      driverVersion: { date: '2024-02-03', version: '1.2.3.4' },
      catalogs: ['made.cat'],
      extensionId: null,
    });
    expect(inf.choices.map(({ target, models }) => [target?.build ?? null, models.length])).toEqual(
      [
        [null, 1],
        [16299, 2],
        [null, 0],
      ],
    );
    expect(inf.choices[1]?.models).toEqual([
      {
        description: 'Card of "Maker" ; really',
        installSection: 'Install',
        hardwareId: 'PCI\\VEN_1234&DEV_0001&SUBSYS_00010002',
        compatibleIds: ['PCI\\VEN_1234&DEV_0001'],
      },
      {
        description: 'Unknown %other% 100%',
        installSection: 'Install',
        hardwareId: '',
        compatibleIds: ['PCI\\CC_0200'],
      },
    ]);
  });

  it('tell what an install section brings, of the decoration that fits the processor', () => {
    const facts = driverFacts(parseInf(encode(infText(MODELS), 'utf8')), 'a/b.inf');
    expect(facts.installs[1]).toEqual({
      services: [{ name: 'card', startType: 0 }],
      excludeIds: ['PCI\\VEN_1234&DEV_0001&SUBSYS_DEAD0001'],
      featureScore: 0x80,
      components: ['SWC\\VID1234&APP'],
      needs: [],
    });
    expect(DriverFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
  });

  it('without a byte order mark are UTF-16 by their zeros, else in the code page of their languages', () => {
    const text = infText('[Strings.0411]\r\n');
    expect(decodeInf(Buffer.from(text, 'utf16le'))).toBe(text);
    expect(decodeInf(Buffer.from(text, 'utf16le').swap16())).toBe(text);
    const japanese = Buffer.concat([Buffer.from(text), Buffer.from([0x83, 0x65, 0x83, 0x58])]);
    expect(decodeInf(japanese)).toBe(`${text}テス`);
    expect(decodeInf(Buffer.from([0x4d, 0xae]))).toBe('M®');
    expect(decodeInf(Buffer.from('Größe', 'utf8'))).toBe('Größe');
  });

  it('that are none are refused, with the line', () => {
    const read = (text: string) => () => parseInf(Buffer.from(text));
    expect(read('[autorun]\nopen=setup.exe\n')).toThrow(
      expect.objectContaining({ code: 'inf.version', line: null }),
    );
    expect(read('\n[Version]\nSignature = "$Amiga$"\n')).toThrow(
      expect.objectContaining({ code: 'inf.version', line: 3 }),
    );
    expect(read(`[Version]\n${'x'.repeat(40_000)}\n`)).toThrow(
      expect.objectContaining({ code: 'inf.limit', line: 2 }),
    );
    expect(() => parseInf(new Uint8Array(17 * 1024 * 1024))).toThrow(
      expect.objectContaining({ code: 'inf.size' }),
    );
  });

  it.each([
    { line: 'a = b ; c', text: 'a = b', goesOn: false },
    { line: '"a ; b" ; c', text: '"a ; b"', goesOn: false },
    { line: 'a, b \\  ; more', text: 'a, b ', goesOn: true },
    { line: '"C:\\', text: '"C:\\"', goesOn: false },
  ])('scans $line', ({ line, text, goesOn }) => {
    expect(scanLine(line)).toEqual({ text, goesOn });
  });

  it.each([
    { text: 'HKR,, "a=b, c",  , d', key: null, values: ['HKR', '', 'a=b, c', '', 'd'] },
    { text: '" k " =  " v " x ', key: ' k ', values: [' v  x'] },
    { text: 'k = a = b', key: 'k', values: ['a = b'] },
    { text: 'k =', key: 'k', values: [''] },
  ])('parts $text', ({ text, key, values }) => {
    expect(parseLine(text, 1)).toEqual({ key, values, line: 1 });
  });

  it('are read from any bytes to a value or an error with a code', () => {
    const piece = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 40 }),
      fc.constantFrom(...FRAGMENTS),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('\n'));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      text.map((each) => encode(`[Version]\nSignature="$Windows NT$"\n${each}`, 'utf8')),
      text.map((each) => encode(each, 'utf16le')),
    );
    fc.assert(
      fc.property(bytes, (each) => {
        try {
          DriverFacts.parse(driverFacts(parseInf(each), 'x.inf'));
        } catch (error) {
          expect(error).toBeInstanceOf(InfError);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are read in bounded time, whatever their tokens and continuations', () => {
    const started = performance.now();
    const tokens = `[Strings]\nx="${'y'.repeat(30_000)}"\n[Manufacturer]\n${`${'%x%'.repeat(5000)}=A\n`.repeat(50)}`;
    for (const each of ['\\\n'.repeat(300_000), `${'"'.repeat(30_000)}\n`.repeat(100)])
      expect(() => parseInf(Buffer.from(each))).toThrow(InfError);
    expect(() => parseInf(Buffer.from(infText(tokens)))).toThrow(/too long, line \d+/);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
