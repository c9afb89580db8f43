import { z } from 'zod';
import { OsLanguageExpression } from './condition/os-language.ts';
import { OsVersionExpression } from './condition/os-version.ts';
import { FileExpression, FolderExpression } from './condition/path.ts';
import { RegistryExpression } from './condition/registry.ts';
import { SoftwareExpression } from './condition/software.ts';
import { branchOf, type Tree } from './condition/tree.ts';
import { evaluateVariable, VariableExpression } from './condition/variable.ts';
import type { Verdict } from './condition/verdict.ts';
import { WmiExpression } from './condition/wmi.ts';
import { hideSecrets, type Variables } from './variables.ts';

export type { Verdict } from './condition/verdict.ts';

/** A leaf of a condition: one thing that is true or false. The tree around it is read by the document. */
export const Expression = z.discriminatedUnion('kind', [
  VariableExpression,
  OsVersionExpression,
  OsLanguageExpression,
  FileExpression,
  FolderExpression,
  RegistryExpression,
  WmiExpression,
  SoftwareExpression,
]);
export type Expression = z.output<typeof Expression>;

/** An expression that only the machine can answer. */
export type MachineExpression = Exclude<Expression, VariableExpression>;

/** A tree of expressions. The editor's words: all conditions, any condition, none. */
export type Condition = Tree<Expression>;

/** Characters of a detail: as a run keeps it. */
const MAX_DETAIL = 2000;
/** Characters of what one expression says. */
const MAX_SENTENCE = 500;

/**
 * Decides a condition on variables, and on what is answered to each expression that it yields: it asks
 * about one only when the verdict depends on it, and never twice about the same. The detail names what
 * was looked at, no secret among it. An empty `all` and an empty `none` are true, an empty `any` is false.
 */
export function* decideCondition(
  condition: Condition,
  variables: Variables,
): Generator<MachineExpression, Verdict, Verdict> {
  const { verdict, detail } = yield* decide(condition, variables);
  return { verdict, detail: cut(detail, MAX_DETAIL) };
}

/** Decides a condition at once; what only a machine can tell is false, unless `answer` tells it. */
export function evaluateCondition(
  condition: Condition,
  variables: Variables,
  answer: (expression: MachineExpression) => Verdict = unanswered,
): Verdict {
  const decision = decideCondition(condition, variables);
  let next = decision.next();
  while (next.done !== true) next = decision.next(answer(next.value));
  return next.value;
}

function unanswered({ kind }: MachineExpression): Verdict {
  return { verdict: false, detail: `${kind}: false (there is no machine to ask)` };
}

function* decide(
  condition: Condition,
  variables: Variables,
): Generator<MachineExpression, Verdict, Verdict> {
  if ('kind' in condition) {
    const { verdict, detail } =
      condition.kind === 'variable' ? evaluateVariable(condition, variables) : yield condition;
    return { verdict, detail: cut(hideSecrets(detail, variables), MAX_SENTENCE) };
  }
  const { word, children } = branchOf(condition);
  const stopAt = word !== 'all';
  const details: string[] = [];
  for (const child of children) {
    const { verdict, detail } = yield* decide(child, variables);
    details.push(detail);
    if (verdict === stopAt) return { verdict: word === 'any', detail: describe(word, details) };
  }
  return { verdict: word !== 'any', detail: describe(word, details) };
}

function describe(word: string, details: readonly string[]): string {
  return details.length === 1 && word === 'all'
    ? details.join('')
    : `${word}(${details.join('; ')})`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
