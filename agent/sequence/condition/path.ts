import { z } from 'zod';
import type { PathFacts } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { decides } from './comparison.ts';
import { compareVersions, parseVersion, versionAtStart } from './dotted-version.ts';
import { Comparison, InstantText, needsBoth, PathText, VersionText } from './fields.ts';
import { parseInstant } from './instant.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

const modified = {
  modified: InstantText.optional().meta({
    title: 'Last modified',
    description: '"2024-05-31T14:00:00Z"; UTC unless it says a zone.',
  }),
  modifiedOperator: Comparison.optional().meta({ title: 'Last modified: operator' }),
};

/** File Properties: it exists, and its version and time of last modification are as wanted. */
export const FileExpression = z
  .strictObject({
    kind: z.literal('file').meta({ title: 'File Properties' }),
    path: PathText.meta({ title: 'Path' }),
    version: VersionText.optional().meta({ title: 'Version', description: 'In quotes.' }),
    versionOperator: Comparison.optional().meta({ title: 'Version: operator' }),
    ...modified,
  })
  .superRefine((fields, context) => {
    needsBoth(fields, ['version', 'versionOperator'], context);
    needsBoth(fields, ['modified', 'modifiedOperator'], context);
  });
export type FileExpression = z.output<typeof FileExpression>;

/** Folder Properties: it exists, and its time of last modification is as wanted. */
export const FolderExpression = z
  .strictObject({
    kind: z.literal('folder').meta({ title: 'Folder Properties' }),
    path: PathText.meta({ title: 'Path' }),
    ...modified,
  })
  .superRefine((fields, context) => needsBoth(fields, ['modified', 'modifiedOperator'], context));
export type FolderExpression = z.output<typeof FolderExpression>;

type PathExpression = FileExpression | FolderExpression;

/** The expression as people say it. */
export function describePath(expression: PathExpression): string {
  const { kind, path, modifiedOperator } = expression;
  const [version, operator] = wantedVersion(expression);
  const wishes = [
    ...(operator === undefined ? [] : [`version ${operator} ${version}`]),
    ...(modifiedOperator === undefined
      ? []
      : [`modified ${modifiedOperator} ${expression.modified}`]),
  ];
  return `${kind} "${path}" ${wishes.length === 0 ? 'exists' : wishes.join(', ')}`;
}

/**
 * A file or folder that is not there is false, whatever the operators.
 * @throws {QueryError} `query.no-version`, `query.value`
 */
export async function answerPath(
  expression: PathExpression,
  { query, signal }: ConditionGround,
): Promise<MachineAnswer> {
  const { kind, path } = expression;
  const facts = await query.path({ path, kind }, signal);
  if (facts === null) return { verdict: false, seen: `there is no such ${kind}` };
  const verdict = hasVersion(expression, facts) && hasTime(expression, facts);
  return { verdict, seen: seen(facts) };
}

function hasVersion(expression: PathExpression, { version: found }: PathFacts): boolean {
  const [wanted, operator] = wantedVersion(expression);
  if (wanted === undefined || operator === undefined) return true;
  const version = parseVersion(wanted);
  if (version === undefined)
    throw new QueryError('query.value', `${JSON.stringify(wanted)} is no version`);
  const actual = found === null ? undefined : versionAtStart(found);
  if (actual === undefined)
    throw new QueryError('query.no-version', `the file has no version that can be compared`);
  return decides[operator](compareVersions(actual, version));
}

function wantedVersion(expression: PathExpression) {
  return expression.kind === 'file'
    ? ([expression.version, expression.versionOperator] as const)
    : ([undefined, undefined] as const);
}

function hasTime(
  { modified, modifiedOperator }: PathExpression,
  { modifiedMs }: PathFacts,
): boolean {
  if (modified === undefined || modifiedOperator === undefined) return true;
  const wanted = parseInstant(modified);
  if (wanted === undefined)
    throw new QueryError('query.value', `${JSON.stringify(modified)} is no time`);
  const actual = Math.floor(modifiedMs / wanted.precisionMs) * wanted.precisionMs;
  return decides[modifiedOperator](actual - wanted.ms);
}

/** Farthest from 1970 that a Date can be. */
const MAX_DATE_MS = 8.64e15;

function seen({ modifiedMs, version }: PathFacts): string {
  const hasDate = Math.abs(modifiedMs) <= MAX_DATE_MS;
  const time = hasDate ? new Date(modifiedMs).toISOString() : `${modifiedMs} ms`;
  return `modified ${time}${version === null ? '' : `, version ${version}`}`;
}
