import { expressionsOf } from './condition/tree.ts';
import type { Condition, Expression } from './condition.ts';
import type { StepDefinition } from './step.ts';
import { VARIABLE_MARK, type Variables } from './variables.ts';

/**
 * Names of withheld variables that a step reads: those that its params name, as `%Name%` or otherwise, members of
 * a list whose base they name (`Apps` for Apps01), and those that would replace one of its settings. What a
 * script, an answer file or an application reads is only known when it is read.
 *
 * @param params with variables put in, but for those that are withheld
 * @param written as the document has them
 */
export function withheldReads(
  { actionVariables }: Pick<StepDefinition, 'actionVariables'>,
  { params, written }: { readonly params: unknown; readonly written: unknown },
  variables: Variables,
): readonly string[] {
  const names = variables.withheldNames();
  if (names.length === 0) return names;
  const settings = new Set<string>();
  if (actionVariables !== undefined && typeof params === 'object' && params !== null)
    try {
      actionVariables.override({ ...params }, (name) => {
        settings.add(name.trim().toLowerCase());
        const found = variables.get(name);
        return found?.withheld === true ? undefined : found?.value;
      });
    } catch {
      // What it does not take is told when the step runs.
    }
  const named = mentioned(written, names);
  return names.filter((name) => settings.has(name) || named.has(name));
}

/** Names of withheld variables whose values decide a condition. Whether one is set is known without. */
export function withheldInCondition(condition: Condition, variables: Variables): readonly string[] {
  const names = variables.withheldNames();
  if (names.length === 0) return names;
  const decisive = expressionsOf<Expression>(condition, '')
    .map(({ expression }) => expression)
    .filter(
      (one) =>
        one.kind !== 'variable' || (one.operator !== 'exists' && one.operator !== 'notExists'),
    );
  const named = mentioned(decisive, names);
  return names.filter((name) => named.has(name));
}

/**
 * Which of these names, in lower case, a value names: as `%Name%` in a text, as a text of its own, or as a member of
 * the list whose base is one (`Apps` for Apps01). A word in a command line names nothing.
 */
export function mentioned(value: unknown, names: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  const look = (each: unknown): void => {
    if (typeof each === 'string') {
      words.add(each.trim().toLowerCase());
      for (const [, mark = ''] of each.matchAll(VARIABLE_MARK)) words.add(mark.toLowerCase());
    } else if (typeof each === 'object' && each !== null) Object.values(each).forEach(look);
  };
  look(value);
  return new Set(names.filter((name) => words.has(name) || words.has(name.replace(/\d+$/, ''))));
}
