import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { steps as registry } from '#agent/steps/index.ts';
import { reportImport } from './import-all.ts';
import { formatImportPage } from './report/page.ts';
import { ImportReport } from './report/schema.ts';
import { formatImportReport } from './report/text.ts';
import { configMgrEverything, mdtEverything } from './testing/everything.ts';
import { importTexts } from './testing/import-texts.ts';

/** Values of variables and attributes that nobody expects. */
const odd = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.constantFrom('', ' ', '-1', '99999999999999999999', '%Gone%', '%', 'true', '\\\\', '"', "'"),
  fc.constantFrom('{', '0x10', 'NaN', '__proto__', 'constructor', '../../x', '\u202e', '1,2,3'),
);
const escaped = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- what XML has not
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');

/** A text with some of its values replaced, elements doubled or taken out, or bytes changed. */
const mutated = fc
  .record({
    base: fc.constantFrom(configMgrEverything, mdtEverything),
    changes: fc.array(
      fc.record({
        kind: fc.constantFrom('value', 'attribute', 'double', 'drop', 'type', 'cut'),
        at: fc.nat(10_000),
        value: odd,
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ base, changes }) => changes.reduce((text, change) => mutate(text, change), base));

function mutate(
  text: string,
  { kind, at, value }: { readonly kind: string; readonly at: number; readonly value: string },
): string {
  const patterns: Readonly<Record<string, RegExp>> = {
    value: />([^<]*)<\/variable>/g,
    attribute: /="([^"]*)"/g,
    double: /<variable [^>]*>[^<]*<\/variable>/g,
    drop: /<variable [^>]*>[^<]*<\/variable>|<action>[^<]*<\/action>|<expression[^]*?<\/expression>/g,
    type: / type="([^"]*)"/g,
    cut: /[<>]/g,
  };
  const found = [...text.matchAll(patterns[kind] ?? /./g)];
  const match = found[at % Math.max(1, found.length)];
  if (match === undefined) return text;
  const [whole, inner = ''] = match;
  const put =
    kind === 'double'
      ? whole + whole
      : kind === 'drop' || kind === 'cut'
        ? ''
        : whole.replace(inner === '' ? /(?<=[>"])(?=[<"])/ : inner, () => escaped(value));
  return text.slice(0, match.index) + put + text.slice(match.index + whole.length);
}

describe('M24 a task sequence of whatever kind', () => {
  it('gives a report and documents that can be read, or says what is wrong with the file', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        const imported = await importTexts({ 'Lab.xml': text });
        const { sequences, failures } = imported;
        expect(sequences.length + failures.length).toBe(1);
        for (const { code } of failures) expect(code).toMatch(/^import\./);
        for (const { document } of sequences) parseTaskSequence(document, registry);
        const report = await reportImport(imported, { registry });
        expect(ImportReport.parse(report)).toEqual(report);
        for (const { roundTrip } of report.sequences) expect(roundTrip.message).toBe('');
        expect(formatImportReport(report, { verbose: true })).toContain('Sequences');
        expect(formatImportPage(report)).toContain('</html>');
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
