import type { RunError, VariableChange } from '#agent/protocol/run-event.ts';
import { type CheckFinding, checkBeforeStart } from '#agent/sequence/checks.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { chooseNodes, type Said } from './choose-nodes.ts';
import { contentRefusal, contentReport, type KnownContent, planContent } from './content-plan.ts';
import type { SimulatedDevice } from './device.ts';
import {
  deviceAssumptions,
  deviceBuiltIns,
  deviceFacts,
  deviceMachine,
  deviceVariables,
} from './device-machine.ts';
import { drive } from './drive.ts';
import { laterActions } from './later-actions.ts';
import { SimulatedMachine } from './machine.ts';
import type { SimulatedNode, SimulationReport } from './report.ts';
import { simulatedRegistry } from './simulated-registry.ts';
import { SimulationError } from './simulation-error.ts';
import { Trace } from './trace.ts';

/** E_FAIL: what a run ends with that does not end by itself. */
const ENDLESS_CODE = 0x80004005;

/** A step that is assumed to end with that exit code. */
interface AssumedExit extends Said {
  readonly code: number;
}
/** A condition that is assumed to be true or false. */
interface AssumedAnswer extends Said {
  readonly verdict: boolean;
}

export interface Simulation {
  /** With its children in it. */
  readonly sequence: TaskSequence;
  readonly registry: StepRegistry;
  readonly device: SimulatedDevice;
  readonly content: KnownContent;
  /** Over those of the device. */
  readonly variables?: readonly VariableChange[];
  readonly fail?: readonly AssumedExit[];
  readonly answers?: readonly AssumedAnswer[];
}

/**
 * Runs a sequence on a simulated machine by the engine and the steps of the agent, and tells what would
 * happen. Programs end with 0 unless `fail` says otherwise; no program is run and nothing is written.
 * Ends also where the run would not: that is a result, `simulate.endless`.
 * @throws {SimulationError} `simulate.node`, where `fail` or `answers` name no single step
 */
export async function simulate(simulation: Simulation): Promise<SimulationReport> {
  const { device } = simulation;
  const registry = simulatedRegistry(simulation.registry);
  const plan = planContent(simulation.sequence, registry, simulation.content, device);
  const { sequence } = plan;
  const failing = chooseNodes(sequence.steps, simulation.fail ?? [], {
    called: 'step',
    is: ({ kind }) => kind === 'step',
  });
  const answered = chooseNodes(sequence.steps, simulation.answers ?? [], {
    called: 'step or group with a condition',
    is: ({ condition }) => condition !== undefined,
  });
  const trace = new Trace(answered, plan.madeUp);
  let findings: readonly CheckFinding[] = [];
  let refusedBefore: RunError | undefined;
  const result = await resultOf(
    drive({
      sequence,
      registry,
      machine: new SimulatedMachine(deviceMachine(device)),
      content: plan.manifests,
      variables: startVariables(simulation),
      replay: false,
      environment: false,
      beforeStart: async (variables, machine) => {
        refusedBefore = contentRefusal(plan);
        if (refusedBefore !== undefined) return refusedBefore;
        const checks = await checkBeforeStart(sequence, registry, variables, {
          ...machine,
          log: () => {},
        });
        // Missing content has rules of its own.
        findings = checks.filter(({ error }) => error.code !== 'content.missing');
        const fatal = findings.find(({ fatal }) => fatal);
        if (fatal === undefined) return undefined;
        const message = `${fatal.name}: ${fatal.error.message}`;
        refusedBefore = hidden({ ...fatal.error, message }, trace);
        return refusedBefore;
      },
      answer: ({ stepId }) => {
        const said = answered.get(stepId);
        return said && { verdict: said.verdict, detail: `assumed to be ${said.verdict}` };
      },
      exitCode: ({ stepId }) => failing.get(stepId)?.code,
      onStep: (ask, environment) => trace.onStep(ask, environment),
      onEvent: (event, state) => trace.onEvent(event, state),
    }),
    trace,
  );
  const ended =
    refusedBefore === undefined
      ? result.failedAt === null
        ? 'the run has ended'
        : `the run has failed at "${result.failedAt.name}"`
      : 'the run does not begin';
  const nodes = trace.nodes(sequence, registry, ended);
  const ran = new Set(nodes.filter(isRun).map(({ id }) => String(id)));
  return {
    sequence: sequence.name,
    device: { name: device.name, facts: [...deviceFacts(device)] },
    notes: [
      ...(sequence.disabled ? ['the task sequence is disabled: it is offered to no machine'] : []),
      ...deviceAssumptions(device),
      ...laterNotes(ran, simulation),
      ...unanswered(nodes),
    ],
    findings: findings.map((finding) => ({ ...finding, error: hidden(finding.error, trace) })),
    nodes,
    content: contentReport(plan, (id) => ran.has(id)),
    counts: countsOf(nodes, trace.restarts),
    result: refusedBefore === undefined ? result : { ...result, failedAt: null },
  };
}

/** Each name once: what a later list says wins. */
function startVariables({ device, sequence, variables = [] }: Simulation): VariableChange[] {
  const all = [...deviceBuiltIns(device, sequence.name), ...deviceVariables(device), ...variables];
  return [...new Map(all.map((change) => [change.name.toLowerCase(), change])).values()];
}

async function resultOf(
  run: ReturnType<typeof drive>,
  trace: Trace,
): Promise<SimulationReport['result']> {
  try {
    const { state, events } = await run;
    const end = events.at(-1)?.fact;
    const { lastFailure, result } = state;
    // A tolerated failure of an earlier step is not what ended the run.
    const isLast = lastFailure !== null && lastFailure.error === result?.error;
    const failed =
      isLast && lastFailure.stepId !== null
        ? { id: lastFailure.stepId, name: lastFailure.name }
        : trace.refusedAt;
    const succeeded = result?.succeeded === true;
    return {
      succeeded,
      code: end?.kind === 'run-finished' ? end.code : 0,
      error: result?.error ?? null,
      failedAt: succeeded ? null : failed,
    };
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const { code, message, hint } = error;
    const told = { code, message, ...(hint === undefined ? {} : { hint }) };
    return { succeeded: false, code: ENDLESS_CODE, error: told, failedAt: null };
  }
}

/** Conditions that ask what is not known of the device, or cannot be asked. */
function unanswered(nodes: readonly SimulatedNode[]): string[] {
  const found = nodes.filter(({ condition }) => condition?.detail.includes('cannot be answered'));
  if (found.length === 0) return [];
  const names = found.slice(0, 5).map(({ name }) => `"${name}"`);
  const more = found.length > names.length ? ', ...' : '';
  return [
    `what cannot be answered for this device is taken for false; the condition of ${names.join(', ')}${more} says why: describe what it asks, or answer it`,
  ];
}

/** Steps that run here and would be refused by a machine. */
function laterNotes(ran: ReadonlySet<string>, { sequence, registry }: Simulation): string[] {
  const found = laterActions(sequence.steps, registry, (id) => ran.has(id));
  if (found.length === 0) return [];
  return [
    `a machine would refuse this run: this version has no action yet for ${found.join(', ')}; the simulation goes on as if it had`,
  ];
}

function hidden(error: RunError, trace: Trace): RunError {
  return { ...error, message: trace.hide(error.message) };
}

function isRun({ kind, outcome }: SimulatedNode): boolean {
  return kind === 'step' && (outcome === 'runs' || outcome === 'fails');
}

/** Steps alone: groups are not counted. */
function countsOf(nodes: readonly SimulatedNode[], restarts: number): SimulationReport['counts'] {
  const steps = nodes.filter(({ kind }) => kind === 'step');
  const count = (is: (node: SimulatedNode) => boolean): number => steps.filter(is).length;
  return {
    runs: count(({ outcome }) => outcome === 'runs'),
    fails: count(({ outcome }) => outcome === 'fails'),
    tolerated: count(({ outcome, toleratedBy }) => outcome === 'fails' && toleratedBy !== null),
    skipped: count(({ outcome }) => outcome === 'skipped'),
    inSkippedGroups: count(({ outcome }) => outcome === 'in-skipped-group'),
    notReached: count(({ outcome }) => outcome === 'not-reached'),
    restarts,
  };
}
