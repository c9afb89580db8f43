import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError, type SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { variableWarnings } from '#agent/sequence/variable-problems.ts';
import { type DocumentText, readDocumentText } from './document-text.ts';

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
