import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { type ChildSource, expandChildren } from '#agent/sequence/expand-children.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import type { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { deviceFacts } from '#agent/simulated-machine/device-machine.ts';
import type { SimulationReport } from '#agent/simulated-machine/report.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import type { ImportedSequence } from './imported-sequence.ts';
import type { SimulationResult } from './report/schema.ts';
import { sampleDevices } from './sample-devices.ts';

/**
 * Simulates an imported sequence to its end. Children are those of the same import, and one that is not
 * among them is taken for an empty one. Of several machines the first counts on which the run succeeds;
 * where it does on none, the likeliest.
 * @param device instead of those made up for it
 */
export async function simulateImported(
  imported: ImportedSequence,
  {
    all,
    registry,
    device,
  }: {
    readonly all: readonly ImportedSequence[];
    readonly registry: StepRegistry;
    readonly device?: SimulatedDevice | undefined;
  },
): Promise<SimulationResult> {
  const notes: string[] = [];
  let sequence: TaskSequence;
  try {
    sequence = expanded(imported, all, { registry, notes });
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    return failed(error);
  }
  const devices = device === undefined ? sampleDevices(sequence, imported.source.format) : [device];
  const results: SimulationResult[] = [];
  for (const one of devices) {
    const result = await simulateOn(one, { sequence, registry, notes });
    if (result.succeeded) return { ...result, notes: [...result.notes, ...elsewhere(results)] };
    results.push(result);
  }
  const [likeliest] = results;
  if (likeliest === undefined) throw new Error('there is no machine to simulate on');
  return likeliest;
}

/** Variables that scripts would have set are unknown here: where one keeps a step from running, it is taken for 1. */
async function simulateOn(
  device: SimulatedDevice,
  {
    sequence,
    registry,
    notes,
  }: {
    readonly sequence: TaskSequence;
    readonly registry: StepRegistry;
    readonly notes: readonly string[];
  },
): Promise<SimulationResult> {
  const assumed = new Set<string>();
  for (;;) {
    const report = await simulate({
      sequence,
      registry,
      device,
      content: { packages: [], others: 'assumed' },
      variables: [...assumed].map((name) => ({ name, value: ASSUMED_VALUE, secret: false })),
    });
    const { result, nodes } = report;
    const failed = nodes.find(({ id }) => id === result.failedAt?.id);
    const unknown = (failed?.unknownVariables ?? []).filter((name) => !assumed.has(name));
    const canHelp = result.error?.code.startsWith('step.') === true;
    if (result.succeeded || !canHelp || unknown.length === 0 || assumed.size >= MAX_ASSUMED) {
      const names = [...assumed].map((name) => `%${name}%`).join(', ');
      const told =
        assumed.size === 0 ? [] : [`${names}: not known here, taken for ${ASSUMED_VALUE}`];
      return resultOf(report, device, [...notes, ...told]);
    }
    for (const name of unknown) assumed.add(name);
  }
}

/** Fits numbers and texts. */
const ASSUMED_VALUE = '1';
const MAX_ASSUMED = 50;

function expanded(
  imported: ImportedSequence,
  all: readonly ImportedSequence[],
  { registry, notes }: { readonly registry: StepRegistry; readonly notes: string[] },
): TaskSequence {
  const children = new Map(
    all.map((each, index) => [each.name.toLowerCase(), childOf(each.name, each.document, index)]),
  );
  const missing = new Set<string>();
  const find = ({ name = '' }: SequenceReference): ChildSource => {
    const found = children.get(name.trim().toLowerCase());
    if (found !== undefined) return found;
    missing.add(name);
    const made = childOf(name, { name, steps: [] }, children.size);
    children.set(name.trim().toLowerCase(), made);
    return made;
  };
  const self = children.get(imported.name.toLowerCase());
  const { document } = expandChildren(imported.document, find, self);
  for (const name of missing)
    notes.push(`the child task sequence "${name}" is not here: it is taken for an empty one`);
  return parseTaskSequence(document, registry);
}

function childOf(name: string, document: unknown, index: number): ChildSource {
  const id = SequenceId.parse(`IMP${String(index + 1).padStart(5, '0')}`);
  return { id, name, version: 1, document, disabled: false };
}

function resultOf(
  { result, counts, notes }: SimulationReport,
  device: SimulatedDevice,
  more: readonly string[],
): SimulationResult {
  return {
    device: device.name,
    facts: [...deviceFacts(device)],
    succeeded: result.succeeded,
    code: result.code,
    error: result.error,
    failedAt: result.failedAt?.name ?? '',
    runs: counts.runs,
    skipped: counts.skipped + counts.inSkippedGroups,
    restarts: counts.restarts,
    notes: [...notes, ...more],
  };
}

function elsewhere(results: readonly SimulationResult[]): string[] {
  return results.map(
    ({ device, failedAt, error }) =>
      `on "${device}" it fails${failedAt === '' ? '' : ` at "${failedAt}"`}: ${error?.message ?? ''}`,
  );
}

function failed({ code, message, hint }: SequenceError): SimulationResult {
  return {
    device: '',
    facts: [],
    succeeded: false,
    code: 0x80004005,
    error: { code, message, ...(hint === undefined ? {} : { hint }) },
    failedAt: '',
    runs: 0,
    skipped: 0,
    restarts: 0,
    notes: [],
  };
}
