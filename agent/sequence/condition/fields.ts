import { z } from 'zod';
import { VARIABLE_MARK } from '../variables.ts';
import { comparisonOperators } from './comparison.ts';
import { parseVersion } from './dotted-version.ts';
import { parseInstant } from './instant.ts';

/** YAML reads `value: 3010` and `value: true` as number and boolean: both are their text here. */
export const ScalarText = z.union([
  z.string().max(4000),
  z.number().transform(String),
  z.boolean().transform(String),
]);

/** Whether a text has a `%Name%` in it, and so cannot be judged before the run. */
export function isOpen(text: string): boolean {
  return text.search(VARIABLE_MARK) >= 0;
}

/** A path of a file or folder, of a registry key: `%Name%` is put in, names of the system too. */
export const PathText = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  // oxlint-disable-next-line no-control-regex -- none of them can be in a path
  .regex(/^[^\x00-\x1f]*$/, 'a path has no control characters');

/** A version in a document; quoted, as YAML reads 10.10 as the number 10.1. */
export const VersionText = z
  .string('a version is text: put it in quotes, "10.0"')
  .trim()
  .max(300)
  .refine(
    (text) => isOpen(text) || parseVersion(text) !== undefined,
    'is no version: one to four numbers with dots, "10.0.19041.1"',
  );

/** A point in time in a document. */
export const InstantText = z
  .string('a time is text: "2024-05-31T14:00:00Z"')
  .trim()
  .max(300)
  .refine(
    (text) => isOpen(text) || parseInstant(text) !== undefined,
    'is no time: ISO 8601, "2024-05-31T14:00:00Z", UTC unless it says a zone',
  );

export const Comparison = z.enum(comparisonOperators);

/** Adds an issue at the one of two fields that is missing though the other is there. */
export function needsBoth(
  fields: Readonly<Record<string, unknown>>,
  [value, operator]: readonly [string, string],
  context: z.core.$RefinementCtx,
): void {
  if ((fields[value] === undefined) === (fields[operator] === undefined)) return;
  const [there, missing] = fields[value] === undefined ? [operator, value] : [value, operator];
  context.addIssue({ code: 'custom', path: [missing], message: `${there} needs ${missing}` });
}
