import type { ErrorBody } from '#agent/protocol/error.ts';

/** What the server finds in a document, as its answers have it. */
export type ServerProblem = NonNullable<ErrorBody['problems']>[number];

/** A problem at its place. */
export interface PlacedProblem {
  /** The group or step: `steps[0].steps[1]`; empty for the sequence itself. */
  readonly node: string;
  /** What of it: `params.image.name`; empty for all of it. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Names that could be meant. */
  readonly candidates: readonly string[];
  readonly isWarning: boolean;
}

/** Puts a problem where it belongs by its path, `steps[0].params.image (line 7)`. */
export function placeProblem(problem: ServerProblem, isWarning: boolean): PlacedProblem {
  const path = (problem.path ?? '').replace(/ \(line \d+\)$/, '');
  const [node = ''] = /^(steps\[\d+\](\.steps\[\d+\])*)?/.exec(path) ?? [];
  return {
    node,
    field: path.slice(node.length).replace(/^\./, ''),
    code: problem.code,
    message: problem.message,
    hint: problem.hint,
    candidates: problem.candidates ?? [],
    isWarning,
  };
}

/** Problems by the path of their node. */
export function problemsByNode(
  problems: readonly PlacedProblem[],
): ReadonlyMap<string, readonly PlacedProblem[]> {
  return Map.groupBy(problems, ({ node }) => node);
}

/** What is wrong at a field, or in it where the form has no part for the inner place. */
export function problemsAt(
  problems: readonly PlacedProblem[],
  field: string,
): readonly PlacedProblem[] {
  return problems.filter((problem) => problem.field === field);
}

/** References that lead nowhere: such a sequence is not closed before they are put right (M15). */
export function brokenReferences(problems: readonly PlacedProblem[]): readonly PlacedProblem[] {
  return problems.filter(
    ({ code, isWarning }) =>
      !isWarning && (code === 'sequence.reference' || code.startsWith('sequence.child-')),
  );
}
