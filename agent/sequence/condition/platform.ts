import type { Condition, Expression } from '../condition.ts';
import type { SequenceProblem } from '../sequence-error.ts';
import type { SequenceNode } from '../task-sequence.ts';
import { DEFAULT_NAMESPACE, isInventoryNamespace } from '../wql/answer.ts';
import { isOpen } from './fields.ts';
import { expressionsOf } from './tree.ts';

/** What a sequence is written for, as its document may say. */
export const sequencePlatforms = ['linux', 'windows'] as const;
export type SequencePlatform = (typeof sequencePlatforms)[number];

/** An expression that no Linux machine can answer, and the node whose condition it is in. */
export interface PlatformProblem extends SequenceProblem {
  readonly node: SequenceNode;
}

/**
 * Which expressions have no meaning on Linux: they would always be false there. Disabled nodes are not
 * looked at.
 * @param settled what is known of the condition of an enabled node: one that is decided is not looked
 *   at, nor what is in a node that is never entered
 */
export function conditionPlatformProblems(
  nodes: readonly SequenceNode[],
  settled: (node: SequenceNode) => boolean | undefined = () => undefined,
): readonly PlatformProblem[] {
  return [...problemsOf(nodes, '', settled)];
}

function* problemsOf(
  nodes: readonly SequenceNode[],
  place: string,
  settled: (node: SequenceNode) => boolean | undefined,
): Generator<PlatformProblem> {
  for (const [index, node] of nodes.entries()) {
    const verdict = node.disabled ? false : settled(node);
    if (verdict === false) continue;
    const path = `${place}steps[${index}]`;
    if (verdict === undefined && node.condition !== undefined)
      for (const problem of expressionProblems(node.condition, `${path}.condition`))
        yield { ...problem, node };
    if (node.kind === 'group')
      yield* problemsOf(node.steps, `${path}.${node.child === undefined ? '' : 'child.'}`, settled);
  }
}

function* expressionProblems(condition: Condition, at: string): Generator<SequenceProblem> {
  for (const { expression, path } of expressionsOf<Expression>(condition, at)) {
    const found = windowsOnly(expression);
    if (found === undefined) continue;
    const message = `${found.what} has no meaning on Linux: it would always be false`;
    yield { path, code: 'condition.platform', message, hint: found.hint };
  }
}

function windowsOnly(
  expression: Expression,
): { readonly what: string; readonly hint: string } | undefined {
  switch (expression.kind) {
    case 'registry':
      return { what: 'a registry condition', hint: 'Ask for a file, or for a variable.' };
    case 'software':
      return {
        what: 'an installed-software condition',
        hint: 'Windows Installer keeps that list: ask for a file that the software brings.',
      };
    case 'os-language':
      return {
        what: 'an operating-system-language condition',
        hint: 'Set a variable for the language, and ask for it.',
      };
    case 'file':
      return expression.version === undefined
        ? undefined
        : {
            what: 'the version of a file',
            hint: 'Only Windows programs have one: ask whether the file exists, or when it was modified.',
          };
    case 'os-version':
      return expression.platforms.some(({ family }) => family === 'linux')
        ? undefined
        : {
            what: 'a list of Windows versions',
            hint: 'A platform with `family: linux` means a Linux: { family: linux, minVersion: "12" }.',
          };
    case 'wmi': {
      const { namespace = DEFAULT_NAMESPACE } = expression;
      return isOpen(namespace) || isInventoryNamespace(namespace)
        ? undefined
        : { what: `a query in ${namespace}`, hint: 'The inventory of the agent has root\\cimv2.' };
    }
    case 'variable':
    case 'folder':
      return undefined;
  }
}
