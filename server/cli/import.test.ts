import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { share, writeShare } from '../import/mdt/testing/share-fixture.ts';
import { ImportReport } from '../import/report/schema.ts';
import { runHere } from './testing/run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await writeShare(share);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]) {
  return runHere(['import', 'mdt', ...argv]);
}

describe('M24 import mdt', () => {
  it('says what a deployment share has, what it would bring, and what is missing', async () => {
    const { code, out, err } = await run(folder, '--report');
    expect(code).toBe(1);
    expect(err).toContain('Control\\LOST\\ts.xml: is not in the share');
    for (const part of [
      '1 task sequence read, 1 file could not be read',
      '(Lab, \\\\mdt\\lab$)',
      '2 operating systems, 3 applications',
      'Rules: bootstrap.ini (2 sections, 2 values), customsettings.ini (2 sections, 4 values)',
      'Reader: .\\Applications\\Reader; 57 B; setup.exe /quiet; after Runtime',
      'Lab\\Book 7: 2 drivers, 1 of them not there',
      'the files of the application Runtime: .\\Applications\\Runtime',
      'Install-Reader.ps1: install reader.): Microsoft.SMS.TSEnvironment',
      'application "Reader"',
    ])
      expect(out.replaceAll(/\s+/g, ' ')).toContain(part);
    expect(out).not.toContain('hidden1');
  });

  it('has the same as JSON and in the page, and no secret', async () => {
    const { out } = await run(folder, '--report', '--json');
    const report = ImportReport.parse(JSON.parse(out));
    expect(report.share).toMatchObject({ uncPath: '\\\\mdt\\lab$', drivers: 2 });
    expect(out).not.toContain('hidden1');
  });

  it('writes the documents, by the names of the share', async () => {
    const target = join(folder, 'out');
    await run(folder, '--output', target);
    expect(await readdir(target)).toContain('Lab 10, new.yaml');
    const page = await readFile(join(target, 'import-report.html'), 'utf8');
    expect(page).toContain('<h2>Deployment share</h2>');
    expect(page).not.toContain('hidden1');
  });

  it('refuses a folder that is no share', async () => {
    const { code, err } = await run(join(folder, 'Control'), '--report');
    expect([code, err]).toEqual([1, expect.stringContaining('[mdt.no-share]')]);
  });
});
