import type { ImportedSequence } from '../imported-sequence.ts';
import type { ImportReference } from '../map-step.ts';
import { countSequence, sumCounts } from './count.ts';
import type {
  ImportFailure,
  ImportReport,
  NodeReport,
  ReferenceReport,
  SequenceReport,
} from './schema.ts';

/** What was tried with a sequence after it was imported. */
export type Trials = Pick<SequenceReport, 'roundTrip' | 'simulation'>;

/** What this import has itself, by its id in lower case. */
export interface ImportedObjects {
  readonly sequences: ReadonlySet<string>;
  /** The folders with the files of packages and images; empty where an export has none with it. */
  readonly content: ReadonlyMap<string, string>;
}

/** The report of one sequence. */
export function sequenceReport(
  imported: ImportedSequence,
  trials: Trials,
  here: ImportedObjects,
): SequenceReport {
  const { source, name, nodes, needs } = imported;
  const scripts = nodes.filter(({ findings }) =>
    findings.some(({ kind }) => kind === 'ts-environment'),
  );
  return {
    name,
    from: source.from,
    format: source.format,
    sourceId: source.id ?? null,
    properties: { ...source.properties },
    counts: countSequence(imported),
    nodes: nodes.map(nodeReport),
    references: referenceReports(imported, here),
    needs: [...needs],
    tsEnvironment: scripts.map(({ path, name }) => ({ path, name })),
    ...trials,
  };
}

function nodeReport(node: ImportedSequence['nodes'][number]): NodeReport {
  const { references: _references, findings: _findings, how, reason, ...told } = node;
  return {
    ...told,
    how: how ?? null,
    reason: reason ?? '',
    became: [...node.became],
    needs: [...node.needs],
  };
}

/** Each object once, with the steps that use it; what only the list of references names is used by none. */
function referenceReports(
  { source, nodes, references }: ImportedSequence,
  here: ImportedObjects,
): ReferenceReport[] {
  const found = new Map<string, ReferenceReport & { usedBy: string[] }>();
  const add = (reference: ImportReference, usedBy: string | undefined): void => {
    const { sourceId, kind } = reference;
    const key = `${kind} ${sourceId.toLowerCase()}`;
    const id = sourceId.toLowerCase();
    const isHere = kind === 'sequence' && here.sequences.has(id);
    const contentFolder = here.content.get(id) ?? '';
    const known = found.get(key) ?? { ...reference, isHere, contentFolder, usedBy: [] };
    if (usedBy !== undefined && !known.usedBy.includes(usedBy)) known.usedBy.push(usedBy);
    found.set(key, known);
  };
  for (const reference of references) add(reference, undefined);
  for (const node of nodes) for (const reference of node.references) add(reference, node.name);
  const known = new Set([...found.values()].map(({ sourceId }) => sourceId.toLowerCase()));
  for (const sourceId of source.references)
    if (!known.has(sourceId.toLowerCase()) && !/^0*$/.test(sourceId)) {
      const kind = sourceId.startsWith('ScopeId_') ? 'application' : 'package';
      add({ sourceId, kind, name: sourceId, isNamed: false }, undefined);
    }
  return [...found.values()];
}

/** The report of a whole import. */
export function importReport(
  sequences: readonly SequenceReport[],
  {
    failures,
    skipped,
  }: { readonly failures: readonly ImportFailure[]; readonly skipped: readonly string[] },
): ImportReport {
  return {
    format: 'metalwright-import-report',
    version: 1,
    counts: {
      ...sumCounts(sequences.map(({ counts }) => counts)),
      sequences: sequences.length,
      roundTrips: sequences.filter(({ roundTrip }) => roundTrip.same).length,
      simulated: sequences.filter(({ simulation }) => simulation.succeeded).length,
      failures: failures.length,
    },
    sequences: [...sequences],
    failures: [...failures],
    skipped: [...skipped],
  };
}
