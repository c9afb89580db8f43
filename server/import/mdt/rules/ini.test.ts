import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../../import-error.ts';
import { parseIni, readIni } from './ini.ts';
import { makeRules } from './make-rules.ts';

const values = (text: string, section: string): Record<string, string> =>
  Object.fromEntries(
    [...(parseIni(text).sections.get(section)?.entries ?? [])].map(([key, { value }]) => [
      key,
      value,
    ]),
  );

describe('M24 a rules file of MDT', () => {
  it('has the first of two sections and keys, and nothing in a value is a comment', () => {
    const text = [
      '[Default]',
      "; a comment, ' another, #third",
      '// and this = too',
      ' Name = a = b ; c ',
      'NAME=second',
      'nothing',
      '[Other',
      'Lost=1',
      '[default]',
      'Late=1',
    ].join('\r\n');
    expect(values(text, 'default')).toEqual({ name: 'a = b ; c' });
    expect(parseIni(text).notes).toEqual([
      { line: 5, message: 'NAME stands in [Default] before; this one is not read' },
      { line: 6, message: '"nothing" sets nothing' },
      { line: 7, message: '"[Other" is no header of a section' },
      { line: 9, message: 'there is a section [default] before; this one is not read' },
    ]);
  });

  it.each([
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-8 with a mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without a mark', (text: string) => Buffer.from(text, 'utf16le')],
    [
      'UTF-16, the high byte first',
      (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    ],
    ['code page 1252', (text: string) => Buffer.from(text, 'latin1')],
  ])('is read as %s', (_, encode) => {
    const { sections } = readIni(encode('[Default]\nOrgName=Müller\n'), 'x.ini');
    expect(sections.get('default')?.entries.get('orgname')?.value).toBe('Müller');
  });

  it('tells nothing of a value that may be a secret', () => {
    const { notes } = parseIni('[A]\nPassword=1\nPassword=hidden\n[A]\n[x=hidden');
    expect(JSON.stringify(notes)).not.toContain('hidden');
  });

  it('of any bytes is read or refused, in bounded time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        try {
          makeRules(readIni(bytes, 'x.ini'), { from: 'x.ini' });
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
        }
      }),
    );
    const started = performance.now();
    expect(() => readIni(new Uint8Array(9 * 1024 * 1024), 'x.ini')).toThrow(ImportError);
    expect(() => parseIni('\n'.repeat(300_000))).toThrow('more than 200000 lines');
    makeRules(
      parseIni(`[Settings]\nPriority=${'a,'.repeat(500_000)}\n${'[x]\n'.repeat(100_000)}`),
      {
        from: 'x.ini',
      },
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
