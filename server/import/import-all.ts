import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import type { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { ImportError } from './import-error.ts';
import type { NodeImport } from './import-nodes.ts';
import { importSequence } from './import-sequence.ts';
import type { ImportedSequence } from './imported-sequence.ts';
import type { ReadSources } from './read/read-sources.ts';
import { importReport, sequenceReport } from './report/build.ts';
import type { ImportFailure, ImportReport, SequenceReport } from './report/schema.ts';
import { tryRoundTrip } from './round-trip.ts';
import { simulateImported } from './simulate-imported.ts';
import type { SourceSequence } from './source-sequence.ts';
import { uniqueSequenceNames } from './unique-names.ts';

/** What was read of files, and what of them could not be. */
export interface ReadFiles {
  readonly read: readonly ReadSources[];
  readonly failures: readonly ImportFailure[];
  /** Files of a folder that are no task sequences. */
  readonly skipped: readonly string[];
}

export interface ImportOptions extends Pick<NodeImport, 'mapStep'> {
  readonly registry: StepRegistry;
  /** Names that somebody gave objects of the other site, by their id, lower case. They win. */
  readonly given?: ReadonlyMap<string, string>;
}

/** Sequences as documents, and what could not be made one. */
export interface Imported {
  readonly sequences: readonly ImportedSequence[];
  readonly failures: readonly ImportFailure[];
  readonly skipped: readonly string[];
}

/** Makes documents of all sequences that were read. They refer to each other by the names they have here. */
export function importAll(
  { read, failures, skipped }: ReadFiles,
  options: ImportOptions,
): Imported {
  const { given = new Map<string, string>() } = options;
  const sources = read.flatMap(({ sequences, names, share }) =>
    sequences.map((source) => ({ source, names, share })),
  );
  const unique = uniqueSequenceNames(sources.map(({ source }) => source));
  const bySequence = new Map<string, string>();
  for (const [index, { source }] of sources.entries()) {
    const key = source.id?.toLowerCase();
    if (key !== undefined && !bySequence.has(key)) bySequence.set(key, unique[index] ?? '');
  }
  const sequences: ImportedSequence[] = [];
  const failed: ImportFailure[] = [...failures];
  for (const [index, { source, names: fromFile, share }] of sources.entries()) {
    const names = new Map([...fromFile, ...bySequence, ...given]);
    try {
      sequences.push(
        importSequence(source, { ...options, names, share, name: unique[index] ?? '' }),
      );
    } catch (error) {
      failed.push(importFailure(error, source.from));
    }
  }
  return { sequences, failures: failed, skipped };
}

/** What went wrong with a file as a value. Anything but an `ImportError` is thrown on. */
export function importFailure(error: unknown, from: string): ImportFailure {
  if (!(error instanceof ImportError)) throw error;
  const { code, message, hint, position } = error;
  return {
    from,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position }),
  };
}

/**
 * Tries each sequence, exported and imported again and simulated to its end, and reports on all of them.
 * @param device instead of those made up for each
 */
export async function reportImport(
  { sequences, failures, skipped }: Imported,
  {
    registry,
    device,
  }: { readonly registry: StepRegistry; readonly device?: SimulatedDevice | undefined },
): Promise<ImportReport> {
  const here = new Set(sequences.flatMap(({ source }) => idsOf(source)));
  const reports: SequenceReport[] = [];
  for (const imported of sequences) {
    const roundTrip = tryRoundTrip(imported);
    const simulation = await simulateImported(imported, { all: sequences, registry, device });
    reports.push(sequenceReport(imported, { roundTrip, simulation }, here));
  }
  return importReport(reports, { failures, skipped });
}

function idsOf({ id }: SourceSequence): string[] {
  return id === undefined ? [] : [id.toLowerCase()];
}
