import { type Condition, evaluateCondition } from '../condition.ts';
import type { Variables } from '../variables.ts';
import { isOpen } from './fields.ts';

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
  const isAll = 'all' in condition;
  const children = isAll ? condition.all : 'any' in condition ? condition.any : condition.none;
  const verdicts = children.map((child) => settled(child, variables));
  const [decisive, whenDecided, otherwise] = isAll
    ? [false, false, true]
    : [true, 'any' in condition, !('any' in condition)];
  if (verdicts.includes(decisive)) return whenDecided;
  return verdicts.includes(undefined) ? undefined : otherwise;
}
