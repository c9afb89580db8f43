import { describe, expect, it } from 'vitest';
import { steps as registry } from '#agent/steps/index.ts';
import { reportImport } from '../import-all.ts';
import { configMgrEverything, mdtEverything } from '../testing/everything.ts';
import { importTexts } from '../testing/import-texts.ts';
import { percent } from './count.ts';
import { formatImportPage } from './page.ts';
import { ImportReport } from './schema.ts';
import { formatImportReport } from './text.ts';

async function reportOf(texts: Readonly<Record<string, string>>): Promise<ImportReport> {
  return await reportImport(await importTexts(texts), { registry });
}

const everything = {
  'Lab office.xml': configMgrEverything,
  'Control/LAB/ts.xml': mdtEverything,
  'Broken.xml': '<sequence version="3.10">\n<group>',
};

describe('M24 the report of an import', () => {
  it.each([
    ['report.txt', { verbose: false }],
    ['report-verbose.txt', { verbose: true }],
  ])('is as text what testdata/%s has', async (file, options) => {
    const report = await reportOf(everything);
    await expect(formatImportReport(report, options)).toMatchFileSnapshot(`testdata/${file}`);
  });

  it('has the form that its schema tells, and no secret', async () => {
    const report = await reportOf(everything);
    expect(ImportReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    for (const text of [
      JSON.stringify(report),
      formatImportReport(report, { verbose: true }),
      formatImportPage(report),
    ])
      expect(text).not.toContain('Winter1');
  });

  it('counts no more than there is', () => {
    expect(percent(0, 0)).toBe('100 %');
    expect(percent(999, 1000)).toBe('99.9 %');
    expect(percent(99_999, 100_000)).toBe('99.9 %');
    expect(percent(7, 7)).toBe('100 %');
  });
});

describe('M24 the page of an import', () => {
  it('names every group and step, and all that needs a person', async () => {
    const report = await reportOf(everything);
    const page = formatImportPage(report);
    for (const { nodes } of report.sequences)
      for (const { name } of nodes) expect(page).toContain(`>${name}</td>`);
    for (const text of [
      'What needs a person',
      'Secrets to enter',
      'Objects to bring',
      '[import.xml]',
    ])
      expect(page).toContain(text.replace('[import.xml]', '<code>import.xml</code>'));
  });

  it('runs nothing, asks nobody, and is not broken by what names say', async () => {
    const evil = `</td><script>alert("1")</script><img src='x' onerror=alert(2)>&lt;`;
    const attribute = evil
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;');
    const report = await reportOf({
      'evil<b>.xml': `<sequence version="3.00" name="${attribute}"><group name="${attribute}"><step type="${attribute}" name="${attribute}"><action>${attribute}</action></step></group></sequence>`,
      '<i>broken.xml': '<sequence',
    });
    const page = formatImportPage(report);
    expect(page).not.toMatch(/<(?:script|img|link|iframe|object)\b|<i>broken|evil<b>/);
    expect(page).not.toMatch(/(?:src|href)=["']/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('&lt;/td&gt;&lt;script&gt;');
  });
});
