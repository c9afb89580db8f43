import { LineCounter, parseDocument } from 'yaml';
import { parseTaskSequence, type StepRegistry, type TaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';

/** A task sequence as somebody wrote it: the checked one, and the document it was made from. */
export interface ReadSequence {
  readonly sequence: TaskSequence;
  readonly document: unknown;
}

/**
 * Reads a task sequence from YAML (1.2; JSON is part of it) and says of each problem on which line it is.
 * @throws {SequenceError} `sequence.text` when it is no YAML or JSON, `sequence.invalid` when it is no sequence
 */
export function readSequenceText(text: string, registry: StepRegistry): ReadSequence {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const [error] = parsed.errors;
  if (error !== undefined) {
    throw new SequenceError('sequence.text', `This is no YAML or JSON: ${error.message.trim()}`, {
      hint: 'look at that line and the one above it: indentation, quotes, colons',
    });
  }
  const document = toValue(() => parsed.toJS({ maxAliasCount: 50 }));
  try {
    return { sequence: parseTaskSequence(document, registry), document };
  } catch (failure) {
    if (!(failure instanceof SequenceError) || failure.problems.length === 0) throw failure;
    const problems = failure.problems.map((problem) => ({
      ...problem,
      path: `${problem.path}${lineOf(problem.path)}`,
    }));
    throw new SequenceError(
      failure.code,
      problems.map((problem) => `${problem.path || 'document'}: ${problem.message}`).join('\n'),
      { problems, ...(failure.hint === undefined ? {} : { hint: failure.hint }) },
    );
  }

  /** ` (line 7)` for the nearest part of the path that is in the text. */
  function lineOf(path: string): string {
    const keys = path
      .split(/[.[\]]+/)
      .filter((key) => key !== '')
      .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    for (let length = keys.length; length > 0; length -= 1) {
      const node = parsed.getIn(keys.slice(0, length), true);
      if (hasRange(node)) return ` (line ${lines.linePos(node.range[0]).line})`;
    }
    return '';
  }
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

/** Aliases that unfold without end are refused by the YAML reader with an error of its own. */
function toValue(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new SequenceError(
      'sequence.text',
      `This YAML cannot be unfolded: ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'write the repeated parts out instead of using aliases' },
    );
  }
}
