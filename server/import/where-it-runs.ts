import type { Environment } from '#agent/protocol/policy.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import type { MappedAction } from './map-step.ts';

const pe: readonly Environment[] = ['winpe', 'linux-pe'];

/** A condition that says where a step runs, and what to tell of it. */
export interface WhereItRuns {
  readonly condition: unknown;
  readonly told: string;
}

/**
 * What the attribute `runIn` of a step becomes. It has no counterpart but the types of steps: one that
 * runs in both worlds here, and in one of them only in its file, gets a condition. Undefined where the
 * attribute says nothing, or what its steps do anyway.
 */
export function whereItRuns(
  runIn: string | undefined,
  actions: readonly Pick<MappedAction, 'type'>[],
  registry: StepRegistry,
): WhereItRuns | undefined {
  const wanted = runIn?.trim().toLowerCase();
  if (wanted !== 'winpe' && wanted !== 'fullos') return undefined;
  const runsInBoth = actions.some(({ type }) => {
    const runsIn = Object.hasOwn(registry, type) ? (registry[type]?.runsIn ?? []) : [];
    return runsIn.includes('full-os') && runsIn.some((each) => pe.includes(each));
  });
  if (!runsInBoth) return undefined;
  const inPe = wanted === 'winpe';
  return {
    condition: {
      kind: 'variable',
      variable: '_SMSTSInWinPE',
      operator: 'equals',
      value: String(inPe),
    },
    told: inPe
      ? 'It ran in Windows PE only: a condition on _SMSTSInWinPE says so now'
      : 'It ran in the installed system only: a condition on _SMSTSInWinPE says so now',
  };
}
