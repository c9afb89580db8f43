import type { z } from 'zod';
import { documentPath } from './document-path.ts';
import type { SequenceProblem } from './sequence-error.ts';
import type { StepDefinition } from './step.ts';
import { substitute, VARIABLE_MARK, type Variables } from './variables.ts';

/** Params with each `%Name%` put in, and the names that had no value. */
export interface SubstitutedParams {
  readonly params: unknown;
  readonly unknown: readonly string[];
}

/**
 * Puts variables into every string of a step's params, at any depth; keys stay as they are, and so do
 * the params that are named `verbatim`.
 */
export function substituteParams(
  params: unknown,
  variables: Variables,
  verbatim: readonly string[] = [],
): SubstitutedParams {
  const unknown = new Set<string>();
  const put = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const substituted = substitute(value, variables);
      for (const name of substituted.unknown) unknown.add(name);
      return substituted.text;
    }
    if (Array.isArray(value)) return value.map(put);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, put(inner)]));
    return value;
  };
  if (verbatim.length === 0 || typeof params !== 'object' || params === null)
    return { params: put(params), unknown: [...unknown] };
  const entries = Object.entries(params).map(([key, value]) => [
    key,
    verbatim.includes(key) ? value : put(value),
  ]);
  return { params: Object.fromEntries(entries), unknown: [...unknown] };
}

/**
 * Checks params as they stand in a document. What holds a `%Name%` cannot be judged before the run,
 * so a fault of just that value is let pass here and found by the step's schema when it runs.
 */
export function paramsProblems(
  definition: StepDefinition,
  params: unknown,
  path: string,
): readonly SequenceProblem[] {
  const parsed = definition.params.safeParse(params);
  if (parsed.success) return [];
  return parsed.error.issues
    .filter((issue) => !isOpen(issue, params))
    .map((issue) => problemOf(issue, path));
}

/** A fault as a problem of the document, at its place below `path`. */
export function problemOf(issue: z.core.$ZodIssue, path: string): SequenceProblem {
  const message = issue.code === 'invalid_union' ? unionMessage(issue) : issue.message;
  return { path: documentPath(path, issue.path), code: 'sequence.field', message };
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const texts = issue.errors.map((branch) =>
    branch.map(({ message, path }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    ),
  );
  const unique = new Set(texts.map((branch) => branch.join(', ')));
  return unique.size > 0 ? `${issue.message}: ${[...unique].join('; or ')}` : issue.message;
}

function isOpen(issue: z.core.$ZodIssue, value: unknown): boolean {
  const at = valueAt(value, issue.path);
  if (typeof at === 'string') return at.search(VARIABLE_MARK) >= 0;
  return (
    issue.code === 'invalid_union' &&
    issue.errors.some((branch) => branch.length > 0 && branch.every((inner) => isOpen(inner, at)))
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}
