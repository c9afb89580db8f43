import { variableNameProblem } from '#agent/sequence/variables.ts';
import type { DocumentNode, ImportNeed } from './map-step.ts';
import { originOf } from './origin.ts';
import { isSecretProperty } from './plain-secrets.ts';
import type { SourceSequence, SourceVariable } from './source-sequence.ts';

const MAX_VALUE = 4000;
const GLOBALS_STEP = 'Set the variables of the imported task sequence';

/** The step that sets the variables of `globalVarList`, and what to tell of them. */
export interface GlobalsStep {
  readonly node: DocumentNode;
  readonly needs: readonly ImportNeed[];
}

/**
 * The variables of a `globalVarList` as the first step: they are set once, before all others. Of two
 * with one name the last counts; empty ones have nothing to set. Undefined where there is nothing to do.
 */
export function setGlobals({
  globals,
  format,
}: Pick<SourceSequence, 'globals' | 'format'>): GlobalsStep | undefined {
  const last = new Map<string, SourceVariable>();
  const needs: ImportNeed[] = [];
  for (const variable of globals) {
    const key = variable.name.trim().toLowerCase();
    const before = last.get(key);
    if (before !== undefined && before.value !== variable.value)
      needs.push({
        kind: 'setting',
        message: `The variable ${variable.name} stands twice in the list of variables, with two values; the last one counts`,
      });
    last.delete(key);
    last.set(key, variable);
  }
  const kept: { name: string; value: string }[] = [];
  const left: SourceVariable[] = [];
  for (const variable of last.values()) {
    const { name, value } = variable;
    if (value === '') continue;
    const problem = variableNameProblem(name);
    if (isSecretProperty(name))
      needs.push({
        kind: 'secret',
        message: `The value of ${name} stands in the file in plain text; it was not taken over`,
        hint: `Set it as a secret variable of a collection or device: metalwright variable set --collection <name> --secret ${name}`,
      });
    else if (problem !== undefined || value.length > MAX_VALUE)
      needs.push({
        kind: 'setting',
        message:
          problem === undefined
            ? `The variable ${name} has ${value.length} characters, more than ${MAX_VALUE}; it is not set`
            : `A variable of the list cannot be set: ${problem}`,
      });
    else {
      kept.push({ name: name.trim(), value });
      continue;
    }
    left.push(variable);
  }
  if (kept.length === 0 && left.length === 0) return undefined;
  const origin = originOf({ format, variables: left });
  return {
    node: {
      step: GLOBALS_STEP,
      type: 'set-dynamic-variables',
      ...(origin === undefined ? {} : { origin }),
      params: { rules: kept.length === 0 ? [] : [{ variables: kept }] },
    },
    needs,
  };
}
