import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../../sequence/testing/any-character.ts';
import { parseDismDrivers } from '../installed-drivers.ts';
import { parseImageInfo } from './image-info.ts';
import { parseDismLog } from './log.ts';
import { parseAddedDrivers, parseDismProblem } from './problem.ts';
import { dismProgress } from './progress.ts';

function bar(text: string): string {
  return `\r[${'='.repeat(20)}${text.padStart(8).padEnd(12)}${' '.repeat(26)}] `;
}

describe('M55 progress of dism', () => {
  it('reads percentages with point, comma, and the sign at either side', () => {
    const read = dismProgress();
    expect(read('Anwenden des Abbilds\r\n')).toBeUndefined();
    expect(read(bar('1.0%'))).toBe(1);
    expect(read(bar('2.5%') + bar('12,5%'))).toBe(12.5);
    expect(read(bar('%34,0'))).toBe(34);
    expect(read(bar('56 %'))).toBe(56);
    expect(read('\r\n[==========================100.0%==========================] \r\n')).toBe(100);
    expect(read('\r\nDer Vorgang wurde erfolgreich beendet.\r\n')).toBeUndefined();
  });

  it('finds the same bars however the output is cut into pieces', () => {
    const percents = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(percents, fc.integer({ min: 1, max: 80 }), (tenths, length) => {
        const output = tenths.map((each) => bar(`${(each / 10).toFixed(1)}%`)).join('');
        const read = dismProgress();
        const seen: (number | undefined)[] = [];
        for (let at = 0; at < output.length; at += length)
          seen.push(read(output.slice(at, at + length)));
        const found = seen.filter((percent) => percent !== undefined);
        if (length < 60) expect(found).toEqual(tenths.map((each) => each / 10));
        else expect(found.at(-1)).toBe((tenths.at(-1) ?? 0) / 10);
      }),
    );
  });

  it('reads long output in bounded time', () => {
    const started = performance.now();
    const read = dismProgress();
    for (const long of ['['.repeat(200_000), `[${'= '.repeat(200_000)}`, '1%'.repeat(200_000)])
      expect(read(long)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('M53 what dism says of a failure', () => {
  it.each([
    ['\r\nError: 87\r\n\r\nThe option is not known here.\r\nTry /?\r\n', 87, /not known here.*Try/],
    ['\nFehler: 0x800f081e\n\nDas Paket passt nicht.\n', 0x800f081e, /passt nicht/],
    ['\nErreur : 2\n\nFichier introuvable.\n', 2, /introuvable/],
    ['\nエラー: 0xc1420127\n\nマウント済みです。\n', 0xc1420127, /マウント/],
    ['\n错误：112\n\n空间不足。\n', 112, /空间/],
  ])('reads %j', (output, code, message) => {
    const problem = parseDismProblem(output);
    expect(problem?.code).toBe(code);
    expect(problem?.message).toMatch(message);
  });

  it('takes no list for a failure', () => {
    expect(parseDismProblem('\nIndex : 1\nName : A\nFiles : 12\n\nOk.\n')).toBeNull();
  });

  it('reads drivers one by one', () => {
    const output = [
      'Es wurden 2 Treiberpakete gefunden.',
      '1 von 2 wird installiert - C:\\d\\Netz werk\\n.inf: Das Treiberpaket wurde installiert.',
      'Installing 2 of 2 - C:\\d\\s.INF: Error 0x800F0247, it was not.',
    ];
    expect(parseAddedDrivers(output.join('\r\n'))).toMatchObject([
      { inf: 'C:\\d\\Netz werk\\n.inf', code: null },
      { inf: 'C:\\d\\s.INF', code: 0x800f0247 },
    ]);
    expect(
      parseAddedDrivers('Installation de 1 sur 3 - W:\\p\\a.inf : Le package est installé.'),
    ).toEqual([{ inf: 'W:\\p\\a.inf', message: 'Le package est installé.', code: null }]);
  });

  it('reads the records of its log', () => {
    const log =
      '2026-01-02 03:04:05, Info                  DISM   DISM.EXE: begin\r\nmore\r\n' +
      '2026-01-02 03:04:06, Error                 DISM   DISM Driver Manager: PID=1 hr:0x80070002\r\n';
    expect(parseDismLog(log)).toEqual([
      { time: '2026-01-02 03:04:05', level: 'Info', source: 'DISM', text: 'DISM.EXE: begin\nmore' },
      {
        time: '2026-01-02 03:04:06',
        level: 'Error',
        source: 'DISM',
        text: 'DISM Driver Manager: PID=1 hr:0x80070002',
      },
    ]);
  });
});

describe('M43 images that dism lists', () => {
  it('reads a German list in quotation marks', () => {
    const output = `
Tool zur Imageverwaltung für die Bereitstellung
Version: 10.0.19041.844

Details für Abbild: "E:\\sources\\install.wim"

Index: "1"
Name: "Haus"
Beschreibung: "Für: zu Hause"
Größe: 14.677.221.120 Bytes

Index: "2"
Name: "Büro"
Beschreibung: "Für das Büro"
Größe: 14.700.000.001 Bytes

Der Vorgang wurde erfolgreich beendet.
`;
    expect(parseImageInfo(output)).toMatchObject([
      { index: 1, name: 'Haus', description: 'Für: zu Hause', sizeBytes: 14_677_221_120 },
      { index: 2, name: 'Büro', sizeBytes: 14_700_000_001, architecture: null, languages: [] },
    ]);
  });

  it('reads the details of one image, in Chinese and French', () => {
    const values = [
      '3',
      'Station',
      '<未定义>',
      '16,509,169,302',
      'No',
      'x64',
      '<未定义>',
      '10.0.26100',
      '1742',
      '0',
      'Professional',
      'Client',
      'WinNT',
      'Terminal Server',
      'WINDOWS',
      '100',
      '200',
      '2026/1/2 - 3:04:05',
      '2026/1/2 - 3:04:05',
    ];
    const list = (colon: string) =>
      `\n${values.map((value, at) => `标签${'甲乙丙丁戊己庚辛壬癸'[at % 10]}${colon}${value}`).join('\n')}\n语言${colon}\n\tzh-CN (默认值)\n\ten-US\n\n完成。\n`;
    for (const colon of ['：', ' : ', ': '])
      expect(parseImageInfo(list(colon))).toEqual([
        {
          index: 3,
          name: 'Station',
          description: null,
          sizeBytes: 16_509_169_302,
          architecture: 'x64',
          version: '10.0.26100.1742',
          edition: 'Professional',
          installation: 'Client',
          languages: ['zh-CN', 'en-US'],
        },
      ]);
  });

  it('refuses what is no list, with a code', () => {
    for (const output of ['', 'Error: 2\n', 'Version: 10.0\n'])
      expect(() => parseImageInfo(output)).toThrow(
        expect.objectContaining({ code: 'dism.output' }),
      );
  });

  it('reads any text to a value or an error with a code', () => {
    const line = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom(
        'Index : 1',
        'a : b',
        'x.inf : y.inf',
        'V : 10.0.26100',
        '',
        'L :',
        '\ten-US',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const output = lines.join('\n');
        parseDismProblem(output);
        parseAddedDrivers(output);
        parseDismLog(output);
        for (const read of [parseImageInfo, parseDismDrivers])
          try {
            read(output);
          } catch (error) {
            expect(error).toMatchObject({ code: 'dism.output' });
          }
      }),
    );
  });
});
