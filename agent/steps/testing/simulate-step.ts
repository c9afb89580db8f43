import { presetSettings } from '#agent/sequence/action-variables.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import type { StepContext, StepResult } from '#agent/sequence/step.ts';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { contentOf } from '#agent/simulated-machine/content.ts';
import {
  SimulatedMachine,
  type SimulatedMachineOptions,
} from '#agent/simulated-machine/machine.ts';
import { steps } from '../index.ts';

/** Where a step is simulated, and what was set before it. */
interface SimulatedStep {
  readonly machine?: Partial<SimulatedMachineOptions>;
  /** Called before the step begins. */
  readonly prepare?: (machine: SimulatedMachine) => void;
  readonly start?: 'pe' | 'disk';
  readonly variables?: Readonly<Record<string, string>>;
  readonly attempt?: number;
}

/**
 * What one step does in a simulation, on a simulated Windows machine. Settings that `variables` preset are
 * put in, `%Name%` is not.
 */
export async function simulateStep(
  type: string,
  given: Readonly<Record<string, unknown>>,
  { machine, start = 'disk', variables = {}, prepare, attempt = 1 }: SimulatedStep = {},
) {
  const definition = steps[type];
  if (definition === undefined) throw new Error(`there is no step ${type}`);
  const before = Variables.none.setAll(
    Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
  );
  const { params, action } = presetSettings(definition, given, before);
  const known = new StepVariables(before, action);
  const log: string[] = [];
  const simulated = new SimulatedMachine({
    disks: [{ sizeBytes: 20 * 1024 ** 3 }],
    pe: 'winpe',
    installed: start === 'disk',
    ...machine,
  });
  prepare?.(simulated);
  const context: StepContext = {
    platform: simulated.start(start),
    content: contentOf([]),
    variables: known,
    environment: () => ({}),
    log: (message) => log.push(message),
    attempt,
    signal: new AbortController().signal,
  };
  const parsed = definition.params.parse(params);
  const running = definition.simulate?.(parsed, context) ?? definition.run(parsed, context);
  const { result, error } = await end(running);
  const changes = Object.fromEntries(known.changes().map(({ name, value }) => [name, value]));
  return { result, error, log, changes, machine: simulated };
}

/** Reads it to its end: what it returns, or what it throws. */
async function end(running: AsyncGenerator<StepProgress, StepResult>) {
  try {
    for (;;) {
      const step = await running.next();
      if (step.done === true) return { result: step.value, error: undefined };
    }
  } catch (error) {
    return { result: undefined, error };
  }
}

/** The faults of params as a document has them: `path: message`. */
export function faultsOf(type: string, params: unknown): readonly string[] {
  const issues = steps[type]?.params.safeParse(params).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
