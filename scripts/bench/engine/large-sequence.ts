import type { WrittenCondition, WrittenNode } from '#agent/sequence/testing/model.ts';

/** A document of many steps, with all that makes one slow; and which of its commands fail. */
export interface LargeSequence {
  readonly document: { readonly name: string; readonly steps: readonly WrittenNode[] };
  /** Exit codes by the id of the step; any other command ends with 0. */
  readonly failing: ReadonlyMap<string, number>;
  readonly variables: Readonly<Record<string, string>>;
}

const IN_GROUP = 20;
const GROUPS_IN_PHASE = 5;
const NAMES = 97;

/**
 * `count` steps in phases and groups: each with a condition of nested all, any and none, two in three set
 * a variable, half of them from another one; commands with substitutions, some of which fail and are
 * tolerated; restarts; disabled steps; every other phase is a child sequence.
 */
export function largeSequence(count: number): LargeSequence {
  const failing = new Map<string, number>();
  const first = { step: 'Partition', type: 'format-disk', params: { partitions: partitions() } };
  const phases: WrittenNode[] = [first];
  for (let start = 0; start + 1 < count; start += IN_GROUP * GROUPS_IN_PHASE) {
    const groups: WrittenNode[] = [];
    for (let at = start; at < start + IN_GROUP * GROUPS_IN_PHASE; at += IN_GROUP) {
      const length = Math.min(IN_GROUP, count - 1 - at);
      if (length <= 0) break;
      const path = `${phases.length}/${groups.length}`;
      const steps = Array.from({ length }, (_, index) => {
        if (isFailing(at + index)) failing.set(`${path}/${index}`, (at % 7) + 1);
        return stepOf(at + index);
      });
      groups.push({ group: `Group ${at}`, continueOnError: true, condition: nested(at), steps });
    }
    phases.push(phaseOf(start, groups));
  }
  return {
    document: { name: 'Large', steps: phases },
    failing,
    variables: { Phase: '1', V0: '3', V1: '5', V2: 'true' },
  };
}

function phaseOf(start: number, steps: readonly WrittenNode[]): WrittenNode {
  const name = `Phase ${start}`;
  const shared = { condition: variable('Phase', 'exists'), continueOnError: true };
  if (start % 200 === 0) return { group: name, ...shared, steps };
  const child = { id: 'TSLARGE', name, version: 1, steps };
  return { step: name, type: 'run-sequence', params: { sequence: { name } }, ...shared, child };
}

function isFailing(index: number): boolean {
  return index % 3 === 2 && index % 11 === 0;
}

function stepOf(index: number): WrittenNode {
  const shared = {
    step: `Step ${index}`,
    disabled: index % 50 === 49,
    // One failing step in two ends its group.
    continueOnError: index % 2 === 0,
    condition: nested(index),
  };
  if (index % 2500 === 2400) {
    const params = { name: 'SMSTSRebootRequested', value: 'WinPE' };
    return { ...shared, type: 'set-variable', condition: variable('Phase', 'exists'), params };
  }
  if (index % 3 === 2) {
    const commandLine = `tool --phase %Phase% --name "%V${index % NAMES}%-%Gone%" ${index}`;
    return { ...shared, type: 'run-command', params: { commandLine } };
  }
  const value = index % 2 === 0 ? String(index % 10) : `%V${(index * 31) % NAMES}%`;
  return { ...shared, type: 'set-variable', params: { name: `V${index % NAMES}`, value } };
}

/** True more often than not. */
function nested(index: number): WrittenCondition {
  const name = (by: number): string => `V${(index * by) % NAMES}`;
  return {
    any: [
      { all: [variable(name(3), 'exists'), variable(name(5), 'greater', '4')] },
      {
        none: [
          variable(name(7), 'equals', '9'),
          { all: [variable('_SMSTSLastActionRetCode', 'equals', String(index % 7))] },
        ],
      },
    ],
  };
}

function variable(variable: string, operator: string, value?: string): WrittenCondition {
  return { kind: 'variable', variable, operator, ...(value === undefined ? {} : { value }) };
}

function partitions(): readonly object[] {
  return [
    { type: 'efi', size: { mb: 512 } },
    { name: 'root', fileSystem: 'ext4' },
  ];
}
