import type { RunError, StepId } from '#agent/protocol/run-event.ts';
import { presetSettings } from './action-variables.ts';
import type { PlatformProblem } from './condition/platform.ts';
import { settled } from './condition/settled.ts';
import { linuxProblems } from './linux-check.ts';
import { assertActs, type PlannedVolume, type StepContext, StepError } from './step.ts';
import { substituteParams } from './step-params.ts';
import { StepVariables } from './step-variables.ts';
import type { SequenceNode, StepNode, StepRegistry, TaskSequence } from './task-sequence.ts';
import { assignmentOf } from './variable-uses.ts';
import {
  substitute,
  type Variables,
  variableNameProblem,
  variableValueProblem,
} from './variables.ts';
import { withheldReads } from './withheld-reads.ts';

/** What a check before the first step found wrong with one step. */
export interface CheckFinding {
  readonly stepId: StepId;
  readonly name: string;
  readonly error: RunError;
  /**
   * Whether the run must not begin. Not so when the step, or a group around it, continues on error,
   * or may be skipped by a condition that cannot be known yet: then the step fails when it is reached.
   */
  readonly fatal: boolean;
}

/**
 * Looks at this machine and the pinned content before anything is written, for each enabled step: its
 * content is there, its disk exists and is large enough, its image fits the machine (M06, M26, M43).
 * In Linux PE, conditions that only Windows can answer are found where nothing of Windows is installed.
 */
export async function checkBeforeStart(
  sequence: TaskSequence,
  registry: StepRegistry,
  variables: Variables,
  machine: Pick<StepContext, 'platform' | 'content' | 'log' | 'signal'>,
): Promise<readonly CheckFinding[]> {
  const planned: PlannedVolume[] = [];
  const context = { ...machine, planned, environment: () => ({}) };
  let known = variables;
  const findings: CheckFinding[] =
    machine.platform.environment === 'linux-pe'
      ? findPlatformProblems(linuxProblems(sequence, registry, variables, machine.content))
      : [];
  const around = { forgiven: false, certain: true };
  for (const { step, forgiven, certain } of stepsThatMayRun(sequence.steps, variables, around)) {
    const variables = new StepVariables(known);
    const error = await checkStep(step, registry, known, { ...context, variables });
    if (error !== undefined)
      findings.push({ stepId: step.id, name: step.name, error, fatal: !forgiven });
    // A step that chooses the disk by a variable is judged by what a step before it sets.
    if (certain) known = assigned(step, known);
  }
  return findings;
}

/** A condition that is always false skips its step without a word: no forgiveness of the step covers that. */
function findPlatformProblems(problems: readonly PlatformProblem[]): CheckFinding[] {
  return problems.map(({ node, path, code, message, hint }) => ({
    stepId: node.id,
    name: node.name,
    error: { code, message: `${path}: ${message}`, ...(hint === undefined ? {} : { hint }) },
    fatal: true,
  }));
}

async function checkStep(
  { type, params }: StepNode,
  registry: StepRegistry,
  variables: Variables,
  context: StepContext,
): Promise<RunError | undefined> {
  const definition = registry[type];
  if (definition === undefined) return undefined;
  const { params: substituted } = substituteParams(params, variables, definition.verbatimParams);
  try {
    const settings = presetSettings(definition, substituted, variables);
    const parsed = definition.params.safeParse(settings.params);
    // Params that wait for a variable of an earlier step cannot be judged yet.
    if (parsed.data === undefined) return undefined;
    for (const packageId of definition.references(parsed.data)) context.content.manifest(packageId);
    // Nor those that wait for a secret which is only given when the step runs.
    if (withheldReads(definition, { params: substituted, written: params }, variables).length > 0)
      return undefined;
    assertActs(definition, parsed.data);
    await definition.check?.(parsed.data, context);
    return undefined;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // What is in a secret package is read when its step runs.
    if (error.code === 'content.sealed') return undefined;
    const { code, message, hint } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** The variables after a step that sets one to what is known now. */
function assigned(step: StepNode, variables: Variables): Variables {
  const use = assignmentOf(step);
  const value = use === undefined ? undefined : substitute(use.value ?? '', variables);
  if (use === undefined || value === undefined || value.unknown.length > 0) return variables;
  // Such a step fails, and sets nothing.
  if (variableNameProblem(use.name) !== undefined || variableValueProblem(value.text) !== undefined)
    return variables;
  return variables.set({ name: use.name, value: value.text, secret: false });
}

/** What is said of a step by the groups around it: its errors are forgiven; it is sure to be come to. */
interface Around {
  readonly forgiven: boolean;
  readonly certain: boolean;
}

function* stepsThatMayRun(
  nodes: readonly SequenceNode[],
  variables: Variables,
  around: Around,
): Generator<Around & { readonly step: StepNode }> {
  for (const node of nodes) {
    const verdict = node.condition === undefined ? true : settled(node.condition, variables);
    if (node.disabled || verdict === false) continue;
    const forgiven = around.forgiven || node.continueOnError || verdict === undefined;
    const certain = around.certain && verdict === true;
    if (node.kind === 'group') yield* stepsThatMayRun(node.steps, variables, { forgiven, certain });
    else yield { step: node, forgiven, certain };
  }
}
