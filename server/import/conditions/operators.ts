import {
  type ComparisonOperator,
  comparisonOperators,
} from '#agent/sequence/condition/comparison.ts';
import { type VariableOperator, variableOperators } from '#agent/sequence/condition/variable.ts';

/** Other words for the same: the documentation of the class has one, the console writes the other. */
const synonyms = new Map([
  ['nonexists', 'notexists'],
  ['notexist', 'notexists'],
  ['exist', 'exists'],
  ['equal', 'equals'],
  ['notequal', 'notequals'],
  ['lessthan', 'less'],
  ['greaterthan', 'greater'],
  ['lessequals', 'lessequal'],
  ['greaterequals', 'greaterequal'],
  ['lessorequal', 'lessequal'],
  ['greaterorequal', 'greaterequal'],
]);

function plain(word: string): string {
  const lower = word.trim().toLowerCase();
  return synonyms.get(lower) ?? lower;
}

/** The operator of a variable, without case: `Equals`, `notequals`. */
export function variableOperatorOf(word: string): VariableOperator | undefined {
  return variableOperators.find((operator) => operator.toLowerCase() === plain(word));
}

/** The operator of a comparison. */
export function comparisonOf(word: string): ComparisonOperator | undefined {
  return comparisonOperators.find((operator) => operator.toLowerCase() === plain(word));
}

/** `exists` and `notExists`, which is also written `nonExists`. */
export function presenceOf(word: string): 'exists' | 'notExists' | undefined {
  const found = plain(word);
  return found === 'exists' ? 'exists' : found === 'notexists' ? 'notExists' : undefined;
}
