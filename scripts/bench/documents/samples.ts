import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { steps as registry } from '#agent/steps/index.ts';
import { type Imported, importAll, reportImport } from '#server/import/import-all.ts';
import { readImportFiles } from '#server/import/import-files.ts';
import { mapSourceStep } from '#server/import/map-source-step.ts';
import { decodeText } from '#server/import/read/decode-text.ts';
import { below, checked, type Figure, told } from '../benchmark.ts';

const folder = join(
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../../shared/samples'),
  'task-sequences',
);
const FILES = 157;
const LIMIT_S = 20;

/** Imports the sample task sequences, beside fast-xml-parser, which only parses the same files. */
export async function benchSamples(): Promise<readonly Figure[]> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) {
    const what = `importing the samples is left out: there are none in ${folder}`;
    return [{ what, value: '', limit: '', ok: undefined }];
  }
  const [imported, importS] = await timed(importSamples);
  const [report, reportS] = await timed(() => reportImport(imported, { registry }));
  const [roots, parseS] = await timed(() => parseSamples(names));
  const files = new Set(imported.sequences.map(({ source }) => source.from.split(':')[0])).size;
  const { steps: all, groups } = report.counts;
  const whole = report.sequences.filter(
    ({ roundTrip, simulation }) => roundTrip.same && simulation.succeeded,
  ).length;
  return [
    below(`import ${names.length} sample task sequences`, importS, LIMIT_S, 's'),
    told('  fast-xml-parser, the same files, parsing alone', parseS, 's'),
    told('  fast-xml-parser / ours', parseS / importS, 'times'),
    told('  export, import again, simulation and report of all', reportS, 's'),
    checked(
      '  what was imported',
      names.length === FILES && files === FILES && imported.failures.length === 0,
      `${files} files, ${imported.sequences.length} sequences, ${groups} groups, ${all} steps, ${imported.failures.length} failures`,
    ),
    checked('  parsed by the peer', roots === names.length, `${roots} of ${names.length} files`),
    checked(
      '  the same after export and import, simulated to the end',
      whole === imported.sequences.length,
      `${whole} of ${imported.sequences.length}`,
    ),
  ];
}

async function importSamples(): Promise<Imported> {
  return importAll(await readImportFiles([folder]), { registry, mapStep: mapSourceStep });
}

/** How many files have a root element. */
async function parseSamples(names: readonly string[]): Promise<number> {
  const parser = new XMLParser({ ignoreAttributes: false, preserveOrder: true });
  let roots = 0;
  for (const name of names) {
    const parsed: unknown = parser.parse(decodeText(await readFile(join(folder, name)), name));
    if (Array.isArray(parsed) && parsed.length > 0) roots += 1;
  }
  return roots;
}

async function timed<Result>(run: () => Promise<Result>): Promise<readonly [Result, number]> {
  const start = performance.now();
  const result = await run();
  return [result, (performance.now() - start) / 1000];
}
