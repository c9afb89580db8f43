import type { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';

type Fact<Kind extends RunFact['kind']> = Extract<RunFact, { kind: Kind }>;

/** A run has begun, on a machine that is on its own Windows. */
export function runStarted(
  { documentSha256 }: Pick<RunGrant, 'documentSha256'>,
  { variables = [], environment = 'full-os' }: Partial<Fact<'run-started'>> = {},
): RunFact {
  return {
    kind: 'run-started',
    documentSha256,
    agentVersion: '1',
    machineKey: 'm',
    variables,
    environment,
  };
}

/** A step has begun, which is named as its id. */
export function stepStarted(stepId: string): RunFact {
  return { kind: 'step-started', stepId: StepId.parse(stepId), name: stepId, attempt: 1 };
}

/** It has ended well. */
export function stepFinished(stepId: string): RunFact {
  return {
    kind: 'step-finished',
    stepId: StepId.parse(stepId),
    name: stepId,
    attempt: 1,
    code: 0,
    succeeded: true,
    variables: [],
    durationMs: 1,
  };
}
