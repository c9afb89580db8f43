/** A worker that simulates one task sequence and ends: reading, expanding and running take their time here. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { SequenceId } from '#agent/protocol/identity.ts';
import { listReferences } from '#agent/sequence/references.ts';
import { problemOf } from '#agent/sequence/step-params.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { SimulationError } from '#agent/simulated-machine/simulation-error.ts';
import { steps } from '#agent/steps/index.ts';
import { readExpanded } from '../inventory/pin.ts';
import { readChildren } from '../inventory/read-children.ts';
import { readSequenceText } from '../sequence-text.ts';
import {
  ChildAnswer,
  PackagesAnswer,
  type SimulatedSource,
  type SimulationJob,
  type SimulationMessage,
  type SimulationQuestion,
} from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('simulate/worker.ts runs in a worker thread only');
// Its starter is this program: what it hands in has been read by its own schema.
const job = workerData as SimulationJob;

try {
  const reportJson = new TextEncoder().encode(JSON.stringify(await report()));
  // Handed over, not copied: that of 20,000 steps has many megabytes.
  port.postMessage({ kind: 'done', reportJson } satisfies SimulationMessage, [reportJson.buffer]);
} catch (error) {
  tell({ kind: 'failed', ...toFailure(error) });
}
port.close();

async function report() {
  const source = toStored(job.source);
  const find = await readChildren(
    source,
    async (reference) => ChildAnswer.parse(await ask({ kind: 'child', reference })) ?? undefined,
  );
  const sequence = readExpanded(source, find);
  const references = listReferences(sequence, steps).map(({ reference }) => reference);
  const packages = PackagesAnswer.parse(await ask({ kind: 'packages', references }));
  const { variables, fail, answers } = job;
  return await simulate({
    sequence,
    registry: steps,
    device: readDevice(job.device),
    content: { packages, others: 'missing' },
    variables,
    fail,
    answers,
  });
}

function toStored(source: SimulatedSource) {
  if (source.kind === 'stored') return source;
  const { sequence, document } = readSequenceText(source.text, steps);
  return {
    // Of no stored sequence: one that runs itself is known by its name.
    id: SequenceId.parse('UNSAVED'),
    name: sequence.name,
    documentJson: JSON.stringify(document),
  };
}

/** @throws {SimulationError} `simulate.device` */
function readDevice(value: unknown): SimulatedDevice {
  const parsed = SimulatedDevice.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => {
    const { path, message } = problemOf(issue, '');
    return `${path || 'device'}: ${message}`;
  });
  throw new SimulationError('simulate.device', problems.join('\n'), {
    hint: 'docs/simulate.md lists what the description of a device may say',
  });
}

async function ask(question: SimulationQuestion): Promise<unknown> {
  const answered = once(port ?? new EventTarget(), 'message');
  tell({ kind: 'ask', question });
  const [answer]: unknown[] = await answered;
  return answer;
}

function tell(message: SimulationMessage): void {
  port?.postMessage(message);
}

function toFailure(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {};
    return { code: error.code, message: error.message, ...hint };
  }
  return {
    code: 'simulate.failed',
    message: error instanceof Error ? error.message : String(error),
  };
}
