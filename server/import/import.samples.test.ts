import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { steps as registry } from '#agent/steps/index.ts';
import { importAll, reportImport } from './import-all.ts';
import { readImportFiles } from './import-files.ts';
import { mapSourceStep } from './map-source-step.ts';
import { mappedSteps } from './report/count.ts';
import { ImportReport } from './report/schema.ts';

const samples =
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/samples');

async function reportOf(folder: string): Promise<ImportReport> {
  const files = await readImportFiles([join(samples, folder)]);
  const imported = importAll(files, { registry, mapStep: mapSourceStep });
  return await reportImport(imported, { registry });
}

/** What of a report is not as it should be, in words: an empty list where all is well. */
function faults({ failures, sequences }: ImportReport): string[] {
  return [
    ...failures.map(({ message, code }) => `${message} [${code}]`),
    ...sequences.flatMap(({ from, roundTrip, simulation: { succeeded, failedAt, error } }) => [
      ...(roundTrip.same ? [] : [`${from}: ${roundTrip.message}`]),
      ...(succeeded ? [] : [`${from}: at "${failedAt}": ${error?.message}`]),
    ]),
    ...sequences.flatMap(({ from, nodes }) =>
      nodes
        .filter(({ expressions, mappedExpressions }) => expressions !== mappedExpressions)
        .map(({ name }) => `${from}: the condition of "${name}"`),
    ),
    ...sequences.flatMap(({ from, nodes }) =>
      nodes
        .filter(({ how, reason }) => how !== null && how !== 'typed' && reason === '')
        .map(({ name }) => `${from}: "${name}" has no reason`),
    ),
  ];
}

describe.each([
  ['task-sequences', 157],
  ['exports', 12],
])('M24 the samples in %s', (folder, files) => {
  let report: ImportReport;
  beforeAll(async () => {
    report = await reportOf(folder);
  }, 120_000);

  it('are all read, exported and imported again, and simulated to their end', () => {
    expect(readdirSync(join(samples, folder)).length).toBe(files);
    expect(new Set(report.sequences.map(({ from }) => from.split(':')[0])).size).toBe(files);
    expect(faults(report)).toEqual([]);
  });

  it('have 98 of 100 steps done here, and all conditions', () => {
    const { counts } = report;
    expect(mappedSteps(counts) / counts.steps).toBeGreaterThanOrEqual(0.98);
    expect(counts.mappedExpressions).toBe(counts.expressions);
    expect(counts.steps).toBeGreaterThan(100);
  });

  it('have a report of the form that is told', () => {
    expect(ImportReport.parse(report)).toEqual(report);
  });
});
