import { type Condition, evaluateCondition } from '../condition.ts';
import type { Variables } from '../variables.ts';
import { isOpen } from './fields.ts';
import { branchOf } from './tree.ts';

/** Read-only variables that change during a run all the same. */
const CHANGING = /^_(SMSTSLast|SMSTSCurrent|SMSTSInWinPE$|OSD|TS)/i;

/**
 * The verdict that a condition has now and will have later; undefined if it may come out otherwise. What
 * the machine is asked may change with any step: only read-only variables are settled.
 */
export function settled(condition: Condition, variables: Variables): boolean | undefined {
  if ('kind' in condition) {
    if (condition.kind !== 'variable') return undefined;
    const { variable: name, value = '' } = condition;
    const isFixed = name.startsWith('_') && !CHANGING.test(name) && !isOpen(value);
    return isFixed ? evaluateCondition(condition, variables).verdict : undefined;
  }
  const { word, children } = branchOf(condition);
  const verdicts = children.map((child) => settled(child, variables));
  // A false child decides `all`, a true one the others.
  if (verdicts.includes(word !== 'all')) return word === 'any';
  return verdicts.includes(undefined) ? undefined : word !== 'any';
}
