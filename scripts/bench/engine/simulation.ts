import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { TaskSequence } from '#agent/sequence/task-sequence.ts';
import { type ModelRun, runModel, type WrittenNode } from '#agent/sequence/testing/model.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import type { SimulationReport } from '#agent/simulated-machine/report.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { steps } from '#agent/steps/index.ts';
import { below, checked, type Figure, told } from '../benchmark.ts';
import { interleaved } from '../medians.ts';
import { type LargeSequence, largeSequence } from './large-sequence.ts';

const STEPS = 10_000;
const LIMIT_MS = 1000;
const ROUNDS = 7;

const device = SimulatedDevice.parse({
  name: 'Bench',
  firmware: 'uefi',
  architecture: 'x64',
  disks: [{ sizeGb: 500 }],
});

/** Simulates 10,000 steps with conditions, and holds what becomes of each to the written model of the rules. */
export async function benchSimulation(): Promise<readonly Figure[]> {
  const large = largeSequence(STEPS);
  let sequence = parseTaskSequence(large.document, steps);
  let report: SimulationReport | undefined;
  const times = await interleaved(
    {
      read: async () => {
        const start = performance.now();
        sequence = parseTaskSequence(large.document, steps);
        return performance.now() - start;
      },
      simulate: async () => {
        const start = performance.now();
        report = await run(large, sequence);
        return performance.now() - start;
      },
    },
    ROUNDS,
  );
  const [read, simulated] = [times.get('read'), times.get('simulate')];
  if (report === undefined || read === undefined || simulated === undefined)
    throw new Error('nothing was run');
  return [
    below(`simulate ${STEPS} steps, median of ${ROUNDS}`, simulated.medianMs, LIMIT_MS, 'ms'),
    told('  the slowest of them', simulated.maxMs, 'ms'),
    told('  processor time of it, median', simulated.processorMs, 'ms'),
    told('  reading and checking the document before', read.medianMs, 'ms'),
    against(large, report),
  ];
}

async function run(large: LargeSequence, sequence: TaskSequence): Promise<SimulationReport> {
  return simulate({
    sequence,
    registry: steps,
    device,
    content: { packages: [], others: 'missing' },
    variables: Object.entries(large.variables).map(([name, value]) => ({
      name,
      value,
      secret: false,
    })),
    fail: [...large.failing].map(([node, code]) => ({ node, code })),
  });
}

/** Every node, every variable and the end: as the model has them. */
function against(large: LargeSequence, report: SimulationReport): Figure {
  const model = runModel(large.document.steps, {
    attempts: Object.fromEntries(
      [...large.failing].map(([id, code]) => [id, [{ code, succeeded: false, variables: {} }]]),
    ),
    variables: large.variables,
    refusedRestart: 0,
    effect,
  });
  const seen = nodesOf(report);
  const wanted = outcomesOf(model);
  const wrong = [...wanted].filter(([id, outcome]) => seen.get(id) !== outcome);
  const missed = [...seen].filter(([id, outcome]) => reached.has(outcome) && !wanted.has(id));
  const values = variablesOf(large, report);
  const differing = [...values].filter(
    ([name, value]) => (model.variables.get(name) ?? '') !== value,
  );
  const restarts = model.trace.filter((line) => line.startsWith('restart')).length;
  const ok =
    wrong.length + missed.length + differing.length === 0 &&
    values.size > 90 &&
    report.result.code === model.code &&
    report.counts.restarts === restarts;
  const { runs, fails, skipped } = report.counts;
  const counts = `${wanted.size} nodes: ${runs} run, ${fails} fail, ${skipped} skipped; ${restarts} restarts; ${values.size} variables`;
  const first = [...wrong, ...missed, ...differing][0]?.join(' ');
  return checked(
    '  against the model',
    ok,
    ok ? counts : `differs, first in ${first ?? 'the end'}`,
  );
}

/** Of a node that the run came to. */
const reached: ReadonlySet<string> = new Set(['runs', 'fails', 'skipped']);

/** What the steps of the large sequence do, said independently of them. */
function effect({ type, params }: WrittenNode, values: ReadonlyMap<string, string>) {
  if (type !== 'set-variable') return undefined;
  const { name, value }: { name?: unknown; value?: unknown } = Object(params);
  const put = String(value).replace(
    /%(.*)%/,
    (_, name: string) => values.get(name.toLowerCase()) ?? '',
  );
  return { code: 0, succeeded: true, variables: { [String(name)]: put } };
}

function nodesOf({ nodes }: SimulationReport): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id, outcome }) => [id, outcome]));
}

function outcomesOf({ trace }: ModelRun): ReadonlyMap<string, string> {
  const outcomes = new Map<string, string>();
  for (const line of trace) {
    const [what, id = '', ...more] = line.split(' ');
    if (what === 'skip') outcomes.set(id, 'skipped');
    if (what === 'run' || what === 'leave')
      outcomes.set(id, more.at(-1) === 'failed' ? 'fails' : 'runs');
  }
  return outcomes;
}

/** The variables that steps have set, by their names in small letters, with their last values. */
function variablesOf({ variables }: LargeSequence, { nodes }: SimulationReport) {
  const values = new Map(
    Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]),
  );
  for (const node of nodes)
    for (const { name, value } of node.variables)
      if (/^v\d/i.test(name)) values.set(name.toLowerCase(), value);
  return values;
}
