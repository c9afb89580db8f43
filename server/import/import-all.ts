import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import type { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { ImportError } from './import-error.ts';
import type { NodeImport } from './import-nodes.ts';
import { importSequence } from './import-sequence.ts';
import type { ImportedSequence } from './imported-sequence.ts';
import type { ReadSources, SourceObject } from './read/read-sources.ts';
import { importReport, sequenceReport } from './report/build.ts';
import type { ImportFailure, ImportReport, SequenceReport } from './report/schema.ts';
import type { ShareReport } from './report/share-schema.ts';
import { openRoundTrips } from './round-trip/round-trips.ts';
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
  /** Packages and images that exports have with them. */
  readonly objects: readonly SourceObject[];
}

/** Makes documents of all sequences that were read. They refer to each other by the names they have here. */
export function importAll(
  { read, failures, skipped }: ReadFiles,
  options: ImportOptions,
): Imported {
  const { given = new Map<string, string>() } = options;
  const sources = read.flatMap(({ sequences, names, share, needs }) =>
    // What is said of a file as a whole is told with its first sequence.
    sequences.map((source, index) => ({ source, names, share, needs: index === 0 ? needs : [] })),
  );
  const unique = uniqueSequenceNames(sources.map(({ source }) => source));
  const bySequence = new Map<string, string>();
  for (const [index, { source }] of sources.entries()) {
    const key = source.id?.toLowerCase();
    if (key !== undefined && !bySequence.has(key)) bySequence.set(key, unique[index] ?? '');
  }
  const sequences: ImportedSequence[] = [];
  const failed: ImportFailure[] = [...failures];
  for (const [index, { source, names: fromFile, share, needs }] of sources.entries()) {
    const names = new Map([...fromFile, ...bySequence, ...given]);
    try {
      const how = { ...options, names, share, name: unique[index] ?? '' };
      const imported = importSequence(source, how);
      sequences.push({ ...imported, needs: [...imported.needs, ...needs] });
    } catch (error) {
      failed.push(importFailure(error, source.from));
    }
  }
  return { sequences, failures: failed, skipped, objects: read.flatMap(({ objects }) => objects) };
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
  { sequences, failures, skipped, objects }: Imported,
  {
    registry,
    device,
    share,
  }: {
    readonly registry: StepRegistry;
    readonly device?: SimulatedDevice | undefined;
    /** The deployment share that they are from. */
    readonly share?: ShareReport | undefined;
  },
): Promise<ImportReport> {
  const here = {
    sequences: new Set(sequences.flatMap(({ source }) => idsOf(source))),
    content: new Map(
      objects.map(({ id, contentFolder = '' }) => [id.toLowerCase(), contentFolder]),
    ),
  };
  await using trips = openRoundTrips(sequences.length);
  const roundTrips = sequences.map((imported) => trips.try(imported));
  const reports: SequenceReport[] = [];
  for (const [index, imported] of sequences.entries()) {
    const simulation = await simulateImported(imported, { all: sequences, registry, device });
    const roundTrip = (await roundTrips[index]) ?? { same: false, message: 'it was not tried' };
    reports.push(sequenceReport(imported, { roundTrip, simulation }, here));
  }
  const report = importReport(reports, { failures, skipped });
  return share === undefined ? report : { ...report, share };
}

function idsOf({ id }: SourceSequence): string[] {
  return id === undefined ? [] : [id.toLowerCase()];
}
