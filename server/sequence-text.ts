import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError, type SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { variableWarnings } from '#agent/sequence/variable-problems.ts';
import { type DocumentText, readDocumentText } from './document-text.ts';
import { plainSecretProblems } from './inventory/document-secrets.ts';

/** A task sequence as somebody wrote it: the checked one, and the document it was made from. */
export interface ReadSequence {
  readonly sequence: TaskSequence;
  readonly document: unknown;
  /** What looks like a mistake but may be meant; nothing is refused for it. */
  readonly warnings: readonly SequenceProblem[];
  /** ` (line 7)` for the nearest part of a path that is in the text: `steps[1].params`. */
  readonly lineOf: (path: string) => string;
}

/**
 * Reads a task sequence from YAML (1.2; JSON is part of it) and says of each problem on which line it is.
 * @throws {SequenceError} `sequence.text` when it is no YAML or JSON, `sequence.invalid` when it is no sequence
 */
export function readSequenceText(text: string, registry: StepRegistry): ReadSequence {
  const { value: document, lineOf } = readText(text);
  const placed = (problem: SequenceProblem): SequenceProblem => ({
    ...problem,
    path: `${problem.path}${lineOf(problem.path)}`,
  });
  try {
    const sequence = parseTaskSequence(document, registry);
    const warnings = variableWarnings(sequence, registry).map(placed);
    return { sequence, document, warnings, lineOf };
  } catch (failure) {
    if (!(failure instanceof SequenceError) || failure.problems.length === 0) throw failure;
    const problems = failure.problems.map(placed);
    throw new SequenceError(
      failure.code,
      problems.map((problem) => `${problem.path || 'document'}: ${problem.message}`).join('\n'),
      { problems, ...(failure.hint === undefined ? {} : { hint: failure.hint }) },
    );
  }
}

/**
 * Refuses a document that holds passwords in the clear: the server keeps none.
 * @throws {SequenceError} `sequence.secret`, with each place
 */
export function refusePlainSecrets({
  sequence,
  lineOf,
}: Pick<ReadSequence, 'sequence' | 'lineOf'>): void {
  const problems = plainSecretProblems(sequence).map((problem) => ({
    ...problem,
    path: `${problem.path}${lineOf(problem.path)}`,
  }));
  const [first] = problems;
  if (first === undefined) return;
  throw new SequenceError(
    'sequence.secret',
    problems.map(({ path, message }) => `${path}: ${message}`).join('\n'),
    { problems, ...(first.hint === undefined ? {} : { hint: first.hint }) },
  );
}

function readText(text: string): DocumentText {
  try {
    return readDocumentText(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SequenceError('sequence.text', `This is no YAML or JSON: ${message}`, {
      hint: 'look at that line and the one above it: indentation, quotes, colons; write the repeated parts out instead of using aliases',
    });
  }
}
