import { steps as registry } from '#agent/steps/index.ts';
import { type Imported, importAll, importFailure } from '../import-all.ts';
import type { ImportedSequence } from '../imported-sequence.ts';
import { mapSourceStep } from '../map-source-step.ts';
import { type ReadSources, readSources } from '../read/read-sources.ts';
import type { ImportFailure } from '../report/schema.ts';

/** Imports texts as if they were files of those names. */
export async function importTexts(
  texts: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  const read: ReadSources[] = [];
  const failures: ImportFailure[] = [];
  for (const [name, text] of Object.entries(texts))
    try {
      read.push(await readSources({ name, bytes: new TextEncoder().encode(text) }));
    } catch (error) {
      failures.push(importFailure(error, name));
    }
  return importAll(
    { read, failures, skipped: [] },
    { registry, mapStep: mapSourceStep, given: new Map(Object.entries(given)) },
  );
}

/** The one sequence of a text of Configuration Manager; `inner` is what stands in its `<sequence>`. */
export async function importConfigMgr(inner: string): Promise<ImportedSequence> {
  return theOne(await importTexts({ 'Lab.xml': `<sequence version="3.10">${inner}</sequence>` }));
}

/** The one sequence of a text of MDT. */
export async function importMdt(inner: string): Promise<ImportedSequence> {
  const text = `<?xml version="1.0"?><sequence version="3.00" name="Lab" description="">${inner}</sequence>`;
  return theOne(await importTexts({ 'ts.xml': text }));
}

function theOne({ sequences, failures }: Imported): ImportedSequence {
  const [first] = sequences;
  if (first === undefined) throw new Error(failures[0]?.message ?? 'nothing was read');
  return first;
}
