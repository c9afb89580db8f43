/** Lists of variables with a base name and a number, as installing steps read and downloads write them. */
import { z } from 'zod';
import type { StepVariables } from '#agent/sequence/step-variables.ts';
import { variableNameProblem } from '#agent/sequence/variables.ts';

/** The base of the names: `Apps` for Apps01, Apps02. */
export const BaseVariable = z
  .string()
  .max(250)
  .refine((name) => variableNameProblem(name) === undefined, 'no name of a writable variable');

/** The name of the nth variable of a list, from 1. */
export function listedName(base: string, number: number, digits: number): string {
  return `${base.trim()}${String(number).padStart(digits, '0')}`;
}

/** The values of a list, up to the first name that has none. */
export function listedValues(base: string, digits: number, variables: StepVariables): string[] {
  const values: string[] = [];
  for (;;) {
    const value = variables.value(listedName(base, values.length + 1, digits));
    if (value === undefined) return values;
    values.push(value);
  }
}
